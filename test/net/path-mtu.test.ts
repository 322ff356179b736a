import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { need } from "../need.ts";
import { until } from "./agent/until.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

const MODULE = new URL("./path-mtu.inside.js", import.meta.url);
const options = { ...need("root", "ip"), timeout: 180_000 };
const NEAR = "10.0.0.1";
const FAR = "10.0.0.2";
const TEN_MINUTES_MS = 600_000;

let ns: Namespace;
const call = <T>(name: string, ...args: unknown[]): Promise<T> => ns.call<T>(MODULE, name, ...args);

before(async () => {
  if (options.skip !== false) return;
  ns = await openNamespace("path");
  await ns.ip("link", "set", "lo", "mtu", "1400");
  for (const address of [NEAR, FAR]) await ns.ip("address", "add", `${address}/32`, "dev", "lo");
});
after(() => ns?.close());

test("a limit holds for the path that it was heard of, for ten minutes", options, async () => {
  await call("open", NEAR, FAR);
  assert.equal(await call("send", NEAR, 1400 - 28), true);
  assert.equal(await call("send", NEAR, 1400 - 27), false);
  await call("hear", 1000);
  assert.deepEqual(await call("paths"), { [NEAR]: 1400, [FAR]: 0 });
  await call("expire", 1000 + TEN_MINUTES_MS - 1);
  assert.deepEqual(await call("paths"), { [NEAR]: 1400, [FAR]: 0 });
  await call("expire", 1000 + TEN_MINUTES_MS);
  assert.deepEqual(await call("paths"), { [NEAR]: 0, [FAR]: 0 });
});

test(
  "what is heard again holds on; what is less takes its place; more does not",
  options,
  async () => {
    await call("open", NEAR);
    await call("send", NEAR, 2000);
    await call("hear", 0);
    await call("send", NEAR, 2000);
    await call("hear", 1000);
    await call("expire", TEN_MINUTES_MS);
    assert.deepEqual(await call("paths"), { [NEAR]: 1400 });
    await ns.ip("link", "set", "lo", "mtu", "1300");
    await call("send", NEAR, 2000);
    await call("hear", 2000);
    assert.deepEqual(await call("paths"), { [NEAR]: 1300 });
    await ns.ip("link", "set", "lo", "mtu", "1400");
    await call("send", NEAR, 2000);
    await call("hear", 3000);
    assert.deepEqual(await call("paths"), { [NEAR]: 1300 });
    await call("again", NEAR); // which forgets the limit, until it is heard of
    assert.deepEqual(await call("paths"), { [NEAR]: 0 });
    await call("send", NEAR, 2000);
    await call("hear", 4000);
    assert.deepEqual(await call("paths"), { [NEAR]: 1400 });
  },
);

test(
  "an MTU that a remote was given holds again when the path's is forgotten",
  options,
  async () => {
    await call("open", NEAR);
    const given: readonly (readonly [own: number, limited: number])[] = [
      [1450, 1400],
      [1400, 1400],
      [1350, 1350],
    ];
    for (const [own, limited] of given) {
      await call("again", NEAR, own);
      for (const nowMs of [0, 1000]) {
        await call("send", NEAR, 2000);
        await call("hear", nowMs);
        assert.deepEqual(await call("paths"), { [NEAR]: limited });
      }
      await call("expire", 1000 + TEN_MINUTES_MS);
      assert.deepEqual(await call("paths"), { [NEAR]: own });
    }
  },
);

test("nobody is believed who says less than any path has", options, async () => {
  await call("open", NEAR);
  await ns.ip("link", "set", "lo", "mtu", "300");
  await call("send", NEAR, 2000);
  await call("hear", 0);
  await ns.ip("link", "set", "lo", "mtu", "1400");
  assert.deepEqual(await call("paths"), { [NEAR]: 552 });
});

test("of one that is no remote, and of a closed port, nothing is kept", options, async () => {
  await call("open", NEAR);
  await call("send", FAR, 2000);
  await call("send", NEAR, 10); // nobody listens there
  const errors = await until("the port says that it is closed", async () => {
    await call("hear", 0);
    const seen = await call<Record<string, number>>("errors");
    return Object.keys(seen).length > 0 && seen;
  });
  assert.deepEqual(await call("paths"), { [NEAR]: 0 });
  assert.deepEqual(errors, { "underlay ECONNREFUSED": 1 });
  assert.equal(await call("send", NEAR, 10), true); // and the next datagram leaves
});
