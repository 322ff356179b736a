// A node's datapath inside a namespace, for wasm*.test.ts.
import { writeFileSync } from "node:fs";
import type { DevicePlan, PeerPlan } from "../../../bindings/agent/index.ts";
import type { TableName } from "../../../bindings/core/index.ts";
import type { EntryFailure, Mended } from "../../../bindings/node/agent/datapath.ts";
import { Netcfg } from "../../../bindings/node/agent/netcfg.ts";
import {
  WasmDatapath,
  type WasmDatapathOptions,
} from "../../../bindings/node/agent/wasm-datapath.ts";
import type { PumpStats, TapOptions, TappedBurst } from "../../../bindings/node/pump.ts";

export type Words = Omit<WasmDatapathOptions, "plan" | "netcfg" | "log" | "dice">;

let datapath: WasmDatapath | undefined;
const said: string[] = [];

function running(): WasmDatapath {
  if (datapath === undefined) throw new Error("no datapath here");
  return datapath;
}

/** Opens the datapath and its device; gives the MAC, and whether the device was made. */
export async function open(
  plan: DevicePlan,
  address: string,
  words: Words = {},
): Promise<{ mac: string | null; device: string }> {
  const netcfg = new Netcfg();
  const dice = (): number => Math.floor(Math.random() * 2 ** 32);
  const log = (level: string, message: string, fields?: object): void => {
    said.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  const opened = await WasmDatapath.open({ plan, netcfg, log, dice, ...words });
  datapath = opened;
  return { mac: datapath.mac, device: await datapath.ensureDevice(address) };
}

export function ensure(address: string): Promise<"kept" | "made"> {
  return running().ensureDevice(address);
}

export async function put(plans: PeerPlan[]): Promise<readonly EntryFailure[]> {
  return running().tunnel.put(plans);
}

export async function remove(plans: PeerPlan[]): Promise<readonly EntryFailure[]> {
  return running().tunnel.remove(plans);
}

export async function reconcile(plans: PeerPlan[]): Promise<Mended> {
  return running().tunnel.reconcile(plans);
}

export async function list(table: TableName): Promise<object[]> {
  const records: object[] = [];
  for await (const record of running().list(table)) records.push(record);
  return records;
}

export function stats(): Promise<PumpStats> {
  return running().stats();
}

let stopCapture: (() => Promise<number>) | undefined;

/** Writes what passes into a file, until `endCapture`. */
export function beginCapture(path: string, options: TapOptions = {}): void {
  const stop = new AbortController();
  const chunks: Uint8Array[] = [];
  const done = (async () => {
    for await (const chunk of running().capture(options, stop.signal)) chunks.push(chunk);
    writeFileSync(path, Buffer.concat(chunks));
    return chunks.length;
  })();
  stopCapture = () => {
    stop.abort();
    return done;
  };
}

export async function endCapture(): Promise<number | undefined> {
  return stopCapture?.();
}

let bursts: AsyncIterator<TappedBurst> | undefined;
let first: Promise<unknown> | undefined;
let closeTap = new AbortController();

/** Opens a tap that holds a single packet, and takes its first burst. */
export async function beginOverflow(): Promise<void> {
  closeTap = new AbortController();
  const tap = running().tap({ packetsMax: 1, snapLen: 20 }, closeTap.signal);
  bursts = tap[Symbol.asyncIterator]();
  first = bursts.next();
  await running().stats(); // comes behind what opens the tap
}

/** Takes the next burst, which has waited since the first, and closes the tap. */
export async function endOverflow(): Promise<TappedBurst | undefined> {
  await first;
  const next = await bursts?.next();
  closeTap.abort();
  return next?.value;
}

/** What the datapath has logged. */
export function logged(): string[] {
  return said;
}

export async function close(): Promise<void> {
  await running().close();
  datapath = undefined;
}

export function pid(): number {
  return process.pid;
}
