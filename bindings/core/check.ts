// What a caller without types may hand over by mistake, and the memory would take for something.
import { HeddleError } from "./status.ts";

/**
 * Throws HeddleError unless `value` is a Uint8Array, of whichever realm. Others can be copied too,
 * but not as the bytes that they stand for: text becomes zeros, a DataView nothing.
 */
export function checkBytes(value: unknown, name: string): void {
  if (ArrayBuffer.isView(value) && tagOf(value) === "Uint8Array") return;
  throw new HeddleError("BadValue", kindOf(value), `${name}: a Uint8Array`);
}

/** Throws HeddleError unless `value` is an object with members of these names alone. */
export function checkMembers(value: unknown, names: readonly string[], what: string): void {
  if (typeof value !== "object" || value === null) {
    throw new HeddleError("BadValue", value, `${what}: an object`);
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new HeddleError("BadValue", unknown, `${what}: one of ${names.join(", ")}`);
}

// What it is, since what is in it may be long.
function kindOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? tagOf(value) : value;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
