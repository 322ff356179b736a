// The frame around every pcapng block; it is drawn beside the writer, in ../pcapng.ts. Blocks that
// nobody here reads are passed over without being held, however long they are.

import { viewOf } from "../packet/bytes.ts";
import { CaptureError, printWord } from "./error.ts";
import type { Input, Waiting } from "./input.ts";

export const SECTION = 0x0a0d0d0a; // the same in both orders
export const INTERFACE = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const ENHANCED_PACKET = 6;

/** The shortest total length of each block that is read: its frame and its fixed fields. */
const SHORTEST: ReadonlyMap<number, number> = new Map([
  [SECTION, 28],
  [INTERFACE, 20],
  [OBSOLETE_PACKET, 32],
  [SIMPLE_PACKET, 16],
  [ENHANCED_PACKET, 32],
]);

const TOTAL_LEN_AT = 4;
const HEAD_LEN = 8;
const TAIL_LEN = 4;
const SHORTEST_OF_ALL = HEAD_LEN + TAIL_LEN;

/** Beyond the longest packet and many comments, so a longer block has a broken length. */
const BLOCK_LEN_MAX = 1 << 24;

const BYTE_ORDER_AT = 8;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export interface Block {
  readonly type: number;
  /** Where its first byte lies in the capture. */
  readonly at: number;
  readonly isLittle: boolean;
  /** From its type to the end of its options; good until the next block is asked for. */
  readonly view: DataView;
}

/** Every block that somebody reads. Throws CaptureError. */
export function* blocksOf(input: Input): Generator<Block | undefined, void> {
  let isLittle = false;
  while (yield* input.hasMore()) {
    const { at } = input;
    const first = viewOf(yield* input.peek(HEAD_LEN, "the head of a block")).getUint32(0);
    if (first === SECTION) isLittle = yield* orderOf(input);
    const head = viewOf(yield* input.peek(HEAD_LEN, "the head of a block"));
    const type = head.getUint32(0, isLittle);
    const len = head.getUint32(TOTAL_LEN_AT, isLittle);
    expectTotalLen(at, type, len);
    if (SHORTEST.has(type)) {
      const whole = viewOf(yield* input.take(len, "a block"));
      expectTail(at, whole.getUint32(len - TAIL_LEN, isLittle), len);
      yield {
        type,
        at,
        isLittle,
        view: new DataView(whole.buffer, whole.byteOffset, len - TAIL_LEN),
      };
    } else {
      yield* input.skip(len - TAIL_LEN, "a block");
      const tail = viewOf(yield* input.take(TAIL_LEN, "the total length, once more"));
      expectTail(at, tail.getUint32(0, isLittle), len);
    }
  }
}

/** Whether the section that begins here has its least significant bytes first. */
function* orderOf(input: Input): Waiting<boolean> {
  const head = yield* input.peek(BYTE_ORDER_AT + 4, "the head of a section");
  const magic = viewOf(head).getUint32(BYTE_ORDER_AT);
  if (magic === BYTE_ORDER_MAGIC) return false;
  if (viewOf(head).getUint32(BYTE_ORDER_AT, true) === BYTE_ORDER_MAGIC) return true;
  const found = `byte order magic ${printWord(magic)}`;
  throw new CaptureError(
    input.at + BYTE_ORDER_AT,
    found,
    `${printWord(BYTE_ORDER_MAGIC)} in either order`,
  );
}

function expectTotalLen(at: number, type: number, len: number): void {
  const shortest = SHORTEST.get(type) ?? SHORTEST_OF_ALL;
  const longest = SHORTEST.has(type) ? BLOCK_LEN_MAX : 0xffffffff;
  if (len % 4 === 0 && len >= shortest && len <= longest) return;
  const found = `total length ${len} of a block of type ${type}`;
  const expected = `a multiple of four from ${shortest} to ${longest}`;
  throw new CaptureError(at + TOTAL_LEN_AT, found, expected);
}

function expectTail(at: number, tail: number, len: number): void {
  if (tail === len) return;
  const expected = `${len}, as at the block's beginning`;
  throw new CaptureError(at + len - TAIL_LEN, `total length ${tail}`, expected);
}
