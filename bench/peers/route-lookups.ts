// heddle's side of a comparison of routes: addresses looked up in bulk, in turn.

import type { PrefixSet } from "../prefixes.ts";
import { openRoutes } from "../tables.ts";
import type { Contender } from "./contest.ts";
import { timed } from "./rounds.ts";

const RUN = 4096;

export interface Lookups {
  readonly heddle: Contender;
  readonly hits: number;
  /** A hop for each address, or all ones. */
  readonly hops: Uint32Array;
}

export async function openLookups(prefixes: PrefixSet, keys: Uint32Array): Promise<Lookups> {
  const node = await openRoutes(prefixes, keys.byteLength * 2);
  const input = node.takeScratch(keys.byteLength);
  const output = node.takeScratch(keys.byteLength);
  node.bytes.set(new Uint8Array(keys.buffer), input);
  const look = (at: number, count: number): number => {
    return node.exports.route_lookup_bulk(node.address, input + at * 4, output + at * 4, count);
  };
  const hits = look(0, keys.length);
  const hops = new Uint32Array(node.view.buffer, output, keys.length).slice();
  let at = 0;
  const run = (): void => {
    look(at, RUN);
    at = (at + RUN) % keys.length;
  };
  return { heddle: { name: "heddle", round: timed(RUN, run) }, hits, hops };
}
