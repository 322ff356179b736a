// A VTEP of one peer to ten thousand, frames of 64 bytes to 1400, bursts of one packet to 256.
import { descLayout } from "../../bindings/core/desc.ts";
import {
  BurstAt,
  DescAt,
  type ElementName,
  HEADROOM_LEN,
  type HeddleNode,
  openCore,
} from "../../bindings/core/index.ts";
import { ethernet, ipv4, udp, vxlan } from "../../test/model/packet.ts";
import { dice, LOCAL, UDP_PORT, VNI } from "../workload.ts";
import { type Costs, type Curve, curveOf, measured } from "./curve.ts";

const PEERS = [1, 10, 100, 1000, 10_000];
const FRAMES = [64, 128, 256, 512, 1024, 1400];
const BURSTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const USUAL = { peers: 64, frameLen: 512, burstLen: 64 };

const PACKETS = 1024;
const SPARE_SLOTS = 4;
const MEMORY_BYTES = 16 << 20;
const HEADERS_LEN = 14 + 20 + 8;
const MTU = 1450;
const NOW_MS = 1000;

/** What a VTEP is asked to do. */
interface Load {
  readonly peers: number;
  readonly frameLen: number;
  readonly burstLen: number;
}

export async function tunnelCurves(): Promise<Curve[]> {
  const unit = "ns";
  return [
    await curveOf(
      { name: "peers", title: "A packet in a VTEP of many peers", size: "peers", unit },
      PEERS,
      (peers) => costsOf({ ...USUAL, peers }),
    ),
    await curveOf(
      { name: "frames", title: "A packet by its frame's length", size: "bytes", unit },
      FRAMES,
      (frameLen) => costsOf({ ...USUAL, frameLen }),
    ),
    await curveOf(
      { name: "bursts", title: "A packet by the length of its burst", size: "packets", unit },
      BURSTS,
      (burstLen) => costsOf({ ...USUAL, burstLen }),
    ),
  ];
}

async function costsOf(load: Load): Promise<Costs> {
  const { node, frames, senders } = await openVtep(load);
  const datagrams = frames.map((frame) => vxlan({ vni: VNI }, frame));
  return {
    encap: run(node, "vxlan_encap_burst", frames, senders, load),
    decap: run(node, "vxlan_decap_burst", datagrams, senders, load),
  };
}

interface Vtep {
  readonly node: HeddleNode;
  /** From any station to any other, each of another flow. */
  readonly frames: readonly Uint8Array[];
  /** The peer behind which each frame's sender lives. */
  readonly senders: readonly string[];
}

async function openVtep({ peers, frameLen }: Load): Promise<Vtep> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const scratch = 1 << 17;
  const caps = { fdb: peers, remotes: peers, slots: PACKETS + SPARE_SLOTS, scratch };
  const node = core.openNode({ ...caps, routes: 0, hops: 0, neighbors: 0, seed: 0x5eedn });
  const port = { kind: "vxlan", vni: VNI, localIpv4: LOCAL, udpPort: UDP_PORT, mtu: MTU } as const;
  node.domains.set({ index: 0, vni: VNI, ageS: 300 });
  node.ports.set({ index: 0, domain: 0, flags: ["learn", "linuxMode"], ...port });
  for (let index = 0; index < peers; index++) {
    node.remotes.set({ index, address: addressOf("10.169", index) });
    node.fdb.set([{ domain: 0, mac: macOf(index), port: 0, remote: index }], NOW_MS);
  }
  const roll = dice(peers);
  const ends = Array.from({ length: PACKETS }, () => {
    return { from: Math.floor(roll() * peers), to: Math.floor(roll() * peers) };
  });
  return {
    node,
    frames: ends.map(({ from, to }, at) => frameOf(from, to, at, frameLen)),
    senders: ends.map(({ from }) => addressOf("10.169", from)),
  };
}

function frameOf(from: number, to: number, flow: number, len: number): Uint8Array {
  const payload = new Uint8Array(len - HEADERS_LEN);
  const ports = { srcPort: 1024 + flow, dstPort: 9 };
  const addresses = { src: addressOf("10.42", from), dst: addressOf("10.42", to) };
  const packet = ipv4(addresses, udp({ ...ports, checksum: 0 }, payload));
  return ethernet({ src: macOf(from), dst: macOf(to) }, packet);
}

function addressOf(block: string, index: number): string {
  return `${block}.${index >> 8}.${index & 255}`;
}

function macOf(index: number): string {
  const bytes = [0x02, 0x42, 0x0a, 0x2a, index >> 8, index & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function run(
  node: HeddleNode,
  element: ElementName,
  packets: readonly Uint8Array[],
  peers: readonly string[],
  { burstLen }: Load,
): Costs[string] {
  const burst = layBurst(node, burstLen);
  const descs = packets.map((packet, at) => {
    const ptr = node.slot(at) + HEADROOM_LEN;
    node.bytes.set(packet, ptr);
    return { ptr, len: packet.length, peer: peers[at] as string };
  });
  const bursts = Array.from({ length: PACKETS / burstLen }, (_, at) => {
    return descLayout.encode(descs.slice(at * burstLen, (at + 1) * burstLen));
  });
  const all = (): number => {
    let count = 0;
    for (const some of bursts) {
      node.bytes.set(some, burst + BurstAt.End); // elements write their verdicts into them
      count += node.exports[element](node.address, burst);
    }
    return count;
  };
  const count = all();
  if (count !== PACKETS) throw new Error(`${element}: ${count} of ${PACKETS} packets`);
  return measured(PACKETS, all);
}

function layBurst(node: HeddleNode, len: number): number {
  const burst = node.takeScratch(BurstAt.End + 2 * len * DescAt.End);
  node.bytes.fill(0, burst, burst + BurstAt.End);
  const set = (at: number, value: number): void => node.view.setUint32(burst + at, value, true);
  set(BurstAt.In, burst + BurstAt.End);
  set(BurstAt.InCount, len);
  set(BurstAt.Out, burst + BurstAt.End + len * DescAt.End);
  set(BurstAt.OutCap, len);
  set(BurstAt.Spare, node.slot(node.slotCount - SPARE_SLOTS));
  set(BurstAt.SpareLen, SPARE_SLOTS * node.slotStride);
  node.view.setFloat64(burst + BurstAt.NowMs, NOW_MS, true);
  return burst;
}
