// What becomes of peers that are wanted, fail, and are gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Peers } from "../../../bindings/agent/peers.ts";
import type { PeerPlan } from "../../../bindings/agent/plan.ts";

const HALF = 2 ** 31; // dice that fall in the middle: three quarters of the longest wait

function plan(subnet: string, remote = "192.0.2.1"): PeerPlan {
  return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes: [], routes: [] };
}

const A = plan("10.5.1.0/24");
const B = plan("10.5.2.0/24");
const REFUSED = { subnet: "10.5.3.0/24", reason: "not ours" };

function settled(): Peers {
  const peers = new Peers(() => HALF);
  peers.want([A, B, REFUSED], 0);
  for (const { subnet } of peers.due(0).puts) peers.succeed(subnet);
  return peers;
}

const states = (peers: Peers): string[] =>
  peers.reports().map(({ subnet, state, reason }) => `${subnet} ${state} ${reason}`.trim());

test("who is wanted is due at once, and programmed when it worked", () => {
  const peers = new Peers(() => HALF);
  assert.deepEqual(peers.want([A, REFUSED], 7), [A, REFUSED]);
  assert.deepEqual(peers.due(7), { puts: [A], removals: [] });
  assert.deepEqual(states(peers), ["10.5.1.0/24 pending", "10.5.3.0/24 refused not ours"]);
  peers.succeed(A.subnet);
  assert.deepEqual(peers.due(1e9), { puts: [], removals: [] });
  assert.deepEqual(states(peers)[0], "10.5.1.0/24 programmed");
  assert.equal(peers.nextMs(), Number.POSITIVE_INFINITY);
});

test("what is said again is no news", () => {
  const peers = settled();
  assert.deepEqual(peers.want([{ ...A }, { ...B }, { ...REFUSED }], 1), []);
  assert.deepEqual(peers.due(1), { puts: [], removals: [] });
});

test("who fails waits longer each time, thirty seconds at most, and starts over", () => {
  const peers = new Peers(() => HALF);
  peers.want([A], 0);
  const waits = [];
  for (let nowMs = 0, count = 0; count < 12; count++) {
    assert.deepEqual(peers.due(nowMs).puts, [A]);
    peers.fail(A.subnet, { reason: "no room", left: null }, nowMs);
    const nextMs = peers.nextMs();
    waits.push(nextMs - nowMs);
    assert.deepEqual(peers.due(nowMs).puts, []);
    nowMs = nextMs;
  }
  const longest = [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000];
  assert.deepEqual(
    waits,
    longest.map((ms) => ms * 0.75),
  );
  assert.deepEqual(states(peers), ["10.5.1.0/24 pending no room"]);
  peers.succeed(A.subnet);
  peers.want([plan(A.subnet, "192.0.2.2")], 1e6);
  peers.fail(A.subnet, { reason: "no room", left: null }, 1e6);
  assert.equal(peers.nextMs(), 1e6 + 75);
});

test("the dice spread the waits from half to all of the longest", () => {
  for (const [dice, ms] of [
    [0, 50],
    [2 ** 32 - 1, 100],
  ] as const) {
    const peers = new Peers(() => dice);
    peers.want([A], 0);
    peers.fail(A.subnet, { reason: "", left: null }, 0);
    assert.equal(Math.round(peers.nextMs()), ms);
  }
});

test("one that fails keeps nobody else from anything", () => {
  const peers = new Peers(() => HALF);
  peers.want([A, B], 0);
  peers.fail(A.subnet, { reason: "no room", left: null }, 0);
  assert.deepEqual(peers.due(1).puts, [B]);
});

test("who is gone is due for removal until that worked", () => {
  const peers = settled();
  peers.want([B], 5);
  assert.deepEqual(peers.due(5), { puts: [], removals: [A] });
  assert.deepEqual(peers.wanted(), [B]);
  peers.fail(A.subnet, { reason: "busy", left: A }, 5);
  assert.deepEqual(states(peers)[0], "10.5.1.0/24 pending busy");
  assert.deepEqual(peers.due(1000).removals, [A]);
  peers.succeed(A.subnet);
  assert.deepEqual(states(peers), ["10.5.2.0/24 programmed"]);
});

test("who is refused now loses what stood, and stays refused", () => {
  const peers = settled();
  peers.want([{ subnet: A.subnet, reason: "no more" }, B, REFUSED], 5);
  assert.deepEqual(peers.due(5), { puts: [], removals: [A] });
  peers.succeed(A.subnet);
  assert.deepEqual(states(peers)[0], "10.5.1.0/24 refused no more");
  assert.equal(peers.standing(A.subnet), null);
});

test("who comes back while it goes is wanted again, with what may stand", () => {
  const peers = settled();
  peers.want([B], 5);
  peers.want([B, A], 6);
  assert.deepEqual(peers.due(6), { puts: [A], removals: [] });
  assert.equal(peers.standing(A.subnet), A);
});

test("a look has all but those whose time has not come", () => {
  const peers = settled();
  peers.want([A, plan(B.subnet, "192.0.2.9")], 5);
  peers.fail(B.subnet, { reason: "no room", left: null }, 5);
  assert.deepEqual(peers.all(6).puts, [A]);
  assert.equal(peers.all(1000).puts.length, 2);
});
