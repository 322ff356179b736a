// Recordings as what replay.c plays: calls in C, and a file of the pages that go before them.
import { PAGE_LEN, type Recording, type Step } from "./tape.ts";

export interface Script {
  /** calls.c */
  readonly calls: string;
  readonly pages: Uint8Array;
}

/** Of each item by its name, which callgrind tells as well. */
export function scriptOf(recordings: ReadonlyMap<string, Recording>): Script {
  const items = [...recordings].map(([name, { claimLen, opening, steps }]) => {
    const before = opening.map((step) => lineOf("OPENING", step));
    const counted = steps.map((step) => lineOf("STEP", step));
    return [
      `  begin(${JSON.stringify(name)}, ${claimLen});`,
      ...before,
      ...counted,
      "  end();",
    ].join("\n");
  });
  const calls = ['#include "replay.h"', "", "void play(void) {", ...items, "}", ""].join("\n");
  const all = [...recordings.values()].flatMap(({ opening, steps }) => [...opening, ...steps]);
  return { calls, pages: Buffer.concat(all.flatMap(bytesOf)) };
}

function lineOf(macro: string, { pages, call, args, answer }: Step): string {
  const values = ["&core", ...args].join(", ");
  return `  ${macro}(${pages.length}, ${answer >>> 0}u, ${call}(${values}));`;
}

function bytesOf({ pages }: Step): Uint8Array[] {
  return pages.map(({ ptr, bytes }) => {
    const record = new Uint8Array(4 + PAGE_LEN);
    new DataView(record.buffer).setUint32(0, ptr, true);
    record.set(bytes, 4);
    return record;
  });
}
