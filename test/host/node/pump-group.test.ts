import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { JournalEntry, JournalResult } from "../../../bindings/core/index.ts";
import { openDevice } from "../../../bindings/node/device.ts";
import type { Pump, PumpStats } from "../../../bindings/node/pump.ts";
import { PumpGroup } from "../../../bindings/node/pump-group.ts";
import type { TappedBurst } from "../../../bindings/node/tap.ts";

const ENTRY: JournalEntry = { table: "domains", op: "set", record: { index: 3, vni: 1 } };

const BURSTS = 100;

/** A thread that answers as it was told. */
class Twin implements Pump {
  readonly deviceName = "flannel.1";
  readonly offload = { device: undefined, deviceTakesUdp: false, segment: false, gro: false };
  readonly ended: Promise<Error | undefined>;
  readonly applied: JournalEntry[] = [];
  readonly #number: number;
  readonly #result: number;
  #end: (error?: Error) => void = () => {};

  constructor(number: number, result = 3) {
    this.#number = number;
    this.#result = result;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async apply(entries: readonly JournalEntry[]): Promise<JournalResult[]> {
    this.applied.push(...entries);
    return entries.map(() => ({ code: "Ok", value: this.#result }));
  }
  async *list(): AsyncGenerator<never> {}
  async *tap(_: object = {}, signal?: AbortSignal): AsyncGenerator<TappedBurst> {
    for (let lost = this.#number; !signal?.aborted; lost += 10) {
      yield { packets: [], lost };
      if (lost >= 20) throw new Error("the pump has ended");
    }
  }
  async stats(): Promise<PumpStats> {
    const flow = { packets: this.#number, bytes: 10 * this.#number };
    return {
      ...{ deviceIn: flow, deviceOut: flow, tunnelIn: flow, tunnelOut: flow },
      passed: this.#number,
      drops: { NoRoute: 1, [`Drop${this.#number}`]: 2 },
      ...{ events: {}, errors: {}, bursts: 5, rssBytes: 1000 + this.#number },
    };
  }
  async close(): Promise<PumpStats> {
    this.#end();
    return this.stats();
  }
  die(error: Error): void {
    this.#end(error);
  }
}

function open(...results: number[]): { twins: Twin[]; group: PumpGroup } {
  const first = new Twin(1);
  const others = results.map((result, i) => new Twin(i + 2, result));
  return { twins: [first, ...others], group: new PumpGroup(first, others) };
}

/** A thread that no packet comes to. */
class Silent extends Twin {
  override async *tap(_: object = {}, signal?: AbortSignal): AsyncGenerator<TappedBurst> {
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
  }
}

/** A thread that shows many bursts. */
class Busy extends Twin {
  override async *tap(): AsyncGenerator<TappedBurst> {
    for (let lost = 0; lost < BURSTS; lost++) yield { packets: [], lost };
  }
}

test("what a tap has shown is kept by nobody while another thread is silent", async () => {
  const group = new PumpGroup(new Busy(1), [new Silent(2)]);
  const shown: WeakRef<TappedBurst>[] = [];
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  for await (const burst of group.tap()) {
    shown.push(new WeakRef(burst));
    await new Promise(setImmediate); // a WeakRef holds its object to the end of the turn
    if (shown.length < BURSTS) continue;
    collect(); // while the other thread is still asked
    break;
  }
  assert.ok(shown.filter((burst) => burst.deref() !== undefined).length < BURSTS / 2);
});

test("entries that each thread would forget by itself are refused", async () => {
  const { group } = open(3);
  for (const flags of [[], ["sticky"], ["learned"]] as const) {
    const record = { domain: 0, mac: "02:00:00:00:00:01", port: 1, flags };
    const entry = { table: "fdb", op: "set", record } as unknown as JournalEntry;
    await assert.rejects(group.apply([entry]), /static or permanent/);
  }
});

test("entries go to every thread, and counts come from all", async () => {
  const { twins, group } = open(3, 3);
  assert.deepEqual(await group.apply([ENTRY]), [{ code: "Ok", value: 3 }]);
  for (const { applied } of twins) assert.deepEqual(applied, [ENTRY]);
  const stats = await group.stats();
  assert.deepEqual(stats.tunnelOut, { packets: 6, bytes: 60 });
  assert.deepEqual(stats.drops, { NoRoute: 3, Drop1: 2, Drop2: 2, Drop3: 2 });
  assert.deepEqual([stats.passed, stats.bursts, stats.rssBytes], [6, 15, 1003]);
  assert.deepEqual(await group.close(), stats);
  assert.equal(await group.ended, undefined);
});

test("tables that are no longer the same end the pump", async () => {
  const { group } = open(3, 4);
  await assert.rejects(group.apply([ENTRY]), /no longer have the same tables/);
  assert.match(String(await group.ended), /no longer have the same tables/);
});

test("an entry that only one thread would know more of goes to none", async () => {
  const { twins, group } = open(3);
  for (const [entry, code] of [
    [{ table: "ports", op: "set", record: { index: 0, kind: "vxlan", flags: ["learn"] } }, "ports"],
    [{ table: "fdb", op: "set", record: { domain: 0, mac: "02:00:00:00:00:01", port: 1 } }, "fdb"],
  ] as const) {
    const refusal = { name: "HeddleError", message: new RegExp(`flags of ${code}`) };
    await assert.rejects(group.apply([ENTRY, entry]), refusal);
  }
  assert.ok(twins.every(({ applied }) => applied.length === 0));
  await group.close();
});

test("one that dies takes all along, and its reason is told", async () => {
  const { twins, group } = open(3, 3);
  twins[1]?.die(new Error("no socket"));
  assert.equal((await group.ended)?.message, "no socket");
  for (const { ended } of twins) await ended;
});

test("a tap hears every thread until one of them ends", async () => {
  const { group } = open(3);
  const heard: number[] = [];
  const listen = async (): Promise<void> => {
    for await (const { lost } of group.tap()) heard.push(lost);
  };
  await assert.rejects(listen(), /the pump has ended/);
  for (const lost of [1, 11, 2, 12]) assert.ok(heard.includes(lost), `${lost} of ${heard}`);
  for await (const { lost } of group.tap()) {
    assert.equal(lost, 1);
    break;
  }
  await group.close();
});

test("a number of queues that cannot be is refused before any call", () => {
  for (const queues of [0, 17, 1.5, Number.NaN]) {
    assert.throws(() => openDevice("tap", "tap0", { queues }), { code: "BadValue", value: queues });
  }
});
