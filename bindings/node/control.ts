// What the main thread and the pump's worker say to each other.
import type { MessagePort } from "node:worker_threads";
import type { JournalEntry, JournalResult, TableName } from "../core/index.ts";
import {
  type PackedError as Packed,
  packError as packAny,
  unpackError as unpackAny,
} from "../core/packed.ts";
import type { DatapathOptions } from "./datapath.ts";
import { CallError } from "./libc.ts";
import type { PumpStats } from "./pump.ts";
import type { TapOptions, TappedBurst } from "./tap.ts";

/** What the worker begins with. The descriptors stay the main thread's, which closes them. */
export interface WorkerData extends DatapathOptions {
  port: MessagePort;
  wakeFd: number;
  /** False for a thread that only takes in what the tunnel brings. */
  readsDevice: boolean;
  seed: bigint;
  memoryBytes: number | undefined;
  journal: readonly JournalEntry[];
}

/** Numbered; each gets one reply with its number, the one for a tap when there is something. */
export type Request = { id: number } & (
  | { kind: "apply"; entries: readonly JournalEntry[] }
  | { kind: "list"; table: TableName; listing: number }
  | { kind: "tap"; tap: number; options: TapOptions }
  | { kind: "untap"; tap: number }
  | { kind: "stats" }
  | { kind: "stop" }
);

export interface Reply {
  id: number;
  results?: JournalResult[];
  /** The next records of a listing; none: it has come to its end. */
  records?: object[];
  /** What a tap has seen; nothing: it is closed. */
  burst?: TappedBurst;
  stats?: PumpStats;
  error?: PackedError;
}

/** Numbers of replies that nobody asked for: packets move, and the pump has ended. */
export const READY_ID = 0;
export const ENDED_ID = -1;

/** An error in parts, a refused call of the system included. */
export type PackedError =
  | Packed
  | { kind: "call"; call: string; errno: number; hint: string | undefined };

export function packError(error: unknown): PackedError {
  if (!(error instanceof CallError)) return packAny(error);
  return { kind: "call", call: error.call, errno: error.errno, hint: error.hint };
}

export function unpackError(packed: PackedError): Error {
  if (packed.kind !== "call") return unpackAny(packed);
  return new CallError(packed.call, packed.errno, packed.hint);
}
