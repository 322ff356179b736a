// Watching the others: what is told is a function of the leases that stand in the store, and
// nothing that goes wrong on the way removes a peer.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lease, PeerChange, SubnetManager } from "../../../bindings/agent/index.ts";
import { away, type MeddledStore } from "../../../fuzz/agent/meddled-store.ts";
import { attrsOf, Ground, keyOf } from "./managed.ts";

/** One change as text: "snapshot +10.5.2.0/24 -10.5.3.0/24 of 1". */
function told({ kind, changed, removed, peers }: PeerChange): string {
  const plus = changed.map(({ subnet }) => ` +${subnet}`).join("");
  const minus = removed.map(({ subnet }) => ` -${subnet}`).join("");
  return `${kind}${plus}${minus} of ${peers.size}`;
}

class Watcher {
  readonly ground: Ground;
  readonly own: Lease;
  readonly changes: PeerChange[] = [];
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  #read = 0;

  private constructor(ground: Ground, own: Lease, manager: SubnetManager) {
    this.ground = ground;
    this.own = own;
    this.ended = this.#watch(manager);
  }

  /** A node that watches, with its own lease. */
  static async open(
    ground: Ground,
    manager: SubnetManager = ground.manager(),
    own?: Lease,
  ): Promise<Watcher> {
    const lease = own ?? (await ground.acquire(1, "10.5.1.0/24"));
    return new Watcher(ground, lease, manager);
  }

  /** What was told since the last time, as time passed. */
  async news(ms = 1000): Promise<string[]> {
    await this.ground.clock.pass(ms);
    const from = this.#read;
    this.#read = this.changes.length;
    return this.changes.slice(from).map(told);
  }

  stop(): void {
    this.#stop.abort(new Error("enough"));
  }

  async #watch(manager: SubnetManager): Promise<void> {
    for await (const change of manager.peers(this.own, this.#stop.signal)) {
      this.changes.push({ ...change, peers: new Map(change.peers) });
    }
  }
}

/** A store that can be away for a while. */
function cuttable(ground: Ground): { store: MeddledStore; away: (is: boolean) => void } {
  let isAway = false;
  const store = ground.meddled((_, act) => (isAway ? Promise.reject(away()) : act()));
  const set = (is: boolean): void => {
    isAway = is;
    if (is) store.cut();
  };
  return { store, away: set };
}

test("first a snapshot, also of nobody; then who comes, changes and goes", async () => {
  const ground = await Ground.open();
  const watcher = await Watcher.open(ground);
  assert.deepEqual(await watcher.news(), ["snapshot of 0"]);
  await ground.put("10.5.2.0-24", attrsOf(2));
  assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
  await ground.put("10.5.2.0-24", attrsOf(3));
  assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  assert.deepEqual(await watcher.news(), ["change -10.5.2.0/24 of 0"]);
  assert.deepEqual(watcher.changes.at(-1)?.removed[0]?.attrs, attrsOf(3), "as it was");
});

test("who was there before is in the first snapshot; our own subnet never is", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const watcher = await Watcher.open(ground);
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.2.0/24 of 1"]);
  await ground.put("10.5.1.0-24", attrsOf(9));
  await ground.put("10.5.1.0-24&fd00::-56", attrsOf(9));
  await ground.store.remove(watcher.own.key, null);
  assert.deepEqual(await watcher.news(), []);
});

test("a put that changes nothing, as a renewal, is no change", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const watcher = await Watcher.open(ground);
  await watcher.news();
  const { id } = await ground.store.grantLease(50);
  await ground.put("10.5.2.0-24", attrsOf(2), id);
  const spaced = (await ground.entry("10.5.1.0-24"))?.value.replaceAll(":{", ": {") ?? "";
  await ground.put("10.5.2.0-24", spaced.replaceAll("0.1", "0.2").replaceAll(":01", ":02"), id);
  assert.deepEqual(await watcher.news(), []);
  assert.equal((await ground.manager().leases()).length, 2);
});

test("a lease that runs out is a peer that goes", async () => {
  const ground = await Ground.open();
  const { id } = await ground.store.grantLease(3);
  await ground.put("10.5.2.0-24", attrsOf(2), id);
  const watcher = await Watcher.open(ground);
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.2.0/24 of 1"]);
  assert.deepEqual(await watcher.news(2000), ["change -10.5.2.0/24 of 0"]);
});

