// What the main thread and the pump's worker say to each other.
import type { MessagePort } from "node:worker_threads";
import {
  type HeddleCode,
  HeddleError,
  type JournalEntry,
  type JournalResult,
} from "../core/index.ts";
import type { DatapathOptions } from "./datapath.ts";
import { CallError } from "./libc.ts";
import type { PumpStats } from "./pump.ts";

/** What the worker begins with. The descriptors stay the main thread's, which closes them. */
export interface WorkerData extends DatapathOptions {
  port: MessagePort;
  wakeFd: number;
  seed: bigint;
  memoryBytes: number | undefined;
  journal: readonly JournalEntry[];
}

/** Numbered; each gets one reply with its number. */
export type Request = { id: number } & (
  | { kind: "apply"; entries: readonly JournalEntry[] }
  | { kind: "stats" }
  | { kind: "stop" }
);

export interface Reply {
  id: number;
  results?: JournalResult[];
  stats?: PumpStats;
  error?: PackedError;
}

/** Numbers of replies that nobody asked for: packets move, and the pump has ended. */
export const READY_ID = 0;
export const ENDED_ID = -1;

/** An error in parts: a structured clone would keep nothing of it but its words. */
export type PackedError =
  | { kind: "heddle"; code: HeddleCode; value: unknown; expected: string }
  | { kind: "call"; call: string; errno: number; hint: string | undefined }
  | { kind: "other"; message: string; stack: string | undefined };

export function packError(error: unknown): PackedError {
  if (error instanceof HeddleError) {
    return { kind: "heddle", code: error.code, value: error.value, expected: error.expected };
  }
  if (error instanceof CallError) {
    return { kind: "call", call: error.call, errno: error.errno, hint: error.hint };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "other", message, stack };
}

export function unpackError(packed: PackedError): Error {
  if (packed.kind === "heddle") return new HeddleError(packed.code, packed.value, packed.expected);
  if (packed.kind === "call") return new CallError(packed.call, packed.errno, packed.hint);
  return Object.assign(new Error(packed.message), { stack: packed.stack });
}
