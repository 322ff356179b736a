// A VTEP in the core and its twin in JavaScript, with the same packets in the same places.

import {
  type ElementName,
  HEADROOM_LEN,
  type HeddleNode,
  type PortFlagName,
  parseIpv4,
  parseMac,
} from "../bindings/core/index.ts";
import { ethernet, ipv4, udp, vxlan } from "../test/model/packet.ts";
import { bursts, inCore, NOW_MS, SPARE_SLOTS, type Spot } from "./bursts.ts";
import type { Case, Work } from "./measure.ts";
import { openMeasured } from "./opening.ts";
import { TwinVtep } from "./twin.ts";
import {
  BURST_LEN,
  frames,
  LOCAL,
  LOCAL_MAC,
  outerFrames,
  PACKETS,
  REMOTES,
  remoteAddress,
  remoteMac,
  remoteOf,
  STATIONS,
  senderOf,
  stationMac,
  UDP_PORT,
  VNI,
} from "./workload.ts";

const SIZES = [64, 1400];
const NOW_S = 1;
const AGE_S = 300;
const MTU = 1450;
const MEMORY_BYTES = 8 << 20;
const OUTER_HEADERS_LEN = 42;

export interface Vtep {
  /** Puts packets into the slots of both, each with its headroom. */
  load(packets: readonly Uint8Array[]): void;
  encap(): Work;
  encapFrame(): Work;
  /** Of outer frames; their headers are not looked at. */
  decap(): Work;
  decapFrame(): Work;
}

export async function* vxlanCases(): AsyncGenerator<Case> {
  const vtep = await openVtep();
  const some = { items: PACKETS, expected: PACKETS };
  for (const size of SIZES) {
    const inner = frames(size);
    vtep.load(inner);
    yield { name: `vxlan encap, datagram, ${size}`, ...some, ...vtep.encap() };
    yield { name: `vxlan encap, frame, ${size}`, ...some, ...vtep.encapFrame() };
    vtep.load(outerFrames(inner));
    yield { name: `vxlan decap, datagram, ${size}`, ...some, ...vtep.decap() };
    yield { name: `vxlan decap, frame, ${size}`, ...some, ...vtep.decapFrame() };
  }
}

export async function openVtep(): Promise<Vtep> {
  const core = await openMeasured({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({
    seed: 0x5eedn,
    fdb: STATIONS,
    remotes: REMOTES,
    slots: PACKETS + SPARE_SLOTS,
    scratch: 1 << 16,
  });
  settle(node);
  const arena = node.bytes.slice(node.arena, node.arena + node.slotCount * node.slotStride);
  const twin = openTwin(arena);
  let packets: readonly Uint8Array[] = [];
  const place = (at: number): number => at * node.slotStride + HEADROOM_LEN;
  const load = (given: readonly Uint8Array[]): void => {
    packets = given;
    packets.forEach((bytes, at) => {
      node.bytes.set(bytes, node.arena + place(at));
      arena.set(bytes, place(at));
    });
  };
  const pair = (element: ElementName, skip: number, work: (count: number) => number): Work => {
    const spots = packets.map((bytes, at) => {
      const peer = remoteAddress(senderOf(bytes));
      return { ptr: place(at) + skip, len: bytes.length - skip, peer };
    });
    return { wasm: inCore(node, { element }, spots), twin: inTwin(twin, spots, work) };
  };
  return {
    load,
    encap: () => pair("vxlan_encap_burst", 0, (count) => twin.encap(count, NOW_S)),
    encapFrame: () => pair("vxlan_encap_frame_burst", 0, (count) => twin.encapFrame(count, NOW_S)),
    decap: () => pair("vxlan_decap_burst", OUTER_HEADERS_LEN, (count) => twin.decap(count, NOW_S)),
    decapFrame: () => pair("vxlan_decap_frame_burst", 0, (count) => twin.decapFrame(count, NOW_S)),
  };
}

/** A learning port in linux mode, 64 peers, and every station behind one of them. */
export function settle(
  node: HeddleNode,
  flags: readonly PortFlagName[] = ["learn", "linuxMode"],
): void {
  node.domains.set({ index: 0, vni: VNI, ageS: AGE_S });
  node.ports.set({
    index: 0,
    kind: "vxlan",
    domain: 0,
    mtu: MTU,
    flags,
    vni: VNI,
    localIpv4: LOCAL,
    udpPort: UDP_PORT,
  });
  for (let remote = 0; remote < REMOTES; remote++) {
    const macs = { dstMac: remoteMac(remote), srcMac: LOCAL_MAC };
    const allowed = { flags: ["allowed"] } as const;
    node.remotes.set({ index: remote, address: remoteAddress(remote), ...allowed, ...macs });
  }
  const stations = Array.from({ length: STATIONS }, (_, at) => {
    return { domain: 0, mac: stationMac(at), port: 0, remote: remoteOf(at) };
  });
  node.fdb.set(stations, NOW_MS);
}

function openTwin(arena: Uint8Array): TwinVtep {
  const remotes = Array.from({ length: REMOTES }, (_, remote) => {
    const ports = { srcPort: 0, dstPort: UDP_PORT, length: 0, checksum: 0 };
    const datagram = udp(ports, vxlan({ vni: VNI }, new Uint8Array()));
    const addresses = { src: LOCAL, dst: remoteAddress(remote) };
    const packet = ipv4({ ...addresses, totalLength: 0 }, datagram);
    const image = ethernet({ dst: remoteMac(remote), src: LOCAL_MAC }, packet);
    return { address: parseIpv4(remoteAddress(remote)), image };
  });
  const config = { local: parseIpv4(LOCAL), udpPort: UDP_PORT, vni: VNI, mtu: MTU, ageS: AGE_S };
  const twin = new TwinVtep(arena, BURST_LEN, { ...config, remotes });
  for (let at = 0; at < STATIONS; at++) {
    twin.stations.set(parseMac(stationMac(at)), { remote: remoteOf(at), seenS: NOW_S });
  }
  return twin;
}

function inTwin(
  twin: TwinVtep,
  spots: readonly Spot[],
  work: (count: number) => number,
): () => number {
  const inputs = bursts(spots).map((some) => ({
    ptrs: Uint32Array.from(some, ({ ptr }) => ptr),
    lens: Uint32Array.from(some, ({ len }) => len),
    peers: Uint32Array.from(some, ({ peer }) => parseIpv4(peer)),
  }));
  return () => {
    let outCount = 0;
    for (const { ptrs, lens, peers } of inputs) {
      twin.ptrs.set(ptrs);
      twin.lens.set(lens);
      twin.peers.set(peers);
      outCount += work(BURST_LEN);
    }
    return outCount;
  };
}
