// The wait for another underlay on a host where something changes all the time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { underlayChange } from "../../../../bindings/node/agent/choose-underlay.ts";
import type { AgentContext } from "../../../../bindings/node/agent/context.ts";
import { VirtualClock } from "../../../../fuzz/agent/clock.ts";

const BEFORE = { name: "eth0", index: 2, mtu: 1500, address: "192.0.2.1", publicIp: "192.0.2.1" };

/** A host of one interface, whose address the test changes, and whose looks it counts. */
class Host {
  readonly clock: VirtualClock = new VirtualClock();
  address = BEFORE.address;
  looks = 0;
  tell: () => void = () => {};

  get context(): AgentContext {
    const netcfg = {
      links: async () => {
        this.looks += 1;
        return [{ index: 2, name: "eth0", mtu: 1500 }];
      },
      addresses: async () => [{ dev: "eth0", address: `${this.address}/24` }],
      routes: async () => [],
      monitor: (onChange: () => void) => {
        this.tell = onChange;
      },
    };
    const wish = { interfaces: ["eth0"], interfacePatterns: [], canReach: "", publicIp: "" };
    const context = { clock: this.clock, log: () => {}, netcfg, settings: wish };
    return context as unknown as AgentContext;
  }
}

test("changes that come by the hundred are a few looks, and the last of them is seen", async () => {
  const host = new Host();
  const changed = underlayChange(host.context, BEFORE, new AbortController().signal);
  for (let tick = 0; tick < 100; tick++) {
    await host.clock.pass(100);
    host.tell();
  }
  assert.ok(host.looks >= 10 && host.looks <= 21, `${host.looks} looks in ten seconds`);
  host.address = "192.0.2.2";
  host.tell();
  const now = await host.clock.settle(changed, 4000);
  assert.equal(now.address, "192.0.2.2");
});

test("without a word of a change the underlay is looked at all the same", async () => {
  const host = new Host();
  const stop = new AbortController();
  const changed = underlayChange(host.context, BEFORE, stop.signal);
  await host.clock.pass(60_000);
  assert.ok(host.looks >= 5 && host.looks <= 6, `${host.looks} looks in a minute`);
  stop.abort(new Error("enough"));
  await assert.rejects(host.clock.settle(changed, 1000), /enough/);
});
