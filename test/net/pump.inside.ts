// What pump.test.ts does inside its namespaces: one pump in each.
import { readdirSync } from "node:fs";
import type { JournalEntry, JournalResult } from "../../bindings/core/index.ts";
import { missingOffloads } from "../../bindings/node/offload.ts";
import {
  type Pump,
  type PumpOptions,
  type PumpStats,
  startPump,
} from "../../bindings/node/pump.ts";

export { lack } from "./older-kernel.ts";

let pump: Pump | undefined;

function running(): Pump {
  if (pump === undefined) throw new Error("no pump here");
  return pump;
}

export async function start(options: PumpOptions): Promise<string> {
  await pump?.close(); // of a test that failed half-way
  pump = undefined;
  pump = await startPump(options);
  return pump.deviceName;
}

/** Starts a pump that cannot begin; gives its error and the number of files open right then. */
export async function failToStart(
  options: PumpOptions,
): Promise<{ error: string; openFiles: number }> {
  try {
    await startPump(options);
  } catch (error) {
    return { error: (error as Error).name, openFiles: openFiles() };
  }
  throw new Error("it began");
}

/** The same with a journal that cannot be handed to a thread. */
export function failToClone(options: PumpOptions): Promise<{ error: string; openFiles: number }> {
  const journal = [() => {}] as unknown as JournalEntry[];
  return failToStart({ ...options, journal });
}

/** Which offloads the pump does without. */
export function missing(): string[] {
  return missingOffloads(running().offload);
}

export function apply(entries: JournalEntry[]): Promise<JournalResult[]> {
  return running().apply(entries);
}

export function stats(): Promise<PumpStats> {
  return running().stats();
}

/** Stops the pump; says how long that took, and what it had counted. */
export async function close(): Promise<{ ms: number; stats: PumpStats }> {
  const begunMs = performance.now();
  const last = await running().close();
  return { ms: performance.now() - begunMs, stats: last };
}

/** Why the pump ended, once it has. */
export async function ended(): Promise<string | undefined> {
  return (await running().ended)?.message;
}

/** CPU time of this process, all threads, milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Ends the process under a running pump. */
export function exit(): void {
  setImmediate(() => process.exit());
}
