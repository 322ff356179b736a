// What goes into a tunnel comes out at the other end as it was, through the bindings and in both
// builds: as datagrams and as frames, to one peer and to many.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type Burst,
  type Core,
  type ElementName,
  type HeddleNode,
  openCore,
  type PortFlagName,
} from "../bindings/core/index.ts";
import { withWord } from "../test/model/checksum.ts";
import { ethernet, ipv4 } from "../test/model/packet.ts";
import { wordAt } from "../test/model/parse.ts";
import { arpMessage, ipv4Packet, noise, payload } from "./arbitrary/index.ts";
import { type Law, law, type Suite } from "./law.ts";
import { CAST } from "./world.ts";

const MEMORY_BYTES = 1 << 18;
const CAPS = { routes: 8, hops: 8, fdb: 16, neighbors: 8, remotes: 8, ports: 8, domains: 4 };
const ROOM = { ...CAPS, flood: 8, scratch: 8192, slots: 12, seed: 0x5eedn };
const OWN = "192.0.2.1";
const PEERS = ["192.0.2.11", "192.0.2.12", "192.0.2.13"];
const STATION = "02:00:00:00:00:01";
const SENDERS = ["02:00:00:00:00:02", "0a:ff:ff:ff:ff:ff"];
const VXLAN_PORT = 8472;
const TUNNEL_PORT = 8285;

/** Two hosts in one core. At the far one each peer is a port of its own, of the same index. */
interface Pair {
  readonly core: Core;
  readonly near: HeddleNode;
  readonly far: HeddleNode;
  readonly out: Burst;
  readonly in: Burst;
}

/** With SIMD, and without. */
type Builds = readonly [Pair, Pair];

interface Journey {
  readonly bytes: Uint8Array;
  readonly vni: number;
  readonly flags: readonly PortFlagName[];
  readonly isFrame: boolean;
  readonly isInherited: boolean;
  readonly tos: number;
  /** How many get what has no FDB entry. */
  readonly peers: number;
}

const flags = fc.subarray<PortFlagName>(["linuxMode", "ecn", "udpChecksum", "dontFragment"]);

