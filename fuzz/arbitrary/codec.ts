// Every codec as packets of three qualities.
import fc from "fast-check";
import { vlan } from "../../test/model/headers.ts";
import { arp, bytesOf, ethernet, ipv4, join, udp, vxlan } from "../../test/model/packet.ts";
import { ipv4Of, macOf } from "./address.ts";
import { icmpBody, igmpBody, plainUdp, tcpBody } from "./body.ts";
import { carry, head, ipv4Codec, plainPackets } from "./carry.ts";
import { CAST, type Cast } from "./cast.ts";
import { type Codec, codecOf } from "./form.ts";
import { payload } from "./noise.ts";

type Bytes = fc.Arbitrary<Uint8Array>;

export type CodecName =
  | "ethernet"
  | "vlan"
  | "arp"
  | "ipv4"
  | "icmp"
  | "igmp"
  | "udp"
  | "tcp"
  | "vxlan"
  | "ipip"
  | "udpTunnel";

/** UDP ports that VXLAN is found on: Linux and flannel, RFC 7348, and Weave. */
export const VXLAN_PORTS: readonly number[] = [8472, 4789, 6784];

/** The UDP port of flannel's UDP backend. */
export const UDP_TUNNEL_PORT = 8285;

const ETHERNET_LEN = 14;
const TAG_LEN = 4;
const FRAME_LEN_MIN = 60; // without the check sequence
const ETHER_TYPE_EXPERIMENT = 0x88b5; // IEEE 802, local experimental
const PORT = 49152;

/**
 * Generators for every codec, by name. Addresses, MACs and VNIs come from `cast` for the most part;
 * what a tunnel carries is a legal packet of another codec; VXLAN may have the policy bits of
 * draft-smith-vxlan-group-policy.
 */
export function codecs(cast: Cast = CAST): Readonly<Record<CodecName, Codec>> {
  const packets = plainPackets(cast);
  const arpCodec = arpOf(cast);
  const ethernetCodec = ethernetOf(cast, packets, arpCodec.legal);
  return {
    ethernet: ethernetCodec,
    vlan: vlanOf(cast, packets),
    arp: arpCodec,
    ipv4: ipv4Codec(cast),
    icmp: carry(cast, icmpBody(cast)),
    igmp: carry(cast, igmpBody),
    udp: carry(cast, plainUdp),
    tcp: carry(cast, tcpBody),
    vxlan: vxlanOf(cast, ethernetCodec.legal),
    ipip: tunnelOf(cast, packets, (inner) => ({ protocol: 4, bytes: inner })),
    udpTunnel: tunnelOf(cast, packets, (inner) => {
      const ports = { srcPort: UDP_TUNNEL_PORT, dstPort: UDP_TUNNEL_PORT };
      return { protocol: 17, bytes: udp({ ...ports, checksum: 0 }, inner) };
    }),
  };
}

function ends(cast: Cast): { dst: fc.Arbitrary<string>; src: fc.Arbitrary<string> } {
  return { dst: macOf(...cast.stations), src: macOf(...cast.stations) };
}

// Short frames may be filled up with zeros, as a device does.
function filled(bytes: Uint8Array, isFilled: boolean): Uint8Array {
  const missing = isFilled ? Math.max(0, FRAME_LEN_MIN - bytes.length) : 0;
  return join(bytes, new Uint8Array(missing));
}

interface FrameBody {
  readonly etherType: number;
  readonly bytes: Uint8Array;
}

function bodies(packets: Bytes): fc.Arbitrary<FrameBody> {
  return fc.oneof(
    { arbitrary: packets.map((bytes) => ({ etherType: 0x0800, bytes })), weight: 4 },
    {
      arbitrary: payload.map((bytes) => ({ etherType: ETHER_TYPE_EXPERIMENT, bytes })),
      weight: 1,
    },
  );
}

function ethernetOf(cast: Cast, packets: Bytes, arpFrames: Bytes): Codec {
  const messages = arpFrames.map((frame) => frame.slice(ETHERNET_LEN));
  const body = fc.oneof(
    { arbitrary: bodies(packets), weight: 4 },
    { arbitrary: messages.map((bytes) => ({ etherType: 0x0806, bytes })), weight: 1 },
  );
  return codecOf({
    link: "ethernet",
    fields: fc.record({ ...ends(cast), body, isFilled: fc.boolean() }),
    wholeLen: ETHERNET_LEN,
    build: ({ body: { etherType, bytes }, isFilled, ...macs }) => {
      return filled(ethernet({ ...macs, etherType }, bytes), isFilled);
    },
  });
}

