// A hundred million packets into the tunnel and out of it again, and what memory did meanwhile. The
// frames that encapsulation makes are what decapsulation gets, in place; nothing is allocated on
// the way, so nothing may grow. Exits 1 when something does, or when a packet is lost.
import { parseArgs } from "node:util";
import { descLayout } from "../bindings/core/desc.ts";
import {
  BurstAt,
  DescAt,
  HEADROOM_LEN,
  type HeddleNode,
  openCore,
} from "../bindings/core/index.ts";
import { BURST_LEN, BURSTS, frames, LOCAL, PACKETS, STATIONS, stationMac } from "./workload.ts";

const PACKETS_DEFAULT = 1e8;
const WARM_UP = 2e6;
const FRAME_LEN = 512;
const MEMORY_BYTES = 8 << 20;
const PEER = "10.168.0.2";
const NOW_MS = 1000;
const SLACK_BYTES = 4 << 20; // of the process: the engine's own, compiled code among it

const { values } = parseArgs({
  options: { packets: { type: "string" }, json: { type: "boolean" } },
});
process.exitCode = await main();

interface Levels {
  readonly rss: number;
  readonly wasm: number;
}

async function main(): Promise<number> {
  const wanted = Number(values.packets ?? PACKETS_DEFAULT);
  if (!(wanted > 0)) throw new RangeError(`--packets ${values.packets}: expected a number above 0`);
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({
    seed: 0x5eedn,
    fdb: 2 * STATIONS,
    slots: PACKETS,
    scratch: 1 << 16,
  });
  settle(node);
  const turn = openTurn(node);
  const levels = (): Levels => ({
    rss: process.memoryUsage.rss(),
    wasm: core.memory.buffer.byteLength,
  });
  run(turn, WARM_UP);
  const before = levels();
  const began = performance.now();
  const passed = run(turn, wanted);
  const seconds = (performance.now() - began) / 1000;
  const after = levels();
  const isWhole = passed === 2 * Math.ceil(wanted / PACKETS) * PACKETS;
  const isFlat = after.wasm === before.wasm && after.rss - before.rss <= SLACK_BYTES;
  const result = { packets: passed / 2, seconds, before, after, isWhole, isFlat };
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else print(result);
  return isWhole && isFlat ? 0 : 1;
}

// Two ends in one node: port 0 sends to the remote that port 1 is, and learns there.
function settle(node: HeddleNode): void {
  const common = { kind: "vxlan", udpPort: 8472, vni: 5, mtu: 1450 } as const;
  node.domains.set({ index: 0, vni: 5, ageS: 300 });
  node.domains.set({ index: 1, ageS: 300 });
  node.ports.set({ ...common, index: 0, domain: 0, localIpv4: LOCAL });
  node.ports.set({ ...common, index: 1, domain: 1, localIpv4: PEER, flags: ["learn", "ecn"] });
  const remote = node.remotes.set({ address: PEER });
  node.remotes.set({ address: LOCAL });
  const stations = Array.from({ length: STATIONS }, (_, at) => {
    return { domain: 0, mac: stationMac(at), port: 0, remote };
  });
  node.fdb.set(stations, NOW_MS);
}

/** Sends one burst there and back. Returns how many packets passed, both ways counted. */
type Turn = (burst: number) => number;

function openTurn(node: HeddleNode): Turn {
  const descsLen = BURST_LEN * DescAt.End;
  const first = node.takeScratch(descsLen);
  const between = node.takeScratch(descsLen);
  const last = node.takeScratch(descsLen);
  const out = layBurst(node, { port: 0, from: first, to: between });
  const back = layBurst(node, { port: 1, from: between, to: last });
  const packets = frames(FRAME_LEN).map((bytes, at) => {
    const ptr = node.slot(at) + HEADROOM_LEN;
    node.bytes.set(bytes, ptr);
    return { ptr, len: bytes.length };
  });
  const descs = Array.from({ length: BURSTS }, (_, at) => {
    return descLayout.encode(packets.slice(at * BURST_LEN, (at + 1) * BURST_LEN));
  });
  const { vxlan_encap_frame_burst: encap, vxlan_decap_frame_burst: decap } = node.exports;
  return (burst) => {
    node.bytes.set(descs[burst] as Uint8Array, first);
    return encap(node.address, out) + decap(node.address, back);
  };
}

function layBurst(
  node: HeddleNode,
  { port, from, to }: { readonly port: number; readonly from: number; readonly to: number },
): number {
  const burst = node.takeScratch(BurstAt.End);
  node.bytes.fill(0, burst, burst + BurstAt.End);
  const set = (at: number, value: number): void => node.view.setUint32(burst + at, value, true);
  set(BurstAt.In, from);
  set(BurstAt.InCount, BURST_LEN);
  set(BurstAt.Out, to);
  set(BurstAt.OutCap, BURST_LEN);
  set(BurstAt.Port, port);
  node.view.setFloat64(burst + BurstAt.NowMs, NOW_MS, true);
  return burst;
}

function run(turn: Turn, packets: number): number {
  let passed = 0;
  for (let sent = 0; sent < packets; sent += PACKETS) {
    for (let burst = 0; burst < BURSTS; burst++) passed += turn(burst);
  }
  return passed;
}

interface Result {
  readonly packets: number;
  readonly seconds: number;
  readonly before: Levels;
  readonly after: Levels;
  readonly isWhole: boolean;
  readonly isFlat: boolean;
}

function print(result: Result): void {
  const { packets, seconds, before, after, isWhole, isFlat } = result;
  const mib = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`;
  const each = ((seconds / packets) * 1e9).toFixed(1);
  console.log(`${packets} packets there and back in ${seconds.toFixed(1)} s, ${each} ns each`);
  console.log(`process  ${mib(before.rss)} before, ${mib(after.rss)} after`);
  console.log(`wasm     ${mib(before.wasm)} before, ${mib(after.wasm)} after`);
  console.log(`${isWhole ? "none lost" : "PACKETS LOST"}, ${isFlat ? "no growth" : "MEMORY GREW"}`);
}
