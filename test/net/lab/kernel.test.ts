// The lab against the kernel of this machine: the same network, built in namespaces by the script
// that the lab exports, and the same pings. Every device has to see the same packets, but for what
// a sender may choose; what a host says to itself by `lo` is its own affair.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../bindings/core/index.ts";
import { runScenario } from "../../../bindings/lab/engine/run.ts";
import type { Scenario } from "../../../bindings/lab/scenario.ts";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import { asLinux, seenAt, withoutIpip } from "../../host/lab/linux.ts";
import { comparable } from "../../model/comparable.ts";
import { need } from "../../need.ts";
import { KernelNetwork } from "./kernel-network.ts";
import { settled } from "./settled.ts";

const options = need("root", "ip", "ping", "ethtool", "tun", "iptables");

const SLUGS = [
  "hub",
  "gateway",
  "docker-bridge",
  "container-to-host",
  "host-to-container",
  "flannel-vxlan",
  "flannel-udp",
  "host-gw",
  "direct-routing",
  "swarm-overlay",
  "swarm-two-vnis",
  "calico-bgp",
  "calico-routes",
  "route-loop",
  "twin-subnet",
];

function scenarioOf(slug: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.slug === slug);
  if (scenario === undefined) throw new RangeError(`no scenario ${slug}`);
  return { ...scenario, network: withoutIpip(asLinux(scenario.network)), assertions: [] };
}

for (const slug of SLUGS) {
  test(`${slug}: the kernel's devices see what the lab's do`, options, async () => {
    const scenario = scenarioOf(slug);
    const trace = runScenario(await openCore(), scenario);
    const network = settled(scenario.network, trace.places);
    const kernel = await KernelNetwork.build(network, slug);
    try {
      for (const action of scenario.actions) await kernel.perform(action);
      const seen = await kernel.seen();
      const places = new Set(trace.sightings.map(({ place }) => place));
      for (const place of seen.keys()) places.add(place);
      for (const place of places) if (place.endsWith(":lo")) places.delete(place);
      const ours = [...places].sort().map((place) => [place, comparable(seenAt(trace, place))]);
      const theirs = [...places].sort().map((place) => [place, comparable(seen.get(place) ?? [])]);
      assert.deepEqual(ours, theirs);
    } finally {
      await kernel.close();
    }
  });
}
