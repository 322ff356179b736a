// Packets and routes beside Go: gopacket's DecodingLayerParser, its fastest way, and bart's Table.
// They keep time in their own process; the rounds alternate as those of all others.
import { type PrefixSet, prefixSet, wanted } from "../prefixes.ts";
import { PACKETS } from "../workload.ts";
import type { Contender, Contest, Suite } from "./contest.ts";
import { GoProcess, missingGo } from "./go-process.ts";
import { LAYERS, Packets } from "./packets.ts";
import { openLookups } from "./route-lookups.ts";

const ROUTES = 1_000_000;
const KEYS = 1 << 20;
const HEADERS = LAYERS - PACKETS; // the payload is no layer of gopacket's

export const goDecoding: Suite = { missing: missingGo, contests: decodeContests };
export const goRoutes: Suite = { missing: missingGo, contests: routeContests };

async function* decodeContests(): AsyncGenerator<Contest> {
  const packets = await Packets.open();
  const words = packets.bytes.flatMap((packet) => [wordsOf([packet.length]), packet]);
  const input = Buffer.concat([wordsOf([packets.bytes.length]), ...words]);
  const peer = new GoProcess("gopacket", input);
  const rivals = [contenderOf(peer, "gopacket, DecodingLayerParser", HEADERS)];
  yield { name: "decode, a frame in VXLAN", heddle: packets.heddle, rivals };
  await peer.close();
}

async function* routeContests(): AsyncGenerator<Contest> {
  const prefixes = prefixSet(ROUTES);
  const keys = wanted(prefixes, KEYS);
  const { heddle, hits } = await openLookups(prefixes, keys);
  const routes = Uint32Array.from({ length: ROUTES * 3 }, (_, at) => wordOf(prefixes, at));
  const input = [wordsOf([ROUTES]), wordsOf(routes), wordsOf([KEYS]), wordsOf(keys)];
  const peer = new GoProcess("bart", Buffer.concat(input));
  const rivals = [contenderOf(peer, "bart, Table", hits)];
  yield { name: `routes, ${ROUTES}, addresses in prefixes`, heddle, rivals };
  await peer.close();
}

/** Address, length and hop of each prefix in turn. */
function wordOf({ addresses, lens, hops }: PrefixSet, at: number): number {
  const of = [addresses, lens, hops][at % 3] as Uint32Array | Uint8Array;
  return of[Math.floor(at / 3)] as number;
}

function wordsOf(words: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

function contenderOf(peer: GoProcess, name: string, expected: number): Contender {
  return {
    name,
    round: async () => {
      const { found, nsEach } = await peer.round();
      if (found !== expected) throw new Error(`${name} finds ${found} of ${expected}`);
      return nsEach;
    },
  };
}
