// A host that translates as docker does: a bridge with containers, a device to the outside, and
// both hooks around the router. Devices carry bare IP packets, so no ARP is in the way.
import {
  type Burst,
  type Caps,
  type Core,
  decode,
  encode,
  type HeddleNode,
  type LayerInit,
  type RuleInit,
  type VerdictName,
} from "../../../bindings/core/index.ts";

export const BRIDGE = 0;
export const OUTSIDE = 1;

export const GATEWAY = "172.17.0.1";
export const HOST = "10.168.0.2";
export const WEB = "172.17.0.2"; // the container whose port 80 is published
export const OTHER = "172.17.0.3";
export const CLIENT = "10.168.0.77";
export const SERVER = "192.0.2.53";
export const PUBLISHED = 8080;

const SYN = { syn: true };
const HELLO = "68656c6c6f";

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

const published = { protocol: TCP, firstPort: PUBLISHED, lastPort: PUBLISHED } as const;
const toWeb = { action: "dnat", toAddress: WEB, toPort: 80 } as const;

/** What dockerd asks of iptables for `-p 8080:80`. */
export const DOCKER_RULES: readonly RuleInit[] = [
  { hook: "prerouting", ...published, ...toWeb, port: BRIDGE, flags: ["targetLocal", "notPort"] },
  { hook: "output", ...published, ...toWeb, flags: ["targetLocal"] },
  {
    ...{ hook: "postrouting", action: "masquerade", source: "172.17.0.0/16" },
    ...{ port: BRIDGE, flags: ["notPort"] },
  },
  {
    ...{ hook: "postrouting", action: "masquerade", source: `${WEB}/32`, target: `${WEB}/32` },
    ...{ protocol: TCP, firstPort: 80, lastPort: 80 },
  },
];

/** What became of a packet: where it went and how, or who stopped it and why. */
export interface Fate {
  readonly verdict: VerdictName;
  readonly port: number | null;
  readonly bytes: Uint8Array;
  /** What the router answered instead. */
  readonly errors: readonly Uint8Array[];
}

export class DockerHost {
  readonly node: HeddleNode;
  nowMs = 0;
  dice = 1;
  readonly #burst: Burst;

  constructor(core: Core, caps: Partial<Caps> = {}, rules: readonly RuleInit[] = DOCKER_RULES) {
    this.node = core.openNode({ conns: 16, rules: 16, slots: 64, seed: 7n, ...caps });
    const { ports, hops, routes } = this.node;
    ports.set({ index: BRIDGE, kind: "ip", ipv4: GATEWAY, prefixLen: 16 });
    ports.set({ index: OUTSIDE, kind: "ip", ipv4: HOST, prefixLen: 24 });
    routes.set({ prefix: "172.17.0.0/16", hop: hops.set({ kind: "connected", port: BRIDGE }) });
    routes.set({ prefix: "0.0.0.0/0", hop: hops.set({ kind: "connected", port: OUTSIDE }) });
    const local = hops.set({ kind: "local" });
    routes.set([
      { prefix: `${GATEWAY}/32`, hop: local },
      { prefix: `${HOST}/32`, hop: local },
    ]);
    for (const rule of rules) this.node.rules.set(rule);
    this.#burst = this.node.openBurst({ capacity: 4 });
  }

  /** A packet that comes in by `port`, or is the host's own, up to where it leaves. */
  pass(port: number | null, bytes: Uint8Array): Fate {
    const before = this.hook(port, bytes, false);
    if (before.verdict !== "consumed") return before;
    const routed = this.#run("route_burst", port, before.bytes, []);
    if (routed.verdict !== "consumed") return routed;
    return this.hook(routed.port, routed.bytes, true);
  }

  /** One of the hooks alone. */
  hook(port: number | null, bytes: Uint8Array, isAfter: boolean): Fate {
    return this.#run("nat_burst", port, bytes, isAfter ? ["afterRouting"] : []);
  }

  #run(
    element: "nat_burst" | "route_burst",
    port: number | null,
    bytes: Uint8Array,
    flags: readonly "afterRouting"[],
  ): Fate {
    const burst = this.#burst;
    burst.clear();
    burst.push({ bytes, port, flags: ["l3"] });
    burst.run(element, this.nowMs, 0, this.dice, flags);
    const outs = Array.from({ length: burst.outCount }, (_, at) => burst.outBytes(at));
    const { verdict } = burst.inAt(0);
    const isSent = verdict === "consumed";
    return {
      verdict,
      port: isSent ? burst.outAt(0).port : null,
      bytes: outs[0] ?? new Uint8Array(),
      errors: isSent ? [] : outs,
    };
  }
}