test("nonsense never removes a peer, and is said once for each time it is written", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const watcher = await Watcher.open(ground);
  await watcher.news();
  await ground.put("10.5.2.0-24", "no JSON");
  await ground.put("10.5.3.0-24", '{"PublicIP": 7}');
  await ground.put("10.5.999.0-24", attrsOf(4));
  await ground.store.remove(keyOf("10.5.999.0-24"), null);
  await ground.store.remove(keyOf("10.5.4.0-24"), null);
  assert.deepEqual(await watcher.news(), []);
  assert.equal(ground.heard("no lease: skipped").length, 3);
  assert.deepEqual(await watcher.news(3_600_000), Array(4).fill("snapshot of 1"));
  assert.equal(ground.heard("no lease: skipped").length, 3);
  await ground.put("10.5.2.0-24", attrsOf(5));
  assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
  await ground.put("10.5.2.0-24", "no JSON");
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  assert.deepEqual(await watcher.news(), ["change -10.5.2.0/24 of 0"]);
});

test("what changed while the watch was away is told when it is back, once", async () => {
  for (const isCompacted of [false, true]) {
    const ground = await Ground.open();
    const link = cuttable(ground);
    await ground.put("10.5.2.0-24", attrsOf(2));
    await ground.put("10.5.3.0-24", attrsOf(3));
    await ground.put("10.5.4.0-24", attrsOf(4));
    await ground.put("10.5.8.0-24", attrsOf(8));
    const watcher = await Watcher.open(ground, ground.manager({ store: link.store }));
    await watcher.news();
    link.away(true);
    await watcher.news(60_000);
    await ground.put("10.5.2.0-24", attrsOf(7));
    await ground.store.remove(keyOf("10.5.3.0-24"), null);
    await ground.put("10.5.5.0-24", attrsOf(5));
    await ground.put("10.5.8.0-24", "no JSON");
    if (isCompacted) await ground.store.compact((await ground.store.list("")).revision);
    link.away(false);
    const rest = " -10.5.3.0/24";
    const kind = isCompacted ? "snapshot" : "change";
    const [first = "", ...more] = await watcher.news(6000);
    assert.deepEqual(more, []);
    assert.deepEqual(
      first.split(" ").sort(),
      `${kind} +10.5.2.0/24 +10.5.5.0/24${rest} of 4`.split(" ").sort(),
    );
    assert.deepEqual(watcher.changes.at(-1)?.removed[0]?.attrs, attrsOf(3));
  }
});

test("a second snapshot removes neither our own subnet nor anybody who stayed", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const link = cuttable(ground);
  const watcher = await Watcher.open(ground, ground.manager({ store: link.store }));
  await watcher.news();
  for (let round = 0; round < 3; round++) {
    link.away(true);
    await watcher.news(10_000);
    await ground.put("x", attrsOf(round));
    await ground.store.compact((await ground.store.list("")).revision);
    link.away(false);
    assert.deepEqual(await watcher.news(6000), ["snapshot of 1"]);
  }
});

test("a key that was made again as nonsense while nobody looked is a peer that went", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const link = cuttable(ground);
  const watcher = await Watcher.open(ground, ground.manager({ store: link.store }));
  await watcher.news();
  link.away(true);
  await watcher.news(10_000);
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  await ground.put("10.5.2.0-24", "no JSON");
  await ground.store.compact((await ground.store.list("")).revision);
  link.away(false);
  assert.deepEqual(await watcher.news(6000), ["snapshot -10.5.2.0/24 of 0"]);
});

test("who writes between the listing and the watch is not lost", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  let isFirst = true;
  const store = ground.meddled(async (call, act) => {
    if (call === "watch" && isFirst) {
      isFirst = false;
      await ground.put("10.5.2.0-24", attrsOf(2));
    }
    return act();
  });
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  assert.deepEqual(await watcher.news(), ["snapshot of 0", "change +10.5.2.0/24 of 1"]);
});

