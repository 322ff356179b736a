// Layers as a host gives them to encode: nothing in them that it can find out by itself, tunnels in
// tunnels, tags, quotes, fragments and padding.
import fc from "fast-check";
import type { LayerInit } from "../bindings/core/index.ts";
import { hexOf } from "../test/model/packet.ts";
import {
  anyIpv4,
  anyMac,
  ipv4Options,
  noise,
  tcpOptions,
  UDP_TUNNEL_PORT,
  VXLAN_PORTS,
} from "./arbitrary/index.ts";

export type Stack = readonly LayerInit[];
type Stacks = fc.Arbitrary<Stack>;

const byte = fc.nat(0xff);
const word = fc.nat(0xffff);
const long = fc.nat(0xffffffff);
const flag = fc.boolean();
const hex = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<string> => bytes.map(hexOf);

const plainPort = word.filter((port) => port !== UDP_TUNNEL_PORT && !VXLAN_PORTS.includes(port));
const UNKNOWN = { etherTypes: [0x86dd, 0x88b5, 1501, 0xffff], protocols: [0, 47, 253] };
const ICMP_QUERIES = [9, 13, 14, 17, 40, 255];

function layer<Name extends LayerInit["layer"]>(
  name: Name,
  fields: fc.Arbitrary<Extract<LayerInit, { layer: Name }>["fields"]>,
): Stacks {
  return fields.map((each) => [{ layer: name, fields: each } as LayerInit]);
}

const data: Stacks = hex(noise(40)).map((text) =>
  text === "" ? [] : [{ layer: "payload", fields: { data: text } }],
);

function joined(...parts: readonly Stacks[]): Stacks {
  return fc.tuple(...parts).map((stacks) => stacks.flat());
}

const ends = { src: anyIpv4, dst: anyIpv4 };
const ipv4Fields = {
  ...ends,
  tos: byte,
  id: word,
  ttl: byte,
  reserved: flag,
  dontFragment: flag,
  options: hex(ipv4Options),
};
const ipv4 = layer("ipv4", fc.record(ipv4Fields));
const unknownIpv4 = layer(
  "ipv4",
  fc.record({ ...ipv4Fields, protocol: fc.constantFrom(...UNKNOWN.protocols) }),
);
const laterFragment = layer(
  "ipv4",
  fc.record({
    ...ipv4Fields,
    protocol: byte,
    moreFragments: flag,
    fragmentOffset: fc.integer({ min: 1, max: 0x1fff }).map((units) => units * 8),
  }),
);

const udpTo = (dstPort: fc.Arbitrary<number>): Stacks =>
  layer("udp", fc.record({ srcPort: word, dstPort }));

const tcp = layer(
  "tcp",
  fc.record({
    srcPort: word,
    dstPort: word,
    sequence: long,
    acknowledgment: long,
    reserved: fc.nat(7),
    ns: flag,
    cwr: flag,
    ece: flag,
    urg: flag,
    ack: flag,
    psh: flag,
    rst: flag,
    syn: flag,
    fin: flag,
    window: word,
    urgentPointer: word,
    options: hex(tcpOptions),
  }),
);

const query = layer(
  "icmp",
  fc.oneof(
    fc.record({ type: fc.constantFrom(0, 8), code: byte, id: word, sequence: word }),
    fc.record({ type: fc.constantFrom(...ICMP_QUERIES), code: byte, rest: long }),
  ),
);

const error = layer(
  "icmp",
  fc.oneof(
    fc.record({ type: fc.constant(3), code: fc.constant(4), unused: word, nextHopMtu: word }),
    fc.record({ type: fc.constant(3), code: fc.constantFrom(0, 1, 3, 13, 255), unused: long }),
    fc.record({ type: fc.constantFrom(4, 11), code: byte, unused: long }),
    fc.record({ type: fc.constant(5), code: byte, gateway: anyIpv4 }),
    fc.record({ type: fc.constant(12), code: byte, pointer: byte, unused: fc.nat(0xffffff) }),
  ),
);

const igmp = layer(
  "igmp",
  fc.oneof(
    fc.record({
      type: byte.filter((type) => type !== 0x22),
      maxRespTime: byte,
      group: anyIpv4,
    }),
    fc.record({ type: fc.constant(0x22), reserved: byte, flags: word, groupRecords: word }),
  ),
);

const vxlan = layer(
  "vxlan",
  fc.record({
    policy: flag,
    dontLearn: flag,
    policyApplied: flag,
    policyId: word,
    vni: fc.nat(0xffffff),
    reservedFlags: word.map((bits) => bits & 0x77b7),
    reserved: byte,
  }),
);

const arp = layer(
  "arp",
  fc.record({
    operation: word,
    senderMac: anyMac,
    senderAddress: anyIpv4,
    targetMac: anyMac,
    targetAddress: anyIpv4,
  }),
);

const macs = { dst: anyMac, src: anyMac };
const tag = { pcp: fc.nat(7), dropEligible: flag, vid: fc.nat(0xfff) };
const ethernet = layer("ethernet", fc.record(macs));
const etherType = fc.constantFrom(...UNKNOWN.etherTypes);
const unknownFrame = fc.oneof(
  layer("ethernet", fc.record({ ...macs, etherType })),
  joined(ethernet, layer("vlan", fc.record({ ...tag, etherType }))),
);
const tags: Stacks = fc
  .array(layer("vlan", fc.record(tag)), { maxLength: 2 })
  .map((stacks) => stacks.flat());

/** Packets that lie `depth` deep, with at most `more` around one another inside. */
export function packets(depth: number, more: number): Stacks {
  const plain = [
    joined(ipv4, udpTo(plainPort), data),
    joined(ipv4, tcp, data),
    joined(ipv4, query, data),
    joined(ipv4, igmp, data),
    joined(unknownIpv4, data),
    joined(laterFragment, data),
  ];
  if (more === 0) return fc.oneof(...plain);
  const inner = packets(depth + 1, more - 1);
  return fc.oneof(
    ...plain,
    joined(ipv4, inner),
    joined(ipv4, udpTo(fc.constant(UDP_TUNNEL_PORT)), inner),
    joined(ipv4, error, inner),
    joined(ipv4, udpTo(fc.constantFrom(...VXLAN_PORTS)), vxlan, frames(depth + 1, more - 1)),
  );
}

/** The same for frames. */
export function frames(depth: number, more: number): Stacks {
  const padding: Stacks = hex(noise(18)).map((text) =>
    text === "" ? [] : [{ layer: "padding", depth, fields: { data: text } }],
  );
  return fc.oneof(
    joined(ethernet, tags, packets(depth, more), padding),
    joined(ethernet, tags, arp, padding),
    joined(unknownFrame, data),
  );
}
