// The end of a lease that its agent gives back: it neither hangs nor hides that it failed.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../../../bindings/agent/index.ts";
import { systemClock } from "../../../../bindings/node/agent/clock.ts";
import { giveBack } from "../../../../bindings/node/agent/give-back.ts";
import { VirtualClock } from "../../../../fuzz/agent/clock.ts";
import { attrsOf, Ground, nameOf } from "../../agent/managed.ts";

test("a lease that is given back leaves no timer that would hold the process", async () => {
  const ground = await Ground.open();
  const lease = await ground.acquire(1);
  const before = timers();
  await giveBack(ground.manager(), lease, { clock: systemClock, log: ground.log });
  assert.equal(await ground.entry(nameOf(lease)), null);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(timers(), before);
  assert.deepEqual(ground.heard("the lease could not be given back"), []);
});

test("a store that does not answer, or refuses, is told of", async () => {
  const refusal = new Error("permission denied");
  for (const [answer, reason] of [
    [() => new Promise<void>(() => {}), /not answered for 5000 ms/],
    [() => Promise.reject(refusal), /permission denied/],
  ] as const) {
    const clock = new VirtualClock();
    const said: string[] = [];
    const log: Log = (level, _, fields) => said.push(`${level} ${fields?.reason}`);
    const key = "/coreos.com/network/subnets/10.5.1.0-24";
    const place = { key, subnet: "10.5.1.0/24", ipv6Subnet: null };
    const lease = { ...place, attrs: attrsOf(1), modRevision: 1n, leaseId: "1" };
    await clock.settle(giveBack({ release: answer }, lease, { clock, log }), 5000);
    assert.match(said.join("\n"), reason);
    assert.match(said.join("\n"), /^error /);
  }
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
