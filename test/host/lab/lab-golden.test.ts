// The scenarios beside Linux: what tcpdump captured when these very networks stood in namespaces is
// what the lab's devices see, packet by packet, but for what a sender may choose.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openCore } from "../../../bindings/core/index.ts";
import { runScenario } from "../../../bindings/lab/engine/run.ts";
import { readCapture } from "../../../bindings/lab/index.ts";
import type { Action, Scenario } from "../../../bindings/lab/scenario.ts";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import { comparable, type Seen } from "../../model/comparable.ts";
import { asLinux, seenAt } from "./linux.ts";
import { vectorFiles } from "./vector.ts";

function captured(name: string): Seen[] {
  const file = vectorFiles(".pcap").get(`${name}.pcap`) ?? name;
  return [...readCapture(readFileSync(file))].map((packet) => ({
    bytes: packet.bytes,
    link: packet.interface.linkType === "ip" ? "ipv4" : "ethernet",
  }));
}

interface Golden {
  readonly slug: string;
  /** The form of it that was captured. */
  readonly variant?: string;
  readonly actions: readonly Action[];
  /** Captures by the place where they were taken. */
  readonly captures: Readonly<Record<string, string>>;
}

const MASQUERADE = "iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE";

const GOLDEN: readonly Golden[] = [
  {
    slug: "docker-bridge",
    actions: [
      { do: "ping", in: "c1", to: "172.17.0.3", count: 5 },
      { do: "ping", in: "c1", to: "172.17.0.1" },
      { do: "ping", in: "host1", to: "172.17.0.3" },
    ],
    captures: { "host1:docker0": "bridge.docker0", "host1:veth20b3dac": "bridge.veth" },
  },
  {
    slug: "flannel-vxlan",
    actions: [
      { do: "ping", in: "c1", to: "10.1.16.3", count: 2 },
      { do: "ping", in: "c1", to: "10.1.16.3", dataLen: 1422 },
      { do: "ping", in: "node1", to: "10.1.16.3" },
    ],
    captures: {
      "node1:docker0": "flannel-vxlan.docker0",
      "node1:flannel.1": "flannel-vxlan.flannel1",
      "node1:eth0": "flannel-vxlan.eth0",
      "c2:eth0": "flannel-vxlan.c2",
    },
  },
  {
    slug: "flannel-udp",
    actions: [{ do: "ping", in: "c1", to: "100.96.2.3", count: 2 }],
    captures: {
      "node1:docker0": "flannel-udp.docker0",
      "node1:flannel0": "flannel-udp.flannel0",
      "node1:eth0": "flannel-udp.eth0",
      "c2:eth0": "flannel-udp.c2",
    },
  },
  {
    slug: "container-to-host",
    variant: "routed",
    actions: [
      { do: "ping", in: "c1", to: "10.168.0.3" },
      { do: "command", in: "node1", command: MASQUERADE },
      { do: "ping", in: "c1", to: "10.168.0.3" },
    ],
    captures: { "node1:docker0": "to-host.docker0", "node1:eth0": "to-host.eth0" },
  },
];

function scenarioOf({ slug, variant = "", actions }: Golden): Scenario {
  const scenario = SCENARIOS.find((each) => each.slug === slug);
  if (scenario === undefined) throw new RangeError(`no scenario ${slug}`);
  const { network } = { ...scenario, ...scenario.variants?.[variant] };
  return { ...scenario, network: asLinux(network), actions, assertions: [] };
}

for (const golden of GOLDEN) {
  test(`${golden.slug}: every device sees what Linux's did`, async () => {
    const trace = runScenario(await openCore(), scenarioOf(golden));
    for (const [place, capture] of Object.entries(golden.captures)) {
      assert.deepEqual(comparable(seenAt(trace, place)), comparable(captured(capture)), place);
    }
  });
}
