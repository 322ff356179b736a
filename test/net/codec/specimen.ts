// Packets of every codec, drawn from a seed: layers for `encode`, of the kinds that tshark tells
// apart. Ports are those that nobody registered, so that nobody guesses at payloads.
import fc from "fast-check";
import type { LayerInit } from "../../../bindings/core/index.ts";
import { ipv4Options, tcpOptions } from "../../../fuzz/arbitrary/index.ts";
import { Choice } from "./choice.ts";

export interface Specimen {
  readonly link: "ethernet" | "ip";
  readonly layers: readonly LayerInit[];
}

type Fields<Name extends LayerInit["layer"]> = Extract<LayerInit, { layer: Name }>["fields"];

const LOCAL_EXPERIMENT = 0x88b5; // an EtherType, IEEE 802
const EXPERIMENTS = [253, 254]; // protocols, RFC 3692
const VXLAN_PORT = 8472;
const FLANNEL_PORT = 8285;

export type CodecName =
  | "ethernet"
  | "vlan"
  | "arp"
  | "ipv4"
  | "fragments"
  | "icmp"
  | "igmp"
  | "udp"
  | "tcp"
  | "vxlan"
  | "ipip"
  | "flannel";

/** The layers of a packet behind Ethernet, and a tail of it that no length covers. */
type Draw = (from: Choice, options: OptionLists) => LayerInit[];

interface OptionLists {
  readonly ipv4: string;
  readonly tcp: string;
}

const DRAWS: Readonly<Record<CodecName, Draw>> = {
  ethernet: (from) => [ethernet(from, { etherType: LOCAL_EXPERIMENT }), payload(from, 46)],
  vlan: (from) => [
    ethernet(from, { etherType: from.one([0x8100, 0x88a8]) }),
    ...(from.bit() ? [vlan(from, { etherType: 0x8100 })] : []),
    ...(from.bit()
      ? [vlan(from, { etherType: LOCAL_EXPERIMENT }), payload(from)]
      : [vlan(from, {}), ...datagram(from)]),
  ],
  arp: (from) => [ethernet(from), arp(from), ...(from.bit() ? [padding(from, 18)] : [])],
  ipv4: (from, { ipv4: options }) => [
    ethernet(from),
    ipv4(from, { options, protocol: from.one(EXPERIMENTS) }),
    payload(from),
  ],
  fragments: (from) => {
    const fragmentOffset = from.bit() ? 8 * (1 + from.below(8190)) : 0;
    const moreFragments = fragmentOffset === 0 || from.bit();
    const fields = { fragmentOffset, moreFragments, protocol: 17, dontFragment: false };
    const head = ipv4(from, fields);
    if (fragmentOffset !== 0) return [ethernet(from), head, payload(from)];
    return [
      ethernet(from),
      head,
      udp(from, { length: 1000, checksum: from.word(16) }),
      payload(from),
    ];
  },
  icmp: (from) => [ethernet(from), ipv4(from), ...icmp(from)],
  igmp: (from) => [ethernet(from), ipv4(from), ...igmp(from)],
  udp: (from) => [ethernet(from), ...datagram(from)],
  tcp: (from, { tcp: options }) => {
    const rst = from.bit(); // tshark takes what comes with it for a reason in words
    const rest = rst || from.bit() ? [] : [payload(from)];
    return [ethernet(from), ipv4(from), tcp(from, { rst, options }), ...rest];
  },
  vxlan: (from) => [
    ethernet(from),
    ipv4(from),
    udp(from, { dstPort: VXLAN_PORT, ...(from.bit() && { checksum: 0 }) }),
    vxlan(from),
    ethernet(from),
    ...(from.bit() ? [arp(from)] : [ipv4(from), ...icmp(from)]),
  ],
  ipip: (from) => [ethernet(from), ipv4(from), ...datagram(from)],
  flannel: (from) => [
    ethernet(from),
    ipv4(from),
    udp(from, { srcPort: FLANNEL_PORT, dstPort: FLANNEL_PORT }),
    ...datagram(from),
  ],
};

const NOP = 1; // it and the end of the list have no length

export const CODECS: readonly CodecName[] = Object.keys(DRAWS) as CodecName[];

/** `count` packets of a codec, with Ethernet in front or, where that can be, without. */
export function specimens(codec: CodecName, seed: number, count: number): Specimen[] {
  const from = new Choice(seed);
  const drawn = (list: fc.Arbitrary<Uint8Array>): string[] =>
    fc.sample(list, { seed, numRuns: count }).map((bytes) => Buffer.from(bytes).toString("hex"));
  const [ofIpv4, ofTcp] = [drawn(ipv4Options), drawn(tcpOptions.filter(isCalm))];
  return Array.from({ length: count }, (_, at) => {
    const options = { ipv4: ofIpv4[at] ?? "", tcp: ofTcp[at] ?? "" };
    const layers = DRAWS[codec](from, options);
    const isBare = layers[1]?.layer === "ipv4" && from.below(4) === 0;
    return isBare ? { link: "ip", layers: layers.slice(1) } : { link: "ethernet", layers };
  });
}

/** tshark gives up the rest of a packet when one of these TCP options is not as it should be. */
const TOUCHY_KINDS = new Set([20, 21, 22, 23, 30, 76, 78]); // SCPS, MPTCP, Riverbed

function isCalm(options: Uint8Array): boolean {
  for (let at = 0; at < options.length; ) {
    const kind = options[at] ?? 0;
    if (TOUCHY_KINDS.has(kind)) return false;
    at += kind <= NOP ? 1 : (options[at + 1] ?? 0);
  }
  return true;
}

