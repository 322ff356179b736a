// Packets and routes beside JavaScript: what npm has, and code of our own for this one job.
import { LayerAt, LayerKind, PieceAt } from "../../bindings/core/index.ts";
import { layPieces } from "../pieces.ts";
import { longest, mapsOf, type PrefixSet, prefixSet, wanted } from "../prefixes.ts";
import { PACKETS } from "../workload.ts";
import type { Contender, Contest, Suite } from "./contest.ts";
import { missingNpm, openNpm, type PrefixMatch } from "./npm.ts";
import { BURST_LEN, Packets } from "./packets.ts";
import { timed } from "./rounds.ts";
import { openLookups } from "./route-lookups.ts";
import { TwinDecoder } from "./twin-decoder.ts";

const ROUTES = 10_000; // longest-prefix-match needs a minute for a million
const KEYS = 4096;
const IPV4_AT = 14;
const MISS = 0xffffffff;

export const jsDecoding: Suite = { missing: missingNpm, contests: decodeContests };
export const jsRoutes: Suite = { missing: missingNpm, contests: routeContests };

async function* decodeContests(): AsyncGenerator<Contest> {
  const packets = await Packets.open();
  const { heddle, node } = packets;
  const twin = new TwinDecoder(node.view);
  const plain = packets.contender("plain JavaScript", (pieces, count, out) => {
    return twin.decode(pieces, count, out);
  });
  yield { name: "decode, a frame in VXLAN", heddle, rivals: [plain] };
  yield headerContest(packets);
}

/** Alone the IPv4 header: ip-packet knows no other, and looks at no checksum. */
function headerContest({ node, bytes }: Packets): Contest {
  const { ipPacket } = openNpm();
  const headers = bytes.map((packet) => packet.slice(IPV4_AT));
  const pieces = layPieces(node, headers);
  const out = node.takeScratch(PACKETS * LayerAt.End);
  const { packet_decode_bulk } = node.exports;
  const inCore = (): number => {
    let found = 0;
    for (let at = 0; at < PACKETS; at += BURST_LEN) {
      const [from, to] = [pieces + at * PieceAt.End, out + at * LayerAt.End];
      found += packet_decode_bulk(from, BURST_LEN, LayerKind.Ipv4, to, 1);
    }
    return found;
  };
  const inPackage = (): number => {
    let found = 0;
    for (const buffer of headers) {
      const state = { buffer, start: 0, end: buffer.length };
      if (ipPacket.decode(state).length === buffer.length) found += 1;
    }
    return found;
  };
  return {
    name: "decode, an IPv4 header",
    heddle: counting("heddle", PACKETS, PACKETS, inCore),
    rivals: [counting("ip-packet", PACKETS, PACKETS, inPackage)],
  };
}

async function* routeContests(): AsyncGenerator<Contest> {
  const prefixes = prefixSet(ROUTES);
  const keys = wanted(prefixes, KEYS);
  const { heddle, hits, hops } = await openLookups(prefixes, keys);
  const maps = mapsOf(prefixes);
  const match = build(new (openNpm().PrefixMatch)(), prefixes);
  const texts = [...keys].map((key) => `${textOf(key)}/32`);
  if ([...keys].some((key, at) => longest(maps, key) >>> 0 !== hops[at])) {
    throw new Error("the Maps have other hops");
  }
  if (texts.some((text, at) => (match.getMatch(text)[0] ?? MISS) !== hops[at])) {
    throw new Error("longest-prefix-match has other hops");
  }
  const byMaps = (): number => {
    let count = 0;
    for (const key of keys) if (longest(maps, key) >= 0) count += 1;
    return count;
  };
  const byPackage = (): number => {
    let count = 0;
    for (const text of texts) if (match.getMatch(text).length > 0) count += 1;
    return count;
  };
  yield {
    name: `routes, ${ROUTES}, addresses in prefixes`,
    heddle,
    rivals: [
      counting("JavaScript, a Map for each length", KEYS, hits, byMaps),
      counting("longest-prefix-match", KEYS, hits, byPackage),
    ],
  };
}

function build(match: PrefixMatch, { count, addresses, lens, hops }: PrefixSet): PrefixMatch {
  for (let at = 0; at < count; at++) {
    match.addPrefix(`${textOf(addresses[at] as number)}/${lens[at]}`, hops[at] as number);
  }
  return match;
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** Work that has to come to `expected`. */
function counting(name: string, items: number, expected: number, run: () => number): Contender {
  const found = run();
  if (found !== expected) throw new Error(`${name} finds ${found} of ${expected}`);
  return { name, round: timed(items, run) };
}
