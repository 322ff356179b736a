// A reader of captures: pcap and pcapng, told apart by their first four bytes. What lies before a
// break is given; then comes an error that says where the break is. No length that a capture
// claims is believed before its bytes are there.

import { viewOf } from "../packet/bytes.ts";
import { SECTION } from "./block.ts";
import { CaptureError, printWord } from "./error.ts";
import { Input } from "./input.ts";
import type { CapturedPacket, Uncounted } from "./packet.ts";
import { isPcap, parsePcap } from "./pcap.ts";
import { parsePcapng } from "./pcapng.ts";

/**
 * The packets of a capture, in the order in which they lie there. `capture` is all of it, or its
 * parts in order, cut anywhere; a part may be overwritten as soon as the next one is asked for.
 * Throws CaptureError behind the last packet that could be read.
 */
export function* readCapture(
  capture: Uint8Array | Iterable<Uint8Array>,
): Generator<CapturedPacket, void> {
  const reading = new Reading();
  for (const chunk of capture instanceof Uint8Array ? [capture] : capture) {
    yield* reading.after(chunk);
  }
  yield* reading.atEnd();
}

/** The same from a source that takes its time: a file, a pipe, a response. */
export async function* readCaptureStream(
  capture: AsyncIterable<Uint8Array>,
): AsyncGenerator<CapturedPacket, void> {
  const reading = new Reading();
  for await (const chunk of capture) yield* reading.after(chunk);
  yield* reading.atEnd();
}

class Reading {
  readonly #input = new Input();
  readonly #steps = parse(this.#input);
  #count = 0;

  after(chunk: Uint8Array): Generator<CapturedPacket, void> {
    this.#input.append(chunk);
    return this.#packets();
  }

  atEnd(): Generator<CapturedPacket, void> {
    this.#input.end();
    return this.#packets();
  }

  /** Those that the bytes until now complete. */
  *#packets(): Generator<CapturedPacket, void> {
    for (;;) {
      const { value } = this.#steps.next();
      if (value === undefined) return;
      yield { index: this.#count++, ...value };
    }
  }
}

function* parse(input: Input): Generator<Uncounted | undefined, void> {
  const what = "the magic of a pcap or pcapng file";
  const first = yield* input.peek(4, what);
  const magic = viewOf(first).getUint32(0);
  if (isPcap(magic)) yield* parsePcap(input);
  else if (magic === SECTION) yield* parsePcapng(input);
  else throw new CaptureError(0, printWord(magic), what);
}