function vlanOf(cast: Cast, packets: Bytes): Codec {
  const tag = fc.record({
    vid: fc.nat(4095),
    priority: fc.nat(7),
    dropEligible: fc.boolean(),
  });
  return codecOf({
    link: "ethernet",
    fields: fc.record({ ...ends(cast), tag, body: bodies(packets), isFilled: fc.boolean() }),
    wholeLen: ETHERNET_LEN + TAG_LEN,
    build: ({ tag: fields, body: { etherType, bytes }, isFilled, ...macs }) => {
      const tagged = vlan({ ...fields, etherType }, bytes);
      return filled(ethernet({ ...macs, etherType: 0x8100 }, tagged), isFilled);
    },
  });
}

// Hardware, protocol and the lengths of both addresses: Ethernet and IPv4.
const ARP_KIND = "000108000604";

function arpOf(cast: Cast): Codec {
  const message = fc.record({
    kind: fc.constant<string>(ARP_KIND),
    operation: fc.constantFrom<number[]>(1, 2),
    senderMac: macOf(...cast.stations),
    senderAddress: ipv4Of(...cast.hosts),
    targetMac: macOf(...cast.stations),
    targetAddress: ipv4Of(...cast.hosts),
    macs: fc.record(ends(cast)),
  });
  return codecOf({
    link: "ethernet",
    fields: message,
    lies: fc.oneof(
      fc.record({
        kind: fc.constantFrom("000608000604", "000186dd0604", "000108000804", "000108000610"),
      }),
      fc.record({ operation: fc.constantFrom(0, 3, 8, 0xffff) }),
    ),
    wholeLen: Number.POSITIVE_INFINITY,
    build: ({ kind, macs, ...fields }) => {
      const rest = arp(fields).slice(ARP_KIND.length / 2);
      return ethernet({ ...macs, etherType: 0x0806 }, join(bytesOf(kind), rest));
    },
  });
}

const I_FLAG = 0x08;
const G_FLAG = 0x80; // a group policy follows in bytes 1 to 3

// Don't learn, policy applied, and the group.
const policy = fc
  .record({ bits: fc.constantFrom(0, 0x40, 0x08, 0x48), id: fc.nat(0xffff) })
  .map(({ bits, id }) => ({ flags: I_FLAG | G_FLAG, reserved: bits * 0x10000 + id }));

function vxlanOf(cast: Cast, frames: Bytes): Codec {
  return codecOf({
    link: "ip",
    fields: fc.record({
      ip: head(cast),
      dstPort: fc.constantFrom(...VXLAN_PORTS),
      hasChecksum: fc.boolean(),
      vni: fc.oneof(fc.constantFrom(...cast.vnis), fc.nat(0xffffff)),
      header: fc.oneof(fc.constant({ flags: I_FLAG, reserved: 0 }), policy),
      inner: frames,
      cutTo: fc.constant(Number.POSITIVE_INFINITY),
    }),
    lies: fc.oneof(
      fc.record({ header: fc.constantFrom(0, G_FLAG).map((flags) => ({ flags, reserved: 0 })) }),
      fc.record({ cutTo: fc.nat(7) }),
    ),
    wholeLen: Number.POSITIVE_INFINITY,
    build: ({ ip, dstPort, hasChecksum, vni, header, inner, cutTo }) => {
      const bytes = vxlan({ vni, ...header }, inner).slice(0, cutTo);
      const sum = hasChecksum ? { pseudo: ip } : { checksum: 0 };
      return ipv4({ ...ip, protocol: 17 }, udp({ srcPort: PORT, dstPort, ...sum }, bytes));
    },
  });
}

const SUM_AT = 10; // of the checksum in an IPv4 header

/** A packet in a packet. The lies are told of the inner one. */
function tunnelOf(
  cast: Cast,
  packets: Bytes,
  carried: (inner: Uint8Array) => { protocol: number; bytes: Uint8Array },
): Codec {
  return codecOf({
    link: "ip",
    fields: fc.record({
      ip: head(cast),
      inner: packets,
      missing: fc.constant<number>(0),
      checksumError: fc.constant<number>(0),
    }),
    lies: fc.oneof(
      fc.record({ missing: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ checksumError: fc.integer({ min: 1, max: 255 }) }),
    ),
    wholeLen: Number.POSITIVE_INFINITY,
    build: ({ ip, inner, missing, checksumError }) => {
      const bytes = inner.slice(0, Math.max(0, inner.length - missing));
      if (bytes.length > SUM_AT) bytes[SUM_AT] = (bytes[SUM_AT] ?? 0) ^ checksumError;
      const { protocol, bytes: body } = carried(bytes);
      return ipv4({ ...ip, protocol }, body);
    },
  });
}
