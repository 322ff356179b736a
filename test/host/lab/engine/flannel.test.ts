// Two flannel hosts when something is missing, and who answers on the way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import {
  type Action,
  type DeviceSpec,
  type NamespaceSpec,
  type NetworkSpec,
  runScenario,
  type Trace,
  type Verdict,
} from "../../../../bindings/lab/index.ts";
import { flannelUdp } from "../../../../bindings/lab/scenarios/flannel/udp.ts";
import { flannelVxlan } from "../../../../bindings/lab/scenarios/flannel/vxlan.ts";

const core = await openCore();

function traceOf(actions: readonly Action[], network: NetworkSpec = flannelVxlan.network): Trace {
  const errata = { assertions: [], errata: [] };
  return runScenario(core, { ...flannelVxlan, network, actions, ...errata });
}

/** flannel's VXLAN, the second host's namespace changed. */
function changed(change: (node2: NamespaceSpec) => object): NetworkSpec {
  const { network } = flannelVxlan;
  const hosts = network.hosts.map((host) => ({
    ...host,
    namespaces: host.namespaces.map((each) =>
      each.name === "node2" ? { ...each, ...change(each) } : each,
    ),
  }));
  return { ...network, hosts };
}

/** Its VTEP hears only remotes that it has rows for. */
function strict({ devices }: NamespaceSpec): Pick<NamespaceSpec, "devices"> {
  const isVtep = ({ kind }: DeviceSpec): boolean => kind === "vxlan";
  return {
    devices: devices.map((each) =>
      isVtep(each) ? ({ ...each, isStrict: true } as DeviceSpec) : each,
    ),
  };
}

function verdictsAt(trace: Trace, namespace: string): Verdict[] {
  return trace.hops.filter((hop) => hop.namespace === namespace).map(({ verdict }) => verdict);
}

test("traceroute sees two routers in a VXLAN, and in the UDP backend two stars among five", () => {
  for (const [network, to, lines] of [
    [flannelVxlan.network, "10.1.16.3", ["10.1.15.1", "10.1.16.0", "10.1.16.3"]],
    [flannelUdp.network, "100.96.2.3", ["100.96.1.1", "*", "*", "100.96.2.0", "100.96.2.3"]],
  ] as const) {
    const trace = traceOf([{ do: "traceroute", in: "c1", to, by: "icmp" }], network);
    const [text = ""] = trace.outputs.map((output) => output.text);
    const stops = text.match(/^ *\d+ +\S+/gm)?.map((line) => line.trim().split(/ +/)[1]);
    assert.deepEqual(stops, lines);
  }
});

test("a host answers pings to all its addresses", () => {
  for (const to of ["10.1.15.1", "10.1.16.1", "10.1.16.0", "10.168.0.3"]) {
    const [output] = traceOf([{ do: "ping", in: "c1", to }]).outputs;
    assert.match(output?.text ?? "", /1 packets received, 0% packet loss/, to);
  }
});

test("a strict VTEP hears only whom its FDB names", () => {
  const ping: Action = { do: "ping", in: "c1", to: "10.1.16.3" };
  assert.ok(verdictsAt(traceOf([ping], changed(strict)), "node2").includes("decap"));
  const alone = changed((node2) => ({ ...strict(node2), fdb: [] }));
  const verdicts = verdictsAt(traceOf([ping], alone), "node2");
  assert.ok(verdicts.includes("drop-peer"));
  assert.ok(!verdicts.includes("decap"));
});

test("what waits for a silent host is dropped when nobody answers, and the pings are lost", () => {
  const { network } = flannelVxlan;
  const fabrics = network.fabrics.map((fabric) => ({ ...fabric, link: { loss: 1 } }));
  const ping: Action = { do: "ping", in: "c1", to: "10.1.16.3", count: 2 };
  const trace = traceOf([ping], { ...network, fabrics });
  const waited = trace.hops.filter(({ verdict }) => verdict === "drop-no-neigh");
  assert.deepEqual(
    waited.map(({ namespace, values }) => [namespace, values.ip]),
    [
      ["node1", "10.168.0.3"],
      ["node1", "10.168.0.3"],
    ],
  );
});