function ethernet(from: Choice, fields: Partial<Fields<"ethernet">> = {}): LayerInit {
  return { layer: "ethernet", fields: { dst: from.mac(), src: from.mac(), ...fields } };
}

function vlan(from: Choice, fields: Partial<Fields<"vlan">>): LayerInit {
  const pcp = from.word(3);
  return {
    layer: "vlan",
    fields: { pcp, dropEligible: from.bit(), vid: from.word(12), ...fields },
  };
}

function arp(from: Choice): LayerInit {
  const fields = {
    operation: from.one([1, 2]),
    senderMac: from.mac(),
    senderAddress: from.address(),
    targetMac: from.mac(),
    targetAddress: from.address(),
  };
  return { layer: "arp", fields };
}

function ipv4(from: Choice, fields: Partial<Fields<"ipv4">> = {}): LayerInit {
  const drawn = {
    tos: from.word(8),
    id: from.word(16),
    reserved: from.bit(),
    dontFragment: from.bit(),
    ttl: from.word(8),
    src: from.address(),
    dst: from.address(),
  };
  return { layer: "ipv4", fields: { ...drawn, ...fields } };
}

function datagram(from: Choice): LayerInit[] {
  const checksum = from.below(4) === 0 ? { checksum: 0 } : {};
  return [ipv4(from), udp(from, checksum), ...(from.below(8) === 0 ? [] : [payload(from)])];
}

function udp(from: Choice, fields: Partial<Fields<"udp">> = {}): LayerInit {
  return { layer: "udp", fields: { srcPort: port(from), dstPort: port(from), ...fields } };
}

function port(from: Choice): number {
  return 61_000 + from.below(4000);
}

function tcp(from: Choice, fields: Partial<Fields<"tcp">>): LayerInit {
  const drawn = {
    srcPort: port(from),
    dstPort: port(from),
    sequence: from.word(32),
    acknowledgment: from.word(32),
    reserved: from.word(3),
    ns: from.bit(),
    cwr: from.bit(),
    ece: from.bit(),
    urg: from.bit(),
    ack: from.bit(),
    psh: from.bit(),
    syn: from.bit(),
    fin: from.bit(),
    window: from.word(16),
    urgentPointer: from.word(16),
  };
  return { layer: "tcp", fields: { ...drawn, ...fields } };
}

const UNREACHABLE_CODES = 16;

/** Every kind: echoes, other questions, and errors with what they quote. */
function icmp(from: Choice): LayerInit[] {
  const kind = from.below(8);
  const code = from.below(UNREACHABLE_CODES);
  if (kind < 2) {
    const fields = { type: kind * 8, id: from.word(16), sequence: from.word(16) };
    return [{ layer: "icmp", fields }, echoed(from)];
  }
  if (kind === 2) return [{ layer: "icmp", fields: { type: 10, rest: 0 } }];
  const errors: Fields<"icmp">[] = [
    code === 4 ? { type: 3, code, nextHopMtu: from.word(16) } : { type: 3, code },
    { type: 4, unused: from.word(16) }, // above would be a length (RFC 4884)
    { type: 5, code: from.below(4), gateway: from.address() },
    { type: 11, code: from.below(2) },
    { type: 12, pointer: from.word(8) },
  ];
  return [{ layer: "icmp", fields: errors[kind - 3] as Fields<"icmp"> }, ...quote(from)];
}

/** What a router has of the offender: all of it, or the header and eight bytes of the rest. */
function quote(from: Choice): LayerInit[] {
  const isWhole = from.bit();
  const len = isWhole ? 8 : 16 + 8 * from.word(7);
  const head = ipv4(from, { totalLength: 20 + len });
  const checksum = isWhole ? {} : { checksum: from.word(16) };
  if (from.bit()) return [head, udp(from, { length: len, ...checksum })];
  const echo = { type: 8, id: from.word(16), sequence: from.word(16), ...checksum };
  return [head, { layer: "icmp", fields: echo }];
}

/** Every type; the records of a report of version 3 are a payload. */
function igmp(from: Choice): LayerInit[] {
  const type = from.one([0x11, 0x12, 0x16, 0x17, 0x22]);
  if (type === 0x22) {
    const records = Array.from({ length: 1 + from.below(3) }, () => `04000000ef${from.hex(3)}`);
    const fields = { type, groupRecords: records.length };
    const data = records.join("");
    return [
      { layer: "igmp", fields },
      { layer: "payload", fields: { data } },
    ];
  }
  const group = `239.${from.below(256)}.${from.below(256)}.${from.below(256)}`;
  return [{ layer: "igmp", fields: { type, maxRespTime: from.word(8), group } }];
}

/** With a group policy, or without; never with bits that are reserved. */
function vxlan(from: Choice): LayerInit {
  const vni = from.word(24);
  if (from.bit()) return { layer: "vxlan", fields: { vni } };
  const policy = { policy: true, dontLearn: from.bit(), policyApplied: from.bit() };
  return { layer: "vxlan", fields: { vni, ...policy, policyId: from.word(16) } };
}

function payload(from: Choice, least = 1): LayerInit {
  return { layer: "payload", fields: { data: from.hex(least + from.below(64)) } };
}

/** Nothing that tshark would take for the time that pings carry. */
function echoed(from: Choice): LayerInit {
  return { layer: "payload", fields: { data: `7f7f7f7f7f7f7f7f${from.hex(from.below(64))}` } };
}

function padding(from: Choice, len: number): LayerInit {
  return { layer: "padding", fields: { data: from.bit() ? "00".repeat(len) : from.hex(len) } };
}
