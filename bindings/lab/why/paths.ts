// Which fields show a value of the sentence. A value is in the packet as it left, or, where it
// ended, as it came; whoever renders it takes the first of these fields that is there.
import type { FieldPath } from "../trace/trace.ts";
import type { Verdict } from "../trace/verdict.ts";

type Slots = Readonly<Record<string, readonly FieldPath[]>>;

const PORT_OF_UDP: readonly FieldPath[] = ["outer.udp.dport", "udp.dport"];
const PORT_OF_ANY: readonly FieldPath[] = ["tcp.dport", "udp.dport"];
const TTL: readonly FieldPath[] = ["ip.ttl"];

const ALWAYS: Slots = {
  dst: ["ip.dst"],
  src: ["ip.src", "outer.ip.src"],
  mac: ["eth.dst"],
  all: ["eth.dst"],
  group: ["eth.dst"],
  ip: ["arp.targetAddress", "ip.dst"],
  vtep: ["outer.ip.dst"],
  vni: ["vxlan.vni"],
  ttl: TTL,
  ttl1: TTL,
};

const PEER: Slots = { src: ["outer.ip.src"] };
const PORT: Slots = { port: PORT_OF_ANY };
const WRAPPED: Slots = { port: PORT_OF_UDP };

const OF_VERDICT: Partial<Readonly<Record<Verdict, Slots>>> = {
  "arp-answer": { ip: ["arp.senderAddress"] },
  "arp-proxy": { ip: ["arp.senderAddress"], mac: ["arp.senderMac"] },
  "encap-vxlan": WRAPPED,
  "encap-udp": WRAPPED,
  "encap-weave": WRAPPED,
  "encap-ipip": { nh: ["outer.ip.dst"] },
  snat: { b: ["ip.src"] },
  dnat: { b: ["ip.dst"] },
  unnat: { a: ["ip.dst", "ip.src"] },
  deliver: PORT,
  "drop-port": PORT,
  "drop-vni": { a: ["vxlan.vni"] },
  "drop-csum": { a: ["udp.checksum", "tcp.checksum", "icmp.checksum", "ip.checksum"] },
  "drop-mtu": { n: ["ip.totalLength"] },
  "drop-mtu-quiet": { n: ["ip.totalLength"] },
  "drop-peer": PEER,
};

/** The fields that show a slot of this verdict's sentence. */
export function pathsOf(verdict: Verdict, slot: string): readonly FieldPath[] {
  return OF_VERDICT[verdict]?.[slot] ?? ALWAYS[slot] ?? [];
}
