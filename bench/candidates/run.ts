// Which structure the routes should have: the core's own beside DIR-24-8 and poptrie, with
// the same prefixes and the same addresses, in turns.
import { cpus } from "node:os";
import { longest, mapsOf, type PrefixSet, prefixSet, wanted } from "../prefixes.ts";
import {
  type Candidate,
  type CoverOf,
  openCoreRoutes,
  openDir24,
  openPoptrie,
} from "./candidate.ts";

const COUNTS = [1000, 100_000, 1_000_000];
const KEYS = 1 << 18;
const RUN = 4096; // addresses in one go: short beside a turn that the system gives to others
const ROUNDS = 15;
const CHANGES = 1000;
const CHANGE_RUN = 50;
const CHANGE_STEP = 7919;
const MIB = 1 << 20;
const NS_PER_MS = 1e6;

console.log(`${cpus()[0]?.model ?? "unknown"}, ${cpus().length} CPUs, Node ${process.version}`);
console.log(`${KEYS} addresses, nine in ten of them covered; median [quarter..three quarters]`);
console.log(
  ["routes ", "structure      ", "look-up ns          ", "reads MiB", "all MiB", "build ms"]
    .join(" ")
    .concat("  remove and set, us"),
);
for (const count of COUNTS) await compare(prefixSet(count));

async function compare(set: PrefixSet): Promise<void> {
  const keys = wanted(set, KEYS);
  const candidates = [
    await openCoreRoutes(set, keys),
    await openDir24(set, keys, coversOf(set)),
    await openPoptrie(set, keys),
  ];
  const lookups = candidates.map((): number[] => []);
  const changes = candidates.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    candidates.forEach((candidate, at) => {
      for (let first = 0; first < KEYS; first += RUN) {
        lookups[at]?.push(timeOf(() => candidate.lookup(first, RUN)) / RUN);
      }
      const { change } = candidate;
      if (change === undefined) return;
      for (let first = 0; first < CHANGES; first += CHANGE_RUN) {
        const run = (round * CHANGES + first) * CHANGE_STEP;
        changes[at]?.push(timeOf(() => runChanges(change, set.count, run)) / CHANGE_RUN / 1000);
      }
    });
  }
  expectSame(candidates);
  candidates.forEach((candidate, at) => {
    print(set.count, candidate, lookups[at] ?? [], changes[at] ?? []);
  });
}

function runChanges(change: (index: number) => void, count: number, first: number): void {
  for (let nth = 0; nth < CHANGE_RUN; nth++) change((first + nth * CHANGE_STEP) % count);
}

/** Nanoseconds of a call. */
function timeOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) * NS_PER_MS;
}

function expectSame(candidates: readonly Candidate[]): void {
  const [first, ...others] = candidates.map(({ name, hops }) => ({ name, hops }));
  for (const { name, hops } of others) {
    const at = hops.findIndex((hop, index) => hop !== first?.hops[index]);
    if (at >= 0) throw new Error(`${name} finds ${hops[at]} for address ${at}`);
  }
}

function coversOf(set: PrefixSet): CoverOf {
  const maps = mapsOf(set);
  return (index) => {
    const len = set.lens[index] as number;
    const shorter = maps.filter(([other]) => other < len);
    for (const each of shorter) {
      const hop = longest([each], set.addresses[index] as number);
      if (hop >= 0) return { len: each[0], hop };
    }
    return { len: -1, hop: 0 };
  };
}

function print(
  count: number,
  { name, buildMs, forwardingBytes, wholeBytes }: Candidate,
  lookups: readonly number[],
  changes: readonly number[],
): void {
  const lookup = spreadOf(lookups, 1);
  const changed = spreadOf(changes, 2);
  const columns = [
    ...[String(count).padEnd(7), name.padEnd(15), lookup.padEnd(20)],
    ...[(forwardingBytes / MIB).toFixed(2).padStart(9), (wholeBytes / MIB).toFixed(2).padStart(7)],
    ...[buildMs.toFixed(0).padStart(8), ` ${changes.length === 0 ? "a new build" : changed}`],
  ];
  console.log(columns.join(" "));
}

function spreadOf(samples: readonly number[], digits: number): string {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => {
    return (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(digits);
  });
  return `${middle} [${low}..${high}]`;
}