function journey(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Journey> {
  return fc.record({
    bytes,
    vni: fc.oneof(fc.constantFrom(0, 1, 0xffffff), fc.nat(0xffffff)),
    flags,
    isFrame: fc.boolean(),
    isInherited: fc.boolean(),
    tos: fc.nat(255),
    peers: fc.integer({ min: 1, max: PEERS.length }),
  });
}

// A frame that no VTEP has a reason to drop. A VLAN tag is one, so there is none.
const body = fc.oneof(
  ipv4Packet(CAST).map((bytes) => ({ etherType: 0x0800, bytes })),
  arpMessage(CAST).map((bytes) => ({ etherType: 0x0806, bytes })),
  payload.map((bytes) => ({ etherType: 0x88cc, bytes })),
);
const frame = fc
  .record({
    dst: fc.constantFrom(STATION, "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:77"),
    src: fc.constantFrom(...SENDERS),
    body,
  })
  .map(({ body: { etherType, bytes }, ...macs }) => ethernet({ ...macs, etherType }, bytes));

const packet = fc
  .record({
    dst: fc.constantFrom("10.1.0.1", "10.2.0.1"),
    ttl: fc.integer({ min: 3, max: 255 }),
    tos: fc.nat(255),
    id: fc.nat(65535),
    fragment: fc.constantFrom(0, 0x4000, 0x2000, 0x0123),
    protocol: fc.nat(255),
    body: payload,
    options: fc.constantFrom(new Uint8Array(), Uint8Array.of(1, 1, 1, 0)),
    trailer: noise(8),
  })
  .map(({ body: bytes, trailer, ...fields }) => {
    return Buffer.concat([ipv4({ src: "10.9.0.1", ...fields }, bytes), trailer]);
  });

export async function openTunnel(): Promise<Suite> {
  const builds = await Promise.all([openPair(true), openPair(false)]);
  return { name: "tunnel", laws: [vxlanLaw(builds), udpLaw(builds), ipipLaw(builds)] };
}

async function openPair(simd: boolean): Promise<Pair> {
  const core = await openCore({ simd, memoryBytes: MEMORY_BYTES });
  const near = core.openNode(ROOM);
  const far = core.openNode(ROOM);
  const options = { capacity: 4, outCapacity: 8, spareBytes: 4096 };
  return { core, near, far, out: near.openBurst(options), in: far.openBurst(options) };
}

function vxlanLaw(builds: Builds): Law {
  return law("vxlan", journey(frame), (told) => {
    const isUnicast = Buffer.from(told.bytes.subarray(0, 6)).toString("hex") === "020000000001";
    const expected = isUnicast ? 1 : told.peers;
    both(builds, (pair) => {
      setVxlan(pair, told);
      const copies = send(
        pair,
        told.isFrame ? "vxlan_encap_frame_burst" : "vxlan_encap_burst",
        told,
      );
      strictEqual(copies.length, expected);
      for (const { peer, bytes, tos } of copies) {
        const element = told.isFrame ? "vxlan_decap_frame_burst" : "vxlan_decap_burst";
        const back = receive(pair, element, peer, bytes, tos);
        deepStrictEqual(Buffer.from(back), Buffer.from(told.bytes));
      }
      return copies;
    });
  });
}

function udpLaw(builds: Builds): Law {
  return law("udp", journey(packet), (told) => {
    both(builds, (pair) => {
      setTunnel(pair, told, "udpTunnel");
      const copies = send(pair, told.isFrame ? "udp_encap_frame_burst" : "udp_encap_burst", told);
      const [copy] = copies;
      if (copy === undefined) throw new Error("nothing came out");
      const element = told.isFrame ? "udp_decap_frame_burst" : "udp_decap_burst";
      const back = receive(pair, element, copy.peer, copy.bytes, copy.tos);
      deepStrictEqual(Buffer.from(back), Buffer.from(hop(hop(wholeOf(told))))); // one at each end
      return copies;
    });
  });
}

function ipipLaw(builds: Builds): Law {
  return law("ipip", journey(packet), (told) => {
    both(builds, (pair) => {
      setTunnel(pair, told, "ipip");
      const copies = send(pair, "ipip_encap_frame_burst", told);
      const [copy] = copies;
      if (copy === undefined) throw new Error("nothing came out");
      const whole = wholeOf(told);
      strictEqual(copy.bytes.length, 14 + 20 + whole.length);
      const back = receive(pair, "ipip_decap_frame_burst", copy.peer, copy.bytes, copy.tos);
      deepStrictEqual(Buffer.from(back), Buffer.from(hop(whole)));
      return copies;
    });
  });
}

// Without the trailer.
function wholeOf({ bytes }: Journey): Uint8Array {
  return bytes.subarray(0, wordAt(bytes, 2));
}

function hop(bytes: Uint8Array): Uint8Array {
  return withWord(bytes, 8, wordAt(bytes, 8) - 256, 10);
}

// Both builds give the same, and leave the same memory.
function both([wide, plain]: Builds, go: (pair: Pair) => unknown): void {
  const first = go(wide);
  deepStrictEqual(go(plain), first);
  if (Buffer.compare(wide.core.bytes, plain.core.bytes) === 0) return;
  throw new Error("the two builds leave different bytes in memory");
}

function setVxlan({ near, far }: Pair, told: Journey): void {
  const { vni, tos } = told;
  const tosMode = told.isInherited ? "inherit" : "fixed";
  for (const node of [near, far]) node.reset();
  for (const node of [near, far]) node.domains.set({ index: 0, vni });
  const common = { kind: "vxlan", domain: 0, vni, udpPort: VXLAN_PORT, tos, tosMode } as const;
  near.ports.set({ ...common, index: 0, localIpv4: OWN, flags: [...told.flags, "flood"] });
  const peers = PEERS.slice(0, told.peers);
  const remotes = peers.map((address, at) => {
    far.ports.set({ ...common, index: at, localIpv4: address, flags: [...told.flags, "learn"] });
    return near.remotes.set({ address });
  });
  far.remotes.set({ address: OWN });
  const [first = 0] = remotes;
  near.fdb.set({ domain: 0, mac: STATION, port: 0, remote: first, flags: ["static"] }, 0);
  near.flood.set(remotes.map((remote) => ({ domain: 0, port: 0, remote })));
}

function setTunnel({ near, far }: Pair, told: Journey, kind: "udpTunnel" | "ipip"): void {
  const tosMode = told.isInherited ? "inherit" : "fixed";
  for (const node of [near, far]) node.reset();
  const common = { kind, udpPort: TUNNEL_PORT, tos: told.tos, tosMode } as const;
  near.ports.set({ ...common, index: 0, localIpv4: OWN, flags: told.flags });
  PEERS.forEach((address, at) => {
    far.ports.set({ ...common, index: at, localIpv4: address, flags: told.flags });
    const remote = near.remotes.set({ address });
    const hop = near.hops.set({ kind: "unicast", port: 0, remote });
    near.routes.set({ prefix: `10.${at + 1}.0.0/16`, hop });
  });
  far.remotes.set({ address: OWN });
}

interface Copy {
  /** Of PEERS. */
  readonly peer: number;
  readonly bytes: Uint8Array;
  readonly tos: number;
}

function send({ out }: Pair, element: ElementName, told: Journey): Copy[] {
  out.clear();
  out.push({ bytes: told.bytes, flags: element.startsWith("vxlan") ? [] : ["l3"] });
  const count = out.run(element, 0, 0);
  strictEqual(out.inAt(0).verdict, "consumed");
  return Array.from({ length: count }, (_, at) => {
    const { peer, tos } = out.outAt(at);
    return { peer: PEERS.indexOf(peer ?? ""), bytes: out.outBytes(at), tos };
  });
}

function receive(
  pair: Pair,
  element: ElementName,
  port: number,
  bytes: Uint8Array,
  tos: number,
): Uint8Array {
  const burst = pair.in;
  const isFrame = element.includes("frame");
  burst.clear();
  burst.push(isFrame ? { bytes } : { bytes, peer: OWN, tos });
  burst.run(element, 0, port);
  strictEqual(burst.inAt(0).verdict, "consumed");
  strictEqual(burst.outAt(0).peer, OWN);
  return burst.outBytes(0);
}
