import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import type { TappedBurst } from "../../../bindings/node/pump.ts";
import { need } from "../../need.ts";
import { type OverlayNode, openPair } from "./nodes.ts";

const options = { ...need("root", "tun", "ip", "ping", "tshark"), timeout: 180_000 };

const folder = mkdtempSync(join(tmpdir(), "heddle-capture-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

const open: OverlayNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node.close();
});

/** Fields of each packet of a file, tab by tab. */
function read(path: string, ...fields: string[]): string[][] {
  const vxlan = ["-d", "udp.port==8472,vxlan"];
  const words = [
    "-r",
    path,
    "-n",
    ...vxlan,
    "-T",
    "fields",
    ...fields.flatMap((field) => ["-e", field]),
  ];
  const printed = execFileSync("tshark", words, { stdio: ["ignore", "pipe", "ignore"] });
  return String(printed)
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
}

test(
  "a capture of a running node has each packet twice, and why it was dropped",
  options,
  async () => {
    const [a, b] = await openPair("vxlan");
    open.push(a, b);
    const path = join(folder, "vxlan.pcapng");
    await a.call("beginCapture", path);
    assert.equal((await a.ping(b.containerAddress, 1))[1], 1);
    const stranger = "10.5.66.0";
    await a.ns.ip("route", "add", "10.5.66.0/24", "via", stranger, "dev", "flannel.1", "onlink");
    await a.ns.ip("neigh", "add", stranger, "lladdr", "02:00:00:00:00:66", "dev", "flannel.1");
    await a.ping("10.5.66.6", 1, "-W", "1");
    await a.call("endCapture");
    const fields = ["frame.interface_name", "vxlan.vni", "icmp.type", "frame.comment"];
    const lines = read(path, ...fields).filter(([, , type]) => type !== "");
    assert.deepEqual(lines, [
      ["flannel.1", "", "8", ""],
      ["tunnel", "1", "8", ""],
      ["tunnel", "1", "0", ""],
      ["flannel.1", "", "0", ""],
      ["flannel.1", "", "8", "dropped: UnknownStation"],
    ]);
    const ends = read(path, "ip.src", "ip.dst", "udp.dstport").filter(([, , port]) => port !== "");
    assert.deepEqual(ends[0], [
      `${a.underlay},${a.containerAddress}`,
      `${b.underlay},${b.containerAddress}`,
      "8472",
    ]);
  },
);

test("of the UDP backend, too: with the TTL that a packet came with", options, async () => {
  const [a, b] = await openPair("udp");
  open.push(a, b);
  const path = join(folder, "udp.pcapng");
  await a.call("beginCapture", path);
  assert.equal((await a.ping(b.containerAddress, 1))[1], 1);
  await a.ping("10.5.77.7", 1);
  await a.call("endCapture");
  const seen = read(path, "frame.interface_name", "ip.ttl", "frame.comment");
  assert.deepEqual(seen.slice(0, 2), [
    ["flannel0", "63", ""],
    ["tunnel", "64", ""],
  ]);
  assert.ok(seen.some(([name, , said]) => name === "flannel0" && said === "dropped: NoRoute"));
});

test("who listens too slowly loses packets and is told how many", options, async () => {
  const [a, b] = await openPair("vxlan");
  open.push(a, b);
  await a.call("beginOverflow");
  await a.ping(b.containerAddress, 5);
  const burst = await a.call<TappedBurst>("endOverflow");
  assert.equal(burst.packets.length, 1);
  assert.ok(burst.lost >= 10, `lost ${burst.lost}`);
  assert.equal(burst.packets[0]?.bytes.length, 20);
  assert.ok([98, 106].includes(burst.packets[0]?.len ?? 0)); // at the device, in the tunnel
});
