import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { type DeviceSpec, runScenario, type Scenario } from "../../../../bindings/lab/index.ts";

const WORDS = { en: "storm", zh: "storm" };

/** Two bridges with two cables between them: whatever is flooded goes round. */
const DEVICES: readonly DeviceSpec[] = [
  { kind: "bridge", name: "br1", addresses: ["10.0.0.1/24"] },
  { kind: "bridge", name: "br2" },
  ...["a", "b"].flatMap((name): DeviceSpec[] => [
    { kind: "veth", name: `${name}1`, peer: `host:${name}2`, master: "br1" },
    { kind: "veth", name: `${name}2`, peer: `host:${name}1`, master: "br2" },
  ]),
];

test("a storm is told, and ends", async () => {
  const scenario: Scenario = {
    ...{ slug: "storm", group: "drills", title: WORDS, promise: WORDS, assertions: [] },
    network: {
      hosts: [{ name: "host", namespaces: [{ name: "host", kind: "host", devices: DEVICES }] }],
      fabrics: [],
    },
    actions: [{ do: "ping", in: "host", to: "10.0.0.9" }],
  };
  const core = await openCore({ memoryBytes: 16 << 20 });
  const free = core.freeBytes;
  assert.throws(() => runScenario(core, scenario), /"ARP who has 10\.0\.0\.9" has no end/);
  assert.equal(core.freeBytes, free);
});
