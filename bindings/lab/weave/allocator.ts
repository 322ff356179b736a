// A peer's part of the addresses: what it gives to its containers, and to peers that have none.
import { parseIpv4, printIpv4 } from "../../core/index.ts";
import {
  type AddressRange,
  biggestBlock,
  clip,
  contains,
  rangeOf,
  sizeOf,
  without,
} from "./range.ts";
import { claimedRing, emptyRing, grant, merge, ownedBy, type Ring } from "./ring.ts";

/** All that a peer knows. */
export interface Allocator {
  readonly peer: string;
  readonly ring: Ring;
  /** What its containers have, in order. */
  readonly taken: readonly number[];
}

/** What peers say to each other about space. */
export type SpaceMessage =
  | { readonly kind: "space-request"; readonly from: string; readonly to: string }
  | { readonly kind: "space-denied"; readonly from: string; readonly to: string }
  | { readonly kind: "ring"; readonly from: string; readonly to: string; readonly ring: Ring };

/** `weave launch`: the first peer has the whole universe. */
export function launch(peer: string, universe: string): Allocator {
  return { peer, ring: claimedRing(rangeOf(universe), peer), taken: [] };
}

/** `weave launch FIRST`: who comes later has nothing yet. */
export function join(peer: string, universe: string): Allocator {
  return { peer, ring: emptyRing(rangeOf(universe)), taken: [] };
}

/** The lowest free address, never the universe's first or last; null: it has to ask for space. */
export function allocate(
  own: Allocator,
): { readonly allocator: Allocator; readonly address: string } | null {
  const { start, end } = own.ring.universe;
  const [first] = clip(freeOf(own), { start: start + 1, end: end - 1 });
  if (first === undefined) return null;
  const taken = [...own.taken, first.start].sort((a, b) => a - b);
  return { allocator: { ...own, taken }, address: printIpv4(first.start) };
}

/** A container has gone. */
export function release(own: Allocator, address: string): Allocator {
  const gone = parseIpv4(address);
  return { ...own, taken: own.taken.filter((each) => each !== gone) };
}

export function ask(own: Allocator, whom: string): SpaceMessage {
  return { kind: "space-request", from: own.peer, to: whom };
}

/** What is heard, and what is answered, if anything is. */
export function hear(
  own: Allocator,
  message: SpaceMessage,
): { readonly allocator: Allocator; readonly answer: SpaceMessage | null } {
  const answer = { from: own.peer, to: message.from };
  if (message.kind === "space-denied") return { allocator: own, answer: null };
  if (message.kind === "ring") {
    const ring = merge(own.ring, message.ring, own.peer);
    return { allocator: { ...own, ring }, answer: null };
  }
  const range = donationOf(own);
  if (range === null) return { allocator: own, answer: { ...answer, kind: "space-denied" } };
  const ring = grant(own.ring, own.peer, message.from, range);
  return { allocator: { ...own, ring }, answer: { ...answer, kind: "ring", ring } };
}

/**
 * What a peer gives to one that asks: the biggest free block, or the upper half of it where the
 * whole would be more than half of all that is free. Null: nothing is free.
 */
export function donationOf(own: Allocator): AddressRange | null {
  const free = freeOf(own);
  const block = biggestBlock(free);
  if (block === null) return null;
  const size = sizeOf([block]);
  if (size <= Math.floor(sizeOf(free) / 2)) return block;
  return { start: block.start + Math.floor(size / 2), end: block.end };
}

export function ownsAddress(own: Allocator, address: string): boolean {
  return contains(ownedBy(own.ring, own.peer), parseIpv4(address));
}

function freeOf({ peer, ring, taken }: Allocator): AddressRange[] {
  return without(ownedBy(ring, peer), taken);
}
