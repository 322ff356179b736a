// flanneld in a network that runs: what it takes, what it leaves behind, and when it gives up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { runScenario } from "../../../../bindings/lab/engine/run.ts";
import type { Action, Scenario } from "../../../../bindings/lab/scenario.ts";
import { SCENARIOS } from "../../../../bindings/lab/scenarios/index.ts";
import type { StoreSpec } from "../../../../bindings/lab/spec/network.ts";
import type { Output } from "../../../../bindings/lab/trace/trace.ts";

const core = await openCore({ memoryBytes: 16 << 20 });
const words = { en: "", zh: "" };
const CONFIG = {
  key: "/x/config",
  value: '{"Network": "10.5.0.0/16", "Backend": {"Type": "udp"}}',
};
const TAKEN = { key: "/x/subnets/10.5.7.0-24", value: '{"PublicIP":"10.168.0.2"}' };

/** What a host says to these command lines. */
function say(entries: StoreSpec["entries"], ...lines: string[]): readonly Output[] {
  const actions = lines.map((command): Action => ({ do: "command", in: "h", command }));
  const device = { kind: "nic", name: "eth0", addresses: ["10.168.0.2/24"] } as const;
  const scenario: Scenario = {
    ...{ slug: "daemon", group: "control", title: words, promise: words, assertions: [] },
    network: {
      hosts: [{ name: "h", namespaces: [{ name: "h", kind: "host", devices: [device] }] }],
      fabrics: [],
      store: { api: "v2", entries },
    },
    actions,
  };
  return runScenario(core, scenario, { seed: 1n }).outputs;
}

test("a config that flannel cannot take is refused in words", () => {
  for (const value of ["{", '{"Network": "10.5.0.0/33"}', '{"Network": "10.5.0.0/30"}']) {
    const [output] = say([{ key: "/x/config", value }], "flanneld -iface=eth0");
    assert.match(output?.text ?? "", /^Couldn't fetch network config: /, value);
    assert.equal(output?.exitCode, 1);
  }
});

test("a node finds its lease in the store, and makes its file by the backend", () => {
  const [daemon, file] = say(
    [CONFIG, TAKEN],
    "flanneld -iface=eth0 --ip-masq",
    "cat /run/flannel/subnet.env",
  );
  assert.match(daemon?.text ?? "", /^Found lease \(ip: 10\.5\.7\.0\/24 .*reusing$/m);
  const lines = ["FLANNEL_SUBNET=10.5.7.1/24", "FLANNEL_MTU=1472", "FLANNEL_IPMASQ=true"];
  assert.deepEqual(file?.text.trim().split("\n").slice(1), lines);
});

test("without a config, a card or a lease there is nothing to print", () => {
  const [noConfig] = say([], "flanneld");
  assert.match(noConfig?.text ?? "", /^Couldn't fetch network config/);
  const [noCard] = say([CONFIG], "flanneld -iface=ens33");
  assert.match(noCard?.text ?? "", /^Failed to find any valid interface to use: ens33/);
  const [noFile, noOptions] = say([CONFIG], "cat /run/flannel/subnet.env", "mk-docker-opts.sh");
  const nothing = "/run/flannel/subnet.env: No such file or directory\n";
  assert.deepEqual(
    [noFile?.text, noOptions?.text],
    [...[`cat: ${nothing}`, `mk-docker-opts.sh: ${nothing}`]],
  );
  assert.ok([noConfig, noCard, noFile, noOptions].every((each) => each?.exitCode === 1));
});

test("what the control scenarios say holds under whatever seed", () => {
  const control = SCENARIOS.filter(({ group }) => group === "control");
  assert.ok(control.length >= 3);
  for (const scenario of control) {
    for (const seed of [1n, 2n, 3n]) {
      const { facts } = runScenario(core, scenario, { seed });
      const broken = facts.filter(({ isHeld }) => !isHeld);
      assert.deepEqual(broken, [], `${scenario.slug}, seed ${seed}`);
    }
  }
});