test("a lost watch is tried again after 100 ms, doubled up to 5 s, and from anew after a good one", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const triedMs: number[] = [];
  let isAway = true;
  const store = ground.meddled((call, act) => {
    if (call !== "watch") return act();
    triedMs.push(ground.clock.nowMs());
    return isAway ? Promise.reject(away()) : act();
  });
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  await watcher.news(30_000);
  const gaps = triedMs.slice(1).map((ms, at) => ms - (triedMs[at] ?? 0));
  assert.deepEqual(gaps.slice(0, 8), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  isAway = false;
  await watcher.news(10_000);
  await ground.put("10.5.2.0-24", attrsOf(2));
  await watcher.news(10_000);
  triedMs.length = 0;
  const lostMs = ground.clock.nowMs();
  store.cut();
  await watcher.news(10_000);
  assert.deepEqual(triedMs, [lostMs + 100]);
  assert.equal(ground.heard("the watch is lost").length, 2);
  assert.equal(ground.heard("the watch is back").length, 2);
});

test("a watch that was always compacted does not spin", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const store = ground.meddled(async (call, act) => {
    if (call === "watch") await ground.store.put("x", "", null);
    if (call === "watch") await ground.store.compact((await ground.store.list("")).revision);
    return act();
  });
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  await watcher.news(60_000);
  assert.ok(store.count < 60, `${store.count} calls in a minute`);
});

test("a watch without a sign of life is not trusted for ever", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const store = ground.meddled((call, act) => (call === "watch" ? new Promise(() => {}) : act()));
  const manager = ground.manager({ store, silenceMaxMs: 60_000 });
  const watcher = await Watcher.open(ground, manager, own);
  await watcher.news();
  await ground.put("10.5.2.0-24", attrsOf(2));
  assert.deepEqual(await watcher.news(60_000), ["snapshot +10.5.2.0/24 of 1"]);
  assert.ok((await watcher.news(600_000)).length >= 9);
  assert.ok(store.count < 30);
});

test("peers beyond the limit are refused, and it is said", async () => {
  const ground = await Ground.open();
  for (const node of [2, 3, 4, 5]) await ground.put(`10.5.${node}.0-24`, attrsOf(node));
  const watcher = await Watcher.open(ground, ground.manager({ peersMax: 3 }));
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.2.0/24 +10.5.3.0/24 +10.5.4.0/24 of 3"]);
  await ground.put("10.5.3.0-24", attrsOf(33));
  assert.deepEqual(await watcher.news(), ["change +10.5.3.0/24 of 3"]);
  assert.equal(ground.heard("too many peers: refused").length, 1);
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  await ground.put("10.5.5.0-24", attrsOf(5));
  assert.deepEqual(await watcher.news(), ["change +10.5.5.0/24 -10.5.2.0/24 of 3"]);
});

test("of two leases of one subnet the older counts, in whichever order they are seen", async () => {
  const ground = await Ground.open();
  const early = await Watcher.open(ground);
  await ground.put("10.5.2.0-24&fd00::-56", attrsOf(2));
  await early.news();
  await ground.put("10.5.2.0-24", attrsOf(3));
  const late = await Watcher.open(ground, ground.manager(), early.own);
  assert.deepEqual(await late.news(), ["snapshot +10.5.2.0/24 of 1"]);
  assert.deepEqual(await early.news(), []);
  for (const { changes } of [early, late]) {
    assert.deepEqual(changes.at(-1)?.peers.get("10.5.2.0/24")?.attrs, attrsOf(2));
  }
  await ground.store.remove(keyOf("10.5.2.0-24&fd00::-56"), null);
  for (const watcher of [early, late]) {
    assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
    assert.deepEqual(watcher.changes.at(-1)?.peers.get("10.5.2.0/24")?.attrs, attrsOf(3));
  }
});

test("keys beside the folder are nobody's", async () => {
  const ground = await Ground.open();
  await ground.store.put("/coreos.com/network/subnets-old/10.5.9.0-24", "{}", null);
  const watcher = await Watcher.open(ground);
  await ground.store.put("/coreos.com/network/subnets2/10.5.8.0-24", "{}", null);
  assert.deepEqual(await watcher.news(), ["snapshot of 0"]);
});

test("watching ends with the signal, within a store call that hangs and while it waits", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const hanging = ground.meddled(() => new Promise(() => {}));
  for (const manager of [ground.manager(), ground.manager({ store: hanging })]) {
    const watcher = await Watcher.open(ground, manager, own);
    await watcher.news();
    watcher.stop();
    await ground.clock.settle(watcher.ended, 0);
  }
});
