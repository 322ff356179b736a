// Nanoseconds per item, the core beside plain JavaScript in the same process, and what a million
// routes take.
import { cpus } from "node:os";
import { Misuse } from "../fuzz/flags.ts";
import { codecCases } from "./codecs.ts";
import { natCases } from "./flows.ts";
import { leaseCases } from "./leases.ts";
import { type Case, type Measured, measure } from "./measure.ts";
import { type MemoryLine, measureMemory, printMemory } from "./memory.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import {
  bridgeCases,
  decodeCases,
  ipipCases,
  resolveCases,
  routerCases,
  udpCases,
} from "./paths.ts";
import { fdbCases, floodCases, neighborCases, routeCases } from "./tables.ts";
import { vxlanCases } from "./vtep.ts";

/** In the order of running. */
const SECTIONS: Readonly<Record<string, () => AsyncGenerator<Case>>> = {
  codec: codecCases,
  vxlan: vxlanCases,
  udp: udpCases,
  ipip: ipipCases,
  bridge: bridgeCases,
  router: routerCases,
  resolve: resolveCases,
  nat: natCases,
  decode: decodeCases,
  fdb: fdbCases,
  neighbor: neighborCases,
  route: routeCases,
  flood: floodCases,
  lease: leaseCases,
};
const MEMORY = "memory";
const NAMES = [...Object.keys(SECTIONS), MEMORY];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args, NAMES);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`${error.message}\n${usage(NAMES)}`);
    return 2;
  }
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    node: process.version,
  };
  const say = options.json ? (): void => {} : (line: string): void => console.log(line);
  say(`${machine.cpu}, ${machine.cpus} CPUs, Node ${machine.node}`);
  const columns = ["ns each, median [least..most]".padEnd(33), "core".padEnd(28)];
  say(`${columns.join("")}${"JavaScript".padEnd(26)}ratio`);
  const rows: Measured[] = [];
  for (const [name, cases] of Object.entries(SECTIONS)) {
    if (options.only !== undefined && options.only !== name) continue;
    for await (const each of cases()) {
      const row = await measure(each);
      rows.push(row);
      say(lineOf(row));
    }
  }
  const isMemory = options.only === undefined || options.only === MEMORY;
  const memory: MemoryLine[] = isMemory ? await measureMemory() : [];
  for (const line of memory) say(printMemory(line));
  if (options.json) console.log(JSON.stringify({ machine, unit: "ns", rows, memory }, null, 2));
  return 0;
}

function lineOf({ name, wasm, twin, ratio }: Measured): string {
  const columns = [wasm, twin].map(({ median, min, max }) => {
    const spread = `[${min.toFixed(1)}..${max.toFixed(1)}]`;
    return `${median.toFixed(1).padStart(8)} ${spread.padEnd(19)}`;
  });
  return `${name.padEnd(32)} ${columns.join("")}${ratio.toFixed(2).padStart(6)}`;
}
