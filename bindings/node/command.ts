// `heddle demo`: on real devices where that can be, in memory where it cannot, and it says which.
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { type Backend, type OverlayReport, planNetwork, runOverlay } from "../lab/index.ts";
import type { DatapathKind } from "./agent/datapath.ts";
import { failuresOf, runDemo, type Tell, tellFailures } from "./demo.ts";
import type { DemoBackend } from "./demo-plan.ts";
import * as print from "./print.ts";
import type { DemoReport } from "./report.ts";
import { missingRights } from "./rights.ts";
import type { Peer } from "./sides.ts";

export interface DemoCommand {
  readonly backend: DemoBackend;
  readonly peer: Peer;
  readonly datapath: DatapathKind;
  readonly store: string;
  readonly mode: "auto" | "netns" | "memory";
  readonly seconds: number;
  readonly pings: number;
  readonly rounds: number;
  readonly pcap?: string;
  readonly json: boolean;
}

/** Returns the exit status. */
export async function demoCommand(options: DemoCommand, signal: AbortSignal): Promise<number> {
  const tell: Tell = options.json ? () => {} : (line) => process.stdout.write(`${line}\n`);
  try {
    const missing = options.mode === "memory" ? [] : await missingFor(options);
    const { backend, mode } = options;
    if ((mode === "netns" || backend === "host-gw") && missing.length > 0) {
      complain(missing.map((sentence) => `missing: ${sentence}`));
      return 1;
    }
    const isInMemory = mode === "memory" || missing.length > 0;
    const report =
      isInMemory && backend !== "host-gw"
        ? await inMemory({ ...options, backend }, missing, tell)
        : await onDevices(options, tell, signal);
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return report.failures.length === 0 ? 0 : 1;
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    complain([reason instanceof Error ? reason.message : String(reason)]);
    return 1;
  }
}

function missingFor(options: DemoCommand): Promise<string[]> {
  return missingRights({ needsTun: true, needsEthtool: options.peer === "kernel" });
}

function complain(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`heddle demo: ${line}\n`);
}

async function onDevices(
  options: DemoCommand,
  tell: Tell,
  signal: AbortSignal,
): Promise<DemoReport> {
  const pcap = options.pcap === undefined ? null : resolve(options.pcap);
  const { backend, datapath, peer, pings, rounds, seconds, store } = options;
  const wish = { backend, datapath, peer, pings, rounds, seconds, store, pcap };
  return runDemo(wish, tell, signal);
}

/** The report of the same network in memory, and why it is not on real devices. */
interface MemoryReport extends OverlayReport {
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly failures: readonly string[];
}

type MemoryCommand = DemoCommand & { readonly backend: Backend };

async function inMemory(
  options: MemoryCommand,
  missing: readonly string[],
  tell: Tell,
): Promise<MemoryReport> {
  const notes = [
    ...missing.map((sentence) => `missing for real devices: ${sentence}`),
    "the network runs in memory: no device, no socket, virtual time; a bulk transfer shows what " +
      "the core carries, and nothing is there to compare it with",
  ];
  const wantsKernel = options.peer === "kernel" || options.datapath === "kernel";
  if (wantsKernel) notes.push("both hosts are heddle's: memory holds no kernel");
  const plan = planNetwork(options.backend);
  const lines = print.networkLines(plan, "in memory", ["heddle", "heddle"]);
  for (const line of [...notes, ...lines]) tell(line);
  const report = await overlayInMemory(options);
  for (const line of print.memoryLines(report)) tell(line);
  if (options.pcap !== undefined) tell(`capture: every device, in ${resolve(options.pcap)}`);
  const failures = failuresOf(report);
  tellFailures(failures, tell);
  return { ...report, missing, notes, failures };
}

async function overlayInMemory(options: MemoryCommand): Promise<OverlayReport> {
  const { backend, pings, pcap } = options;
  const bulk = { wallMs: () => performance.now() };
  if (pcap === undefined) return runOverlay({ backend, pings, bulk });
  const file = openSync(pcap, "w");
  try {
    return await runOverlay({ backend, pings, bulk, capture: (chunk) => writeSync(file, chunk) });
  } finally {
    closeSync(file);
  }
}
