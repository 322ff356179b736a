// Nanoseconds per packet and per look-up, the core beside plain JavaScript in the same process.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { KEYS, routeLookups, stationLookups } from "./lookups.ts";
import { type Measured, measure, type Work } from "./measure.ts";
import { openVtep, type Pair } from "./vtep.ts";
import { frames, outerFrames, PACKETS } from "./workload.ts";

const SIZES = [64, 512, 1400];
const TABLES = [1000, 100000];

const { values } = parseArgs({ options: { json: { type: "boolean" } } });

const machine = { cpu: cpus()[0]?.model ?? "unknown", cpus: cpus().length, node: process.version };
const rows: Measured[] = [];
if (!values.json) {
  console.log(`${machine.cpu}, ${machine.cpus} CPUs, Node ${machine.node}`);
  const columns = ["ns each, median [least..most]".padEnd(31), "core".padEnd(24)];
  console.log(`${columns.join("")}${"JavaScript".padEnd(22)}ratio`);
}
await benchTunnel();
await benchTables();
if (values.json) console.log(JSON.stringify({ machine, unit: "ns", rows }, null, 2));

async function benchTunnel(): Promise<void> {
  const vtep = await openVtep();
  for (const size of SIZES) {
    const inner = frames(size);
    vtep.load(inner);
    await add(`VXLAN encap, datagram, ${size}`, vtep.encap());
    await add(`VXLAN encap, frame, ${size}`, vtep.encapFrame());
    vtep.load(outerFrames(inner));
    await add(`VXLAN decap, datagram, ${size}`, vtep.decap());
    await add(`VXLAN decap, frame, ${size}`, vtep.decapFrame());
  }
}

async function benchTables(): Promise<void> {
  for (const count of TABLES) {
    await addLookups(`station of ${count}`, await stationLookups(count));
    await addLookups(`route of ${count}`, await routeLookups(count));
  }
}

// A twin that does less would look fast: all packets must come out of both.
async function add(name: string, { wasm, twin }: Pair): Promise<void> {
  for (const [who, run] of [
    ["the core", wasm],
    ["the twin", twin],
  ] as const) {
    const outCount = run();
    if (outCount !== PACKETS) throw new Error(`${name}: ${outCount} of ${PACKETS} from ${who}`);
  }
  show(await measure(name, { wasm, twin }, PACKETS));
}

async function addLookups(name: string, work: Work): Promise<void> {
  const [hits, expected] = [work.wasm(), work.twin()];
  if (hits !== expected)
    throw new Error(`${name}: ${hits} hits in the core, ${expected} in the twin`);
  show(await measure(name, work, KEYS));
}

function show(row: Measured): void {
  rows.push(row);
  if (values.json) return;
  const { wasm, twin, ratio } = row;
  const columns = [wasm, twin].map(({ median, min, max }) => {
    const spread = `[${min.toFixed(1)}..${max.toFixed(1)}]`;
    return `${median.toFixed(1).padStart(6)} ${spread.padEnd(17)}`;
  });
  console.log(`${row.name.padEnd(30)} ${columns.join("")}${ratio.toFixed(2).padStart(5)}`);
}
