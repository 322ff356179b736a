// The lab's TCP, UDP and traceroute beside the kernel's, hop by hop. Who acknowledges when, where
// there is nothing else to say, is a matter of time: segments that only acknowledge are left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, openCore } from "../../../bindings/core/index.ts";
import { runScenario } from "../../../bindings/lab/engine/run.ts";
import type { Action, Scenario } from "../../../bindings/lab/scenario.ts";
import { dockerBridge } from "../../../bindings/lab/scenarios/docker/bridge.ts";
import { flannelVxlan } from "../../../bindings/lab/scenarios/flannel/vxlan.ts";
import type { ListenerSpec, NetworkSpec } from "../../../bindings/lab/spec/network.ts";
import { asLinux, seenAt } from "../../host/lab/linux.ts";
import { comparable, type Seen } from "../../model/comparable.ts";
import { need } from "../../need.ts";
import { KernelNetwork } from "./kernel-network.ts";
import { settled } from "./settled.ts";

const options = need("root", "ip", "ethtool", "iptables", "traceroute");
const core = await openCore();

const LISTENERS: readonly ListenerSpec[] = [
  { protocol: "tcp", port: 8888, app: "nc", does: "sink" },
  { protocol: "udp", port: 8889, app: "echo", does: "echo" },
];

/** c2 listens; everything is as on a Linux machine. */
function listening(network: NetworkSpec): NetworkSpec {
  const hosts = network.hosts.map((host) => ({
    ...host,
    namespaces: host.namespaces.map((each) =>
      each.name === "c2" ? { ...each, listeners: LISTENERS } : each,
    ),
  }));
  return asLinux({ ...network, hosts });
}

function talk(to: string): readonly Action[] {
  const ends = { in: "c1", to } as const;
  return [
    { do: "tcp", ...ends, port: 8888, text: "hello world!" },
    { do: "tcp", ...ends, port: 8890, text: "nobody is here" },
    { do: "udp", ...ends, port: 8889, text: "hello again" },
    { do: "traceroute", ...ends, by: "icmp" },
    { do: "traceroute", ...ends, by: "udp" },
  ];
}

function saying({ bytes, link }: Seen): boolean {
  const { layers } = decode(core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" });
  const tcp = layers.findLast((each) => each.layer === "tcp");
  if (tcp === undefined) return true;
  const { syn, fin, rst } = tcp.fields;
  return syn || fin || rst || tcp.len > tcp.headerLen;
}

for (const [scenario, to] of [
  [dockerBridge, "172.17.0.3"],
  [flannelVxlan, "10.1.16.3"],
] as const) {
  test(`${scenario.slug}: words travel as the kernel's do`, options, async () => {
    const network = listening(scenario.network);
    const actions = talk(to);
    const run: Scenario = { ...scenario, network, actions, assertions: [], errata: [] };
    const trace = runScenario(core, run);
    const kernel = await KernelNetwork.build(settled(network, trace.places), "talk");
    try {
      for (const action of actions) await kernel.perform(action);
      const seen = await kernel.seen();
      assert.ok(seen.has("c2:eth0"));
      for (const [place, packets] of [...seen].filter(([name]) => !name.endsWith(":lo"))) {
        const ours = comparable(seenAt(trace, place).filter(saying));
        assert.deepEqual(ours, comparable(packets.filter(saying)), place);
      }
    } finally {
      await kernel.close();
    }
  });
}
