// Who may give out which addresses: tokens on the universe of all of them, each the beginning of
// what belongs to a peer, up to the next token. Peers tell each other their rings and merge them.
import { type AddressRange, printRange } from "./range.ts";

export interface Token {
  readonly address: number;
  readonly peer: string;
  /** A later word about the same token counts. */
  readonly version: number;
}

/** The tokens in their order; none before the first peer has claimed the universe. */
export interface Ring {
  readonly universe: AddressRange;
  readonly tokens: readonly Token[];
}

export function emptyRing(universe: AddressRange): Ring {
  return { universe, tokens: [] };
}

/** A ring that one peer has alone. */
export function claimedRing(universe: AddressRange, peer: string): Ring {
  return { universe, tokens: [{ address: universe.start, peer, version: 0 }] };
}

/** What belongs to a peer: in order, neighbors together. */
export function ownedBy({ universe, tokens }: Ring, peer: string): AddressRange[] {
  const owned: AddressRange[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.peer !== peer) continue;
    const start = token.address;
    const end = tokens[index + 1]?.address ?? universe.end;
    if (owned.at(-1)?.end === start) owned.push({ start: owned.pop()?.start ?? start, end });
    else owned.push({ start, end });
  }
  return owned;
}

/** The ring after `range`, which is the giver's, has become the taker's. */
export function grant(ring: Ring, giver: string, taker: string, range: AddressRange): Ring {
  const { start, end } = range;
  const isOwned = ownedBy(ring, giver).some((own) => own.start <= start && end <= own.end);
  if (!isOwned || start >= end) throw new RangeError(`${printRange(range)} is not ${giver}'s`);
  const isEndNamed =
    end === ring.universe.end || ring.tokens.some(({ address }) => address === end);
  const before = ring.tokens.find(({ address }) => address === start)?.version ?? -1;
  const inside = ring.tokens.filter(({ address }) => start < address && address < end);
  const tokens = [
    ...ring.tokens.filter(({ address }) => address < start || address >= end),
    { address: start, peer: taker, version: before + 1 },
    ...inside.map((token) => ({ ...token, peer: taker, version: token.version + 1 })),
    ...(isEndNamed ? [] : [{ address: end, peer: giver, version: 0 }]),
  ];
  return { ...ring, tokens: tokens.sort((a, b) => a.address - b.address) };
}

/** Both rings' tokens, of each the later word. Throws where a ring takes what is `own` peer's. */
export function merge(ring: Ring, other: Ring, own: string): Ring {
  const tokens = new Map(ring.tokens.map((token) => [token.address, token]));
  for (const token of other.tokens) {
    const mine = tokens.get(token.address);
    if (mine !== undefined && mine.version >= token.version) continue;
    if (mine?.peer === own && token.peer !== own) {
      throw new RangeError(`${token.peer} says that it owns a range of ${own}'s`);
    }
    tokens.set(token.address, token);
  }
  return { ...ring, tokens: [...tokens.values()].sort((a, b) => a.address - b.address) };
}
