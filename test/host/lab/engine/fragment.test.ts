// Packets that leave in many pieces, and what is said of a drop that no word of Linux fits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { reasonOf } from "../../../../bindings/lab/engine/reason.ts";
import { type Action, runScenario } from "../../../../bindings/lab/index.ts";
import { dockerBridge } from "../../../../bindings/lab/scenarios/docker/bridge.ts";
import { isDrop } from "../../../../bindings/lab/trace/verdict.ts";

const core = await openCore();

for (const [mtu, dataLen] of [
  [1500, 31_000],
  [1500, 65_507],
  [200, 4000],
  [68, 65_507],
] as const) {
  test(`a ping of ${dataLen} bytes is answered over an MTU of ${mtu}`, () => {
    const [ping] = dockerBridge.actions.filter((action) => action.do === "ping");
    if (ping === undefined) throw new Error("the scenario pings nobody");
    const command = `ip link set dev eth0 mtu ${mtu}`;
    const actions: Action[] = [
      { do: "command", in: ping.in, command },
      { ...ping, dataLen, count: 1 },
    ];
    const trace = runScenario(core, { ...dockerBridge, actions, assertions: [], errata: [] });
    assert.deepEqual(
      trace.hops.filter(({ verdict }) => isDrop(verdict)).map(({ values }) => values),
      [],
    );
    assert.match(trace.outputs.at(-1)?.text ?? "", /1 packets received, 0% packet loss/);
  });
}

test("only what is malformed is called so", () => {
  assert.equal(reasonOf("Truncated"), "drop-malformed");
  assert.equal(reasonOf("NoRoom"), "drop-other");
});
