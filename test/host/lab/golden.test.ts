// The lab beside Linux: what the first container sent in a capture is sent again, byte for byte,
// and every device must then see what Linux's devices saw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../bindings/core/index.ts";
import type { Device } from "../../../bindings/lab/device.ts";
import { Engine } from "../../../bindings/lab/engine.ts";
import { buildNetwork } from "../../../bindings/lab/network.ts";
import { planNetwork } from "../../../bindings/lab/plan.ts";
import type { Backend } from "../../../bindings/lab/report.ts";
import { comparableFrame, comparablePacket, readVector } from "./vector.ts";

async function replay(backend: Backend) {
  const engine = new Engine({ core: await openCore({ memoryBytes: 16 << 20 }), seed: 3n });
  const plan = planNetwork(backend);
  const [one, two] = buildNetwork(engine, plan);
  const sent = readVector(`flannel-${backend}.docker0`);
  const mac = Buffer.from(plan.hosts[0].container.mac.replaceAll(":", ""), "hex");
  const seen = {
    docker0: record(one.host.bridge),
    mouth: record(one.host.mouth),
    eth0: record(one.host.eth0),
    c2: record(two.container.eth0),
  };
  one.container.eth0.in = () => {}; // its part is played by the capture
  for (const frame of sent.filter((bytes) => bytes.subarray(6, 12).equals(mac))) {
    one.container.eth0.transmit(frame);
    engine.run();
  }
  return seen;
}

function record(device: Device): string[] {
  const packets: string[] = [];
  const comparable = device.linkType === "ethernet" ? comparableFrame : comparablePacket;
  device.tap((bytes) => packets.push(comparable(bytes)));
  return packets;
}

test("VXLAN: bridge, tunnel, underlay and container see what Linux's did", async () => {
  const seen = await replay("vxlan");
  const frames = (name: string) => readVector(`flannel-vxlan.${name}`).map(comparableFrame);
  assert.deepEqual(seen.docker0, frames("docker0"));
  assert.deepEqual(seen.mouth, frames("flannel1"));
  assert.deepEqual(seen.eth0, frames("eth0"));
  assert.deepEqual(seen.c2, frames("c2"));
});

test("flannel UDP: bridge, TUN, underlay and container see what Linux's did", async () => {
  const seen = await replay("udp");
  const frames = (name: string) => readVector(`flannel-udp.${name}`).map(comparableFrame);
  assert.deepEqual(seen.docker0, frames("docker0"));
  assert.deepEqual(seen.mouth, readVector("flannel-udp.flannel0").map(comparablePacket));
  assert.deepEqual(seen.eth0, frames("eth0"));
  assert.deepEqual(seen.c2, frames("c2"));
});
