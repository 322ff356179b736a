// What the core answers, in words. A number below zero is a Status; here it gets its name back, and
// whoever called gets an error that says which value was wrong and what would have been right.
import { Status } from "./layout.ts";

/** A member of `Status`. */
export type StatusName = keyof typeof Status;

/** What a HeddleError may be about: an answer of the core, or a value that never reached it. */
export type HeddleCode =
  | StatusName
  | "BadAddress" // no IPv4 address
  | "BadPrefix" // no IPv4 prefix, or one with host bits set
  | "BadMac" // no MAC address
  | "BadVni" // outside of 24 bits
  | "BadCapacity" // a table or a memory that cannot be made
  | "BadValue" // any other value that its field cannot hold
  | "BadBackend" // a backend of a network config that no node has, or that cannot be
  | "BadLease" // a key or a value of a store that is no lease
  | "BadCapture" // a file of packets that breaks off, or never was one
  | "BadCore"; // a binary that these bindings were not made for

const NAMES: ReadonlyMap<number, StatusName> = new Map(
  (Object.keys(Status) as StatusName[]).map((name) => [Status[name], name]),
);

/** The name of a status. Pair: statusOf. */
export function statusName(status: number): StatusName {
  const name = NAMES.get(status);
  if (name === undefined) throw new RangeError(`the core has no status ${status}`);
  return name;
}

/** The status of a name. Pair: statusName. */
export function statusOf(name: StatusName): number {
  return Status[name];
}

/** One record of a bulk call that was not taken. */
export interface Failure {
  /** Its place in the array that was given. */
  readonly index: number;
  readonly code: StatusName;
  readonly record: unknown;
}

/** An impossible wish, or the core's refusal of a possible one. */
export class HeddleError extends Error {
  override readonly name = "HeddleError";
  readonly code: HeddleCode;
  /** The offending value. */
  readonly value: unknown;
  /** What would have been taken in its place. */
  readonly expected: string;
  /** From bulk calls: the records that were refused. All others were applied. */
  readonly failures: readonly Failure[];

  constructor(
    code: HeddleCode,
    value: unknown,
    expected: string,
    failures: readonly Failure[] = [],
  ) {
    super(`${code}: ${print(value)}; expected ${expected}`);
    this.code = code;
    this.value = value;
    this.expected = expected;
    this.failures = failures;
  }
}

/** Hands on what the core answered, or throws what it refused. */
export function accept(answer: number, value: unknown, expected: string): number {
  if (answer < 0) throw new HeddleError(statusName(answer), value, expected);
  return answer;
}

function print(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  try {
    const text = JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
    return text.length > 200 ? `${text.slice(0, 200)}...` : text;
  } catch {
    return Object.prototype.toString.call(value); // it contains itself
  }
}
