// Routes of the internet's shape looked up in bulk, beside DPDK's rte_lpm; beside the same spans in
// C, so that nobody takes the table's merit for the language's; and beside DIR-24-8 of two bytes.
import type { HeddleNode } from "../../bindings/core/index.ts";
import { NativeMemory } from "../../bindings/node/native.ts";
import { type PrefixSet, prefixSet, wanted } from "../prefixes.ts";
import { spansOf } from "../route-bytes.ts";
import { openRoutes } from "../tables.ts";
import { dice } from "../workload.ts";
import { CLibrary } from "./c-library.ts";
import type { Contender, Contest, Rival, Suite } from "./contest.ts";
import { dpdkFlags, missingDpdk } from "./dpdk.ts";
import { timed } from "./rounds.ts";

const COUNTS = [1000, 100_000, 1_000_000];
const KEYS = 1 << 22; // far more than caches hold lines
const RUN = 1 << 16; // keys
const HOP_MASK = 0xffffff; // of what rte_lpm_lookup_bulk gives
const FOUND = 0x01000000; // RTE_LPM_LOOKUP_SUCCESS
const MISS = 0xffffffff;
const BOUNDS = { must: 0.8, aim: 1.4 };

type Bulk = (from: number, to: number) => number;

export const routes: Suite = { missing: missingDpdk, contests };

async function* contests(): AsyncGenerator<Contest> {
  const library = new CLibrary("lpm", dpdkFlags());
  const func = (prototype: string): ReturnType<typeof library.func> => library.func(prototype);
  const [open, close] = [func("void lpm_open()"), func("void lpm_close()")];
  const put = func("void lpm_put(uint32_t address, uint32_t depth, uint32_t hop)");
  for (const count of COUNTS) {
    const prefixes = prefixSet(count);
    const node = await openRoutes(prefixes, KEYS * 8);
    open();
    for (const at of byLength(prefixes)) {
      const { addresses, lens, hops } = prefixes;
      put(addresses[at] as number, lens[at] as number, hops[at] as number);
    }
    const input = node.takeScratch(KEYS * 4);
    const output = node.takeScratch(KEYS * 4);
    const heddle: Peer = {
      name: "heddle",
      bulk: (from, to) => node.exports.route_lookup_bulk(node.address, from, to, RUN),
    };
    const rivals = rivalsOf(library, node);
    for (const [what, keys] of Object.entries({
      "random addresses": uniform(),
      "addresses in prefixes": wanted(prefixes, KEYS),
    })) {
      node.bytes.set(new Uint8Array(keys.buffer), input);
      const contender = contenderOf(node, input, output);
      const isBound = what === "random addresses" && count === 1_000_000;
      yield {
        name: `routes, ${count}, ${what}`,
        heddle: contender(heddle),
        rivals: rivals.map((peer): Rival => {
          const bounds = isBound && peer.name.startsWith("DPDK") ? BOUNDS : {};
          return { ...contender(peer), ...bounds };
        }),
      };
    }
    close();
  }
}

/** Somebody who looks addresses up. */
interface Peer {
  readonly name: string;
  readonly bulk: Bulk;
  /** A hop, or all ones, of what it writes; it writes just that if left out. */
  readonly hopOf?: (word: number) => number;
}

function rivalsOf(library: CLibrary, node: HeddleNode): Peer[] {
  const { base } = new NativeMemory(node.exports.memory);
  const type = "(uintptr_t addresses, uintptr_t out, uint32_t count)";
  const bulkOf = (symbol: string): Bulk => {
    const bulk = library.func(`uint32_t ${symbol}${type}`);
    return (from, to) => bulk(base + from, base + to, RUN);
  };
  const hopOf = (word: number): number => ((word & FOUND) === 0 ? MISS : word & HOP_MASK);
  const peers: Peer[] = [
    { name: "DPDK rte_lpm_lookup_bulk", bulk: bulkOf("lpm_bulk"), hopOf },
    { name: "DPDK rte_lpm_lookupx4", bulk: bulkOf("lpm_x4") },
    { name: "C, DIR-24-8 of two bytes", bulk: bulkOf("dir_bulk") },
  ];
  const spans = spansOf(node);
  if (spans === 0) return peers;
  const look = library.func(
    "uint32_t spans_bulk(uintptr_t base, uint32_t spans, uint32_t from, uint32_t to, uint32_t n)",
  );
  const bulk: Bulk = (from, to) => look(base, spans, from, to, RUN);
  return [...peers, { name: "C, the same spans", bulk }];
}

/**
 * All keys in turn; who answers otherwise than the first is refused. Each round begins with keys
 * that are not counted, or who comes behind another one with the same table would find it in the
 * caches.
 */
function contenderOf(
  { view }: HeddleNode,
  input: number,
  output: number,
): (peer: Peer) => Contender {
  const words = new Uint32Array(view.buffer, output, KEYS);
  let expected: Uint32Array | undefined;
  return ({ name, bulk, hopOf = (word) => word }) => {
    const all = (): number => {
      let hits = 0;
      for (let at = 0; at < KEYS; at += RUN) hits += bulk(input + at * 4, output + at * 4);
      return hits;
    };
    const hits = all();
    const found = words.map(hopOf);
    expected ??= found;
    const isSame = found.every((hop, at) => hop === expected?.[at]);
    if (!isSame || hits !== found.filter((hop) => hop !== MISS).length) {
      throw new Error(`${name} finds other hops`);
    }
    let at = 0;
    const run = (): void => {
      bulk(input + at * 4, output + at * 4);
      at = (at + RUN) % KEYS;
    };
    const steady = timed(RUN, run);
    const round = (): number => {
      all();
      return steady();
    };
    return { name, round };
  };
}

function uniform(): Uint32Array {
  const roll = dice(KEYS);
  return Uint32Array.from({ length: KEYS }, () => Math.floor(roll() * 2 ** 32));
}

function byLength({ count, lens }: PrefixSet): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  return order.sort((a, b) => (lens[a] as number) - (lens[b] as number));
}
