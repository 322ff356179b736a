// What pump.test.ts does inside its namespaces: one pump in each.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { JournalEntry, JournalResult } from "../../bindings/core/index.ts";
import { libc } from "../../bindings/node/libc.ts";
import { missingOffloads } from "../../bindings/node/offload.ts";
import {
  type Pump,
  type PumpOptions,
  type PumpStats,
  startPump,
} from "../../bindings/node/pump.ts";
import { PumpGroup } from "../../bindings/node/pump-group.ts";

export { lack } from "./older-kernel.ts";

const SHUT_RDWR = 2;

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

/** Of each thread of a pump that has several. */
export function statsOfEach(): Promise<PumpStats[]> {
  const pump = running();
  if (pump instanceof PumpGroup) return pump.statsOfEach();
  throw new Error("the pump has one thread");
}

/** What a tap saw first: how many packets at each place. */
export async function tapOne(): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for await (const { packets } of running().tap()) {
    for (const { place, direction } of packets) {
      const name = `${place} ${direction}`;
      seen[name] = (seen[name] ?? 0) + 1;
    }
    if (Object.keys(seen).length === 4) return seen;
  }
  throw new Error("the tap came to its end");
}

/** Lists the remotes' addresses. */
export async function remotes(): Promise<string[]> {
  const found: string[] = [];
  for await (const { address } of running().list("remotes")) found.push(address);
  return found;
}

/** Makes the last of the sockets with this port useless to its thread. */
export function spoilSocket(port: number): void {
  const suffix = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = readFileSync("/proc/net/udp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/ +/))
    .flatMap(([, local, , , , , , , , inode]) => (local?.endsWith(`:${suffix}`) ? [inode] : []));
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const fds = readdirSync("/proc/self/fd").map(Number);
  libc.shutdown(fds.findLast((fd) => links.has(linkOf(fd))) ?? -1, SHUT_RDWR);
}

function linkOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the folder's own
  }
}

export function threads(): number {
  return readdirSync("/proc/self/task").length;
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
