import assert from "node:assert/strict";
import { test } from "node:test";
import { Dice } from "../../../../bindings/lab/dice.ts";
import {
  type Allocator,
  allocate,
  ask,
  donationOf,
  hear,
  join,
  launch,
  ownedBy,
  ownsAddress,
  printRange,
  release,
} from "../../../../bindings/lab/weave/index.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";

const UNIVERSE = "10.32.0.0/12";

function take(own: Allocator, count: number): Allocator {
  let allocator = own;
  for (let left = count; left > 0; left--) allocator = allocate(allocator)?.allocator ?? allocator;
  return allocator;
}

/** One peer asks another, and hears what it says. */
function give(from: Allocator, to: Allocator): { from: Allocator; to: Allocator } {
  const { allocator, answer } = hear(from, ask(to, from.peer));
  assert.ok(answer !== null);
  return { from: allocator, to: hear(to, answer).allocator };
}

test("the first peer gives its containers the lowest addresses, but not the first of all", () => {
  const host2 = launch("host2", UNIVERSE);
  const first = allocate(host2);
  assert.equal(first?.address, "10.32.0.1");
  assert.equal(first && allocate(first.allocator)?.address, "10.32.0.2");
  assert.equal(first && allocate(release(first.allocator, "10.32.0.1"))?.address, "10.32.0.1");
});

test("who asks after one or two were taken gets the upper quarter, and begins at its first", () => {
  for (const count of [1, 2]) {
    const { from, to } = give(take(launch("host2", UNIVERSE), count), join("host1", UNIVERSE));
    assert.deepEqual(ownedBy(to.ring, "host1").map(printRange), ["10.44.0.0-10.47.255.255"]);
    assert.equal(allocate(to)?.address, "10.44.0.0");
    const third = give(from, join("host3", UNIVERSE)).to;
    assert.deepEqual(ownedBy(third.ring, "host3").map(printRange), ["10.36.0.0-10.39.255.255"]);
  }
});

test("who asks before anything was taken gets the upper half", () => {
  const { to } = give(launch("host2", UNIVERSE), join("host1", UNIVERSE));
  assert.deepEqual(ownedBy(to.ring, "host1").map(printRange), ["10.40.0.0-10.47.255.255"]);
});

test("a universe of three addresses is given away to the last, and then there is nothing", () => {
  const small = launch("a", "10.0.0.0/30");
  const full = take(small, 2);
  assert.equal(allocate(full), null);
  assert.deepEqual(full.taken.length, 2);
  const { from, to } = give(full, join("b", "10.0.0.0/30"));
  assert.equal(allocate(to), null); // the universe's first and last are nobody's to have
  const last = give(from, join("c", "10.0.0.0/30"));
  assert.equal(donationOf(last.from), null);
  const { answer } = hear(last.from, ask(last.to, "a"));
  assert.equal(answer?.kind, "space-denied");
});

test("peers share the universe among them: nothing twice, nothing lost, whatever they do", (t) => {
  const seed = drawSeed();
  t.diagnostic(`seed ${seed}`);
  const dice = new Dice(BigInt(seed));
  const names = ["a", "b", "c", "d", "e"];
  for (let round = 0; round < 20; round++) {
    const universe = `10.32.0.0/${12 + (dice.u32() % 16)}`;
    let peers = names.map((name, at) => (at === 0 ? launch : join)(name, universe));
    const given = new Map<string, string>();
    for (let step = 0; step < 60; step++) {
      const at = dice.u32() % peers.length;
      const other = dice.u32() % peers.length;
      const own = peers[at] as Allocator;
      const next = allocate(own);
      if (next !== null && dice.u32() % 2 === 0) {
        assert.ok(!given.has(next.address), `seed ${seed}: ${next.address} twice`);
        assert.ok(ownsAddress(own, next.address));
        given.set(next.address, own.peer);
        peers = peers.with(at, next.allocator);
      } else if (at !== other) {
        const { from, to } = give(own, peers[other] as Allocator);
        peers = peers.with(at, from).with(other, to);
      }
    }
    for (const { ring, peer } of peers) expectWhole(peers, ring, peer, seed);
  }
});

/** What each peer says of itself covers the universe once; others know parts of it at most. */
function expectWhole(
  peers: readonly Allocator[],
  { universe }: Allocator["ring"],
  peer: string,
  seed: number,
): void {
  const own = peers.flatMap(({ ring, peer: each }) => ownedBy(ring, each));
  const ranges = own.sort((a, b) => a.start - b.start);
  let end = universe.start;
  for (const range of ranges) {
    assert.equal(range.start, end, `seed ${seed}, peer ${peer}`);
    end = range.end;
  }
  assert.equal(end, universe.end, `seed ${seed}`);
}
