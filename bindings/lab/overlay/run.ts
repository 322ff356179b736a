// The demo's overlay in memory: a scenario of two flannel hosts, run, and what its trace says.
import { HeddleError, openCore } from "../../core/index.ts";
import { runScenario } from "../engine/run.ts";
import { runOf } from "../engine/run-of.ts";
import { traceCapture } from "../render/pcapng.ts";
import type { Run } from "../scenario.ts";
import { overlay } from "../scenarios/flannel/overlay.ts";
import { BULK_PACKETS, type BulkOptions, runBulk } from "./bulk.ts";
import { hostReport, mtuReport, pingReport, streamReport } from "./figures.ts";
import { planConfig, planNetwork, planNodes } from "./plan.ts";
import type { Backend, OverlayReport } from "./report.ts";

/** What is run, and who hears of it. */
export interface OverlayOptions {
  readonly backend: Backend;
  /** Echo requests in each direction. */
  readonly pings?: number;
  /** The same seed gives the same bytes. */
  readonly seed?: bigint;
  readonly bulk?: BulkOptions;
  /** Takes a pcapng file with one interface for each device, in one piece or several. */
  readonly capture?: (chunk: Uint8Array) => void;
}

const PINGS = 20;
const PINGS_MAX = 10_000; // a trace of more would fill the memory
const SEED = 1n;
const BULK_PACKETS_MAX = 1e9;
const MEMORY_BYTES = 16 << 20;

/** Runs the overlay in memory, from nothing to its report. Throws HeddleError for a bad option. */
export async function runOverlay(options: OverlayOptions): Promise<OverlayReport> {
  const { backend, capture, pings = PINGS, seed = SEED, bulk } = options;
  checkCount("pings", pings, PINGS_MAX);
  checkCount("bulk.packets", bulk?.packets ?? BULK_PACKETS, BULK_PACKETS_MAX);
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const plan = planNetwork(backend);
  const [one, two] = plan.hosts;
  const nodes = planNodes(backend);
  const scenario = overlay({ plan, nodes, config: planConfig(plan), pings });
  const run = runOf(core, runScenario(core, scenario, { seed }));
  checkFacts(run);
  capture?.(traceCapture(run.trace));
  const there = { from: one.container.name, to: two.container.name };
  const back = { from: there.to, to: there.from };
  return {
    mode: "memory",
    backend,
    seed: seed.toString(),
    mtu: plan.mtu,
    pings: [there, back].map((ends) => pingReport(run, ends, pings)),
    mtuProbe: mtuReport(run, there, plan.mtu),
    stream: streamReport(run, there),
    hosts: plan.hosts.map(({ name }) => hostReport(run, name)),
    ...(bulk && { bulk: runBulk(run, plan, bulk) }),
  };
}

function checkCount(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new HeddleError("BadValue", value, `${name}: a whole number from 0 to ${max}`);
}

// The network is ours and nothing in it is broken: what does not hold is a fault of the lab.
function checkFacts({ trace }: Run): void {
  const failure = trace.facts.find(({ isHeld }) => !isHeld);
  if (failure !== undefined) throw new Error(`${failure.name}: ${failure.found}`);
}
