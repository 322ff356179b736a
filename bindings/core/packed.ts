// Errors on their way to another thread. A structured clone would keep nothing of them but their
// words.
import { type HeddleCode, HeddleError } from "./status.ts";

/** An error in parts. */
export type PackedError =
  | { kind: "heddle"; code: HeddleCode; value: unknown; expected: string }
  | { kind: "other"; message: string; stack: string | undefined };

/** Takes an error apart. Pair: unpackError. */
export function packError(error: unknown): PackedError {
  if (error instanceof HeddleError) {
    return { kind: "heddle", code: error.code, value: error.value, expected: error.expected };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "other", message, stack };
}

/** Puts an error together again. Pair: packError. */
export function unpackError(packed: PackedError): Error {
  if (packed.kind === "heddle") return new HeddleError(packed.code, packed.value, packed.expected);
  return Object.assign(new Error(packed.message), { stack: packed.stack });
}
