// One launch: a process with both builds in it, which do the same items in turn. What is printed is
// one JSON document. Arguments: the folder of each build, in the order in which they are to be
// loaded, how many rounds, and which sections.

import type { Item } from "../measure.ts";
import type * as Micro from "../micro.ts";
import { sampleOf } from "../sample.ts";

const WARM_UP_MS = 20;
const SLICE_MS = 3;
const NS_PER_MS = 1e6;

/** Of each item, in each round: the nanoseconds of the first build and of the second. */
export interface Timed {
  readonly name: string;
  readonly rounds: readonly (readonly [first: number, second: number])[];
}

const [first = "", second = "", rounds = "1", only = ""] = process.argv.slice(2);
console.log(JSON.stringify(await launch([first, second])));

async function launch(folders: readonly [string, string]): Promise<Timed[]> {
  const [a, b] = [await itemsOf(folders[0]), await itemsOf(folders[1])];
  const timed: Timed[] = [];
  for (;;) {
    const [one, other] = [(await a.next()).value, (await b.next()).value];
    if (one?.name !== other?.name) throw new Error(`${one?.name} is not ${other?.name}`);
    if (one === undefined || other === undefined) return timed;
    timed.push({ name: one.name, rounds: turns(one, other) });
  }
}

async function itemsOf(folder: string): Promise<AsyncGenerator<Item, undefined>> {
  const { microItems }: typeof Micro = await import(`${folder}/dist/bench/micro.js`);
  return microItems(only.split(",")) as AsyncGenerator<Item, undefined>;
}

// Who is first in one round is second in the next.
function turns(one: Item, other: Item): Timed["rounds"] {
  for (const { name, wasm, expected } of [one, other]) {
    const count = wasm();
    if (count !== expected) throw new Error(`${name}: ${count} of ${expected}`);
  }
  slice(one, WARM_UP_MS);
  slice(other, WARM_UP_MS);
  return Array.from({ length: Number(rounds) }, (_, round) => {
    if (round % 2 === 0) return [slice(one), slice(other)] as const;
    const later = slice(other);
    return [slice(one), later] as const;
  });
}

/** Nanoseconds an item, the median of as many runs as there is time for. */
function slice({ items, wasm }: Item, ms: number = SLICE_MS): number {
  const samples: number[] = [];
  const end = performance.now() + ms;
  for (let now = performance.now(); now < end || samples.length === 0; ) {
    wasm();
    const after = performance.now();
    samples.push(((after - now) * NS_PER_MS) / items);
    now = after;
  }
  return sampleOf(samples).median;
}