export function tcp(ends: string, flags: object = SYN, data: string = HELLO): Uint8Array {
  const [[src, srcPort], [dst, dstPort]] = endsOf(ends);
  return encode([
    { layer: "ipv4", fields: { src, dst, ttl: 64 } },
    { layer: "tcp", fields: { srcPort, dstPort, ...flags } },
    { layer: "payload", fields: { data } },
  ] as LayerInit[]);
}

export function udp(ends: string, fields: object = {}): Uint8Array {
  const [[src, srcPort], [dst, dstPort]] = endsOf(ends);
  return encode([
    { layer: "ipv4", fields: { src, dst, ttl: 64 } },
    { layer: "udp", fields: { srcPort, dstPort, ...fields } },
    { layer: "payload", fields: { data: HELLO } },
  ] as LayerInit[]);
}

/** An echo, or with type 0 its reply; `ends` have no ports. */
export function echo(ends: string, id: number, type = 8): Uint8Array {
  const [[src], [dst]] = endsOf(ends);
  return encode([
    { layer: "ipv4", fields: { src, dst, ttl: 64 } },
    { layer: "icmp", fields: { type, code: 0, id, sequence: 1 } },
    { layer: "payload", fields: { data: "6162636465" } },
  ] as LayerInit[]);
}

/** An ICMP error that quotes `len` bytes of a packet. */
export function icmpError(ends: string, about: Uint8Array, len: number = about.length): Uint8Array {
  const [[src], [dst]] = endsOf(ends);
  const headers = encode([
    { layer: "ipv4", fields: { src, dst, ttl: 64, protocol: ICMP, totalLength: 28 + len } },
    { layer: "icmp", fields: { type: 3, code: 3, checksum: 0 } },
  ] as LayerInit[]);
  const whole = new Uint8Array([...headers, ...about.subarray(0, len)]);
  const view = new DataView(whole.buffer);
  view.setUint16(22, sumOf(whole.subarray(20)));
  return whole;
}

/** A packet without options as two fragments, the first with `len` bytes behind its header. */
export function inFragments(whole: Uint8Array, len: number): [Uint8Array, Uint8Array] {
  const header = whole.subarray(0, 20);
  const first = new Uint8Array([...header, ...whole.subarray(20, 20 + len)]);
  const last = new Uint8Array([...header, ...whole.subarray(20 + len)]);
  stamp(first, 0x2000);
  stamp(last, len / 8);
  return [first, last];
}

/** The packet that these are fragments of. */
export function joined([first, last]: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const whole = new Uint8Array([...first, ...last.subarray(20)]);
  stamp(whole, 0);
  return whole;
}

// Makes the header right: its length, this fragment word, and the checksum.
function stamp(packet: Uint8Array, fragment: number): void {
  const view = new DataView(packet.buffer, packet.byteOffset);
  view.setUint16(2, packet.length);
  view.setUint16(6, fragment);
  view.setUint16(10, 0);
  view.setUint16(10, sumOf(packet.subarray(0, 20)));
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += (bytes[at] as number) << (at % 2 === 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function endsOf(ends: string): [[string, number], [string, number]] {
  const [from = "", to = ""] = ends.split(" > ");
  return [endOf(from), endOf(to)];
}

function endOf(end: string): [string, number] {
  const [address = "", port = "0"] = end.split(":");
  return [address, Number(port)];
}

/** The ends of each packet within a packet, as "172.17.0.2:80 > 10.168.0.77:40000". */
export function printEnds(core: Core, bytes: Uint8Array): string[] {
  const { layers } = decode(core, bytes, { link: "ip" });
  const ends: string[][] = [];
  for (const { layer, fields } of layers) {
    if (layer === "ipv4") ends.push([fields.src, fields.dst]);
    const last = ends.at(-1);
    if (last === undefined) continue;
    if (layer === "tcp" || layer === "udp") {
      ends[ends.length - 1] = [`${last[0]}:${fields.srcPort}`, `${last[1]}:${fields.dstPort}`];
    }
    if (layer === "icmp" && fields.id !== undefined) ends.push([`#${fields.id}`]);
  }
  return ends.map((pair) => pair.join(" > "));
}
