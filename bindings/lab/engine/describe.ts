// What a packet is called: by what its bytes say.
import { type Core, type DecodedLayer, decode, type LayerName } from "../../core/index.ts";
import type { Description, Link } from "./journey.ts";

type Layer<Name extends LayerName> = Extract<DecodedLayer, { readonly layer: Name }>;

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const ARP_REQUEST = 1;
const DNS_PORT = 53;

/** Of a packet as it is sent: nothing is wrapped around it yet. */
export function describe(core: Core, bytes: Uint8Array, link: Link): Description {
  const { layers } = decode(core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" });
  const arp = find(layers, "arp");
  if (arp !== undefined) return describeArp(arp);
  const ip = find(layers, "ipv4");
  if (ip === undefined) return describeFrame(layers);
  const ends = { from: ip.fields.src, to: ip.fields.dst };
  const icmp = find(layers, "icmp");
  if (icmp !== undefined) return { ...ends, ...describeIcmp(icmp) };
  const udp = find(layers, "udp");
  if (udp !== undefined) return { ...ends, ...describeUdp(udp) };
  const tcp = find(layers, "tcp");
  if (tcp !== undefined) return { ...ends, ...describeTcp(tcp) };
  return { ...ends, kind: "other", label: `IP protocol ${ip.fields.protocol}` };
}

function find<Name extends LayerName>(
  layers: readonly DecodedLayer[],
  name: Name,
): Layer<Name> | undefined {
  return layers.find((each): each is Layer<Name> => each.layer === name);
}

function describeArp({ fields }: Layer<"arp">): Description {
  const { operation, senderAddress, senderMac, targetAddress } = fields;
  const ends = { from: senderAddress, to: targetAddress };
  if (operation === ARP_REQUEST) {
    return { ...ends, kind: "arp-request", label: `ARP who has ${targetAddress}` };
  }
  return { ...ends, kind: "arp-reply", label: `ARP ${senderAddress} is at ${senderMac}` };
}

function describeFrame(layers: readonly DecodedLayer[]): Description {
  const frame = find(layers, "ethernet");
  if (frame === undefined) return { kind: "other", from: "", to: "", label: "Bytes" };
  const { src, dst, etherType } = frame.fields;
  const type = etherType.toString(16).padStart(4, "0");
  return { kind: "other", from: src, to: dst, label: `Frame of type 0x${type}` };
}

type Named = Pick<Description, "kind" | "label">;

function describeIcmp({ fields }: Layer<"icmp">): Named {
  const { type, code, sequence } = fields;
  if (type === ECHO_REQUEST) return { kind: "echo-request", label: `Echo request ${sequence}` };
  if (type === ECHO_REPLY) return { kind: "echo-reply", label: `Echo reply ${sequence}` };
  return { kind: "icmp-error", label: `ICMP ${type}/${code}` };
}

function describeUdp({ fields, headerLen, len }: Layer<"udp">): Named {
  const { srcPort, dstPort } = fields;
  const kind = srcPort === DNS_PORT || dstPort === DNS_PORT ? "dns" : "udp";
  return { kind, label: `UDP ${srcPort} > ${dstPort}, ${len - headerLen} bytes` };
}

function describeTcp({ fields, headerLen, len }: Layer<"tcp">): Named {
  const flags = (["syn", "fin", "rst", "psh", "ack"] as const).filter((flag) => fields[flag]);
  const said = flags.map((flag) => flag.toUpperCase()).join(" ");
  const what = len > headerLen ? `${said}, ${len - headerLen} bytes` : said;
  return { kind: "tcp", label: `TCP ${fields.srcPort} > ${fields.dstPort} ${what}` };
}
