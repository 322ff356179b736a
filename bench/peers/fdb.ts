// Stations looked up in bursts of 64, beside C: in the same table, and in the best one known.
import type { HeddleNode } from "../../bindings/core/index.ts";
import { NativeMemory } from "../../bindings/node/native.ts";
import { layStationKeys, openStations, wantedStations } from "../tables.ts";
import { CLibrary, missingCompiler } from "./c-library.ts";
import type { Contest, Suite } from "./contest.ts";
import { tableAt } from "./core-at.ts";
import { timed } from "./rounds.ts";

const COUNTS = [1000, 100_000, 1_000_000];
const BURST_LEN = 64;
const KEYS = 1 << 16;
const NOW_MS = 1000;
const NOW_S = 1;
const BOUNDS = { must: 0.85, aim: 0.95 };

type Bulk = (keys: number, out: number) => number;

export const fdb: Suite = { missing: missingCompiler, contests };

async function* contests(): AsyncGenerator<Contest> {
  const library = new CLibrary("fdb");
  const type = "(uintptr_t base, uintptr_t table, uint32_t domains, uintptr_t keys, uintptr_t out,";
  const same = library.func(`uint32_t fdb_same${type} uint32_t count, uint32_t now_s)`);
  const probe = library.func(`uint32_t fdb_probe${type} uint32_t count, uint32_t now_s)`);
  const make = library.func("uintptr_t probe_make(uintptr_t base, uintptr_t table)");
  const free = library.func("void probe_free(uintptr_t probe)");
  for (const count of COUNTS) {
    const node = await openStations(count);
    const keys = layStationKeys(node, wantedStations(count, KEYS));
    const { base } = new NativeMemory(node.exports.memory);
    const table = base + node.address + tableAt.FDB;
    const domains = node.view.getUint32(node.address + tableAt.DOMAIN, true);
    const copy = make(base, table);
    const contender = contenderOf(node, keys);
    const inC = (look: typeof same, what: number): (() => number) => {
      return contender((from, out) =>
        look(base, what, domains, base + from, base + out, BURST_LEN, NOW_S),
      );
    };
    const bulk: Bulk = (from, out) =>
      node.exports.fdb_lookup_bulk(node.address, from, out, BURST_LEN, NOW_MS);
    yield {
      name: `FDB look-up, ${count} stations`,
      heddle: { name: "heddle", round: contender(bulk) },
      rivals: [
        { name: "C, the same table", round: inC(same, table), ...BOUNDS },
        { name: "C, linear probing, prefetched", round: inC(probe, copy) },
      ],
    };
    free(copy);
  }
}

/** All keys, a burst at a time; who answers otherwise than the first is refused. */
function contenderOf(node: HeddleNode, keys: number): (bulk: Bulk) => () => number {
  const out = node.takeScratch(KEYS * 4);
  let expected: Uint8Array | undefined;
  return (bulk) => {
    const run = (): void => {
      for (let at = 0; at < KEYS; at += BURST_LEN) bulk(keys + at * 8, out + at * 4);
    };
    run();
    const found = node.bytes.slice(out, out + KEYS * 4);
    expected ??= found;
    if (Buffer.compare(found, expected) !== 0) throw new Error("a station lives elsewhere");
    return timed(KEYS, run);
  };
}
