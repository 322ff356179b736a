import { HeddleError } from "../../core/index.ts";

/** A capture that cannot be read on: its bytes are not what its format wants at that place. */
export class CaptureError extends HeddleError {
  /** The byte of the capture, from zero, where what was expected should have begun. */
  readonly at: number;
  readonly found: string;

  constructor(at: number, found: string, expected: string) {
    super("BadCapture", `byte ${at}: ${found}`, expected);
    this.at = at;
    this.found = found;
  }
}

/** The four bytes of a word in the order of a big-endian file. */
export function printWord(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
