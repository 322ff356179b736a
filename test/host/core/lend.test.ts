// Nodes for a while: their memory comes back, as empty as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../bindings/core/index.ts";

test("what is opened while memory is lent ends with it, also when that throws", async () => {
  const core = await openCore({ memoryBytes: 8 << 20 });
  const before = core.freeBytes;
  const open = (): bigint | undefined => {
    const node = core.openNode({ seed: 1n });
    assert.deepEqual([...node.routes], []);
    node.routes.set({ prefix: "10.0.0.0/8", hop: node.hops.set({ kind: "local" }) });
    assert.ok(core.freeBytes < before);
    return node.counters().Ok;
  };
  for (let round = 0; round < 100; round++) core.lend(open); // more than the memory could hold
  assert.equal(core.freeBytes, before);
  const fail = (): never => {
    open();
    throw new Error("on the way");
  };
  assert.throws(() => core.lend(fail), /on the way/);
  assert.equal(core.freeBytes, before);
});
