// Options at the end of a pcapng block: a code, a length and a value padded to four bytes. Code
// zero ends the list, as the end of the block does.
import { CaptureError } from "./error.ts";

const HEAD_LEN = 4;
const OPTION_END = 0;

export interface BlockOption {
  readonly code: number;
  /** Where its value lies in the capture. */
  readonly at: number;
  readonly value: DataView;
}

/** What a block has from `from` on; `at` is the block's place in the capture. */
export function optionsOf(
  block: DataView,
  from: number,
  at: number,
  isLittle: boolean,
): BlockOption[] {
  const options: BlockOption[] = [];
  let next = from;
  while (block.byteLength - next >= HEAD_LEN) {
    const code = block.getUint16(next, isLittle);
    if (code === OPTION_END) return options;
    const len = block.getUint16(next + 2, isLittle);
    const room = block.byteLength - next - HEAD_LEN;
    if (len > room) {
      throw new CaptureError(at + next + 2, `option ${code} of ${len} bytes`, `at most ${room}`);
    }
    const value = new DataView(block.buffer, block.byteOffset + next + HEAD_LEN, len);
    options.push({ code, at: at + next + HEAD_LEN, value });
    next += HEAD_LEN + ((len + 3) & ~3);
  }
  return options;
}

/** The text of an option; what is not UTF-8 in it is replaced. */
export function textOf({ value }: BlockOption): string {
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).replace(/\0+$/, "");
}

/** Throws CaptureError unless the value has `len` bytes. */
export function expectLen({ code, at, value }: BlockOption, len: number): void {
  if (value.byteLength === len) return;
  throw new CaptureError(at, `option ${code} of ${value.byteLength} bytes`, `${len} bytes`);
}
