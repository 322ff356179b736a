import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { PumpStats } from "../../../bindings/node/pump.ts";
import { need } from "../../need.ts";
import { type OverlayNode, openPair } from "./nodes.ts";
import { until } from "./until.ts";

const options = { ...need("root", "tun", "ip", "ping"), timeout: 180_000 };
const NOWHERE = "10.5.66.0/24";

const open: OverlayNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node.close();
});

/** Waits until a node has dropped so many packets for a reason, and no more. */
async function dropped(node: OverlayNode, reason: string, count: number): Promise<PumpStats> {
  const stats = await until(`${count} of ${reason}`, async () => {
    const now = await node.stats();
    return (now.drops[reason] ?? 0) >= count && now;
  });
  assert.equal(stats.drops[reason], count);
  return stats;
}

test("two hosts that lead a subnet to each other do not play ping-pong", options, async () => {
  for (const kind of ["vxlan", "udp"] as const) {
    const [a, b] = await openPair(kind);
    open.push(a, b);
    for (const [node, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      const subnet = NOWHERE;
      if (kind === "udp") {
        await node.put({
          ...peer.peerPlan,
          subnet,
          tunnelRoutes: [{ dst: subnet, remote: peer.underlay }],
        });
      } else {
        const via = peer.subnet.replace("/24", "");
        await node.ns.ip("route", "add", subnet, "via", via, "dev", "flannel.1", "onlink");
      }
    }
    for (const name of ["all", b.device]) {
      // The kernel would tell the sender of a better way, by the tunnel.
      await b.ns.run("sh", "-c", `echo 0 > /proc/sys/net/ipv4/conf/${name}/send_redirects`);
    }
    const before = await b.stats();
    await a.ping("10.5.66.6", 3, "-W", "1");
    const after = await dropped(b, "SplitHorizon", 3);
    assert.equal(after.tunnelOut.packets, before.tunnelOut.packets);
    for (const node of open.splice(0)) await node.close();
  }
});

test("a VTEP without a lease is not heard, and counted", options, async () => {
  const [a, b] = await openPair("vxlan");
  open.push(a, b);
  await a.ns.ip("address", "add", "10.168.0.77/24", "dev", "veth0");
  const frame = `${b.mac}${a.mac}0800${"00".repeat(40)}`.replaceAll(":", "");
  const datagram = `0800000000000100${frame}`;
  const code = `
    const socket = require("node:dgram").createSocket("udp4");
    socket.bind(0, "10.168.0.77", () => {
      socket.send(Buffer.from("${datagram}", "hex"), 8472, "${b.underlay}", () => socket.close());
    });`;
  await a.ns.run(process.execPath, "-e", code);
  const stats = await dropped(b, "SourceDenied", 1);
  assert.equal(stats.deviceOut.packets, 0);
});
