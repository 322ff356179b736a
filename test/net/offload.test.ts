// Offloads beside the kernel's own: what its super-packets are cut into, and whether it takes those
// that are put together here.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hexOf, internetChecksum } from "../model/packet.ts";
import { need } from "../need.ts";
import { type Namespace, openNamespace } from "./namespace.ts";
import type { Relayed } from "./offload.inside.ts";

const MODULE = new URL("./offload.inside.js", import.meta.url);
const rights = need("root", "tun", "ip");
const udpRights = need("root", "tun", "ip", "uso");
const VIRTIO_LEN = 10;
const SENT_LEN = 24 << 20;
const TARGET = [10, 9, 0, 2];

let near: Namespace;
let far: Namespace;
const call = <T>(name: string, ...args: unknown[]): Promise<T> => near.call(MODULE, name, ...args);

before(async () => {
  if (rights.skip !== false) return;
  near = await openNamespace("offload-near");
  far = await openNamespace("offload-far");
});
after(async () => {
  await near?.close();
  await far?.close();
});

async function address(ns: Namespace, device: string, own: string): Promise<void> {
  await ns.ip("link", "set", device, "mtu", "1450", "up");
  await ns.ip("address", "add", `${own}/24`, "dev", device);
}

/** What the kernel makes of one datagram that is to be cut. */
async function readCut(hasOffload: boolean): Promise<Uint8Array[]> {
  const bytes = Uint8Array.from({ length: 6 * 700 + 33 }, (_, at) => (at * 31) & 255);
  await call("open", "tun0", hasOffload);
  await address(near, "tun0", "10.9.0.1");
  await call("sendSegmented", TARGET, bytes, 700);
  const packets = await call<Uint8Array[]>("readAll", "tun0");
  await call("close", "tun0");
  const at = hasOffload ? VIRTIO_LEN : 0;
  return packets.filter((packet) => packet[at] === 0x45 && packet[at + 9] === 17);
}

test("a datagram that is to be cut is cut as the kernel cuts it", udpRights, async () => {
  const [whole, ...others] = await readCut(true);
  const own = await readCut(false);
  assert.equal(own.length, 7);
  assert.ok(whole !== undefined && others.length === 0, "the kernel hands it over whole");
  const header = whole.slice(0, VIRTIO_LEN);
  const packet = whole.slice(VIRTIO_LEN);
  // Each time the kernel begins with another identification.
  packet.set(own[0]?.subarray(4, 6) ?? [], 4);
  packet.set([0, 0], 10);
  const sum = internetChecksum(packet.subarray(0, 20));
  packet.set([sum >> 8, sum & 255], 10);
  const cut = await call<Uint8Array[]>("cutAlone", header, packet);
  assert.deepEqual(cut.map(hexOf), own.map(hexOf));
});

test("a stream arrives whole and in order, cut and joined on its way", rights, async () => {
  assert.notEqual(await call("open", "near0", true), "nothing");
  assert.notEqual(await call("open", "far0", true), "nothing");
  await near.ip("link", "set", "far0", "netns", far.name);
  await address(near, "near0", "10.9.0.1");
  await address(far, "far0", "10.9.0.2");
  await call("relay", ["near0", "far0"]);
  const [heard] = await Promise.all([
    far.run(process.execPath, "-e", LISTEN),
    near.run(process.execPath, "-e", SEND),
  ]);
  const told = await call<Relayed>("endRelay");
  await call("close", "near0");
  await call("close", "far0");
  assert.equal(heard.trim(), `${SENT_LEN} in order`);
  assert.equal(told.lost, 0);
  assert.ok(told.superRead > 10, `${told.superRead} super-packets of ${told.read}`);
  assert.ok(told.segments > SENT_LEN / 1450, `${told.segments} segments`);
  assert.ok(told.superWritten > 10, `${told.superWritten} super-packets of ${told.written}`);
  assert.ok(told.written < told.segments / 2, `${told.written} packets of ${told.segments}`);
  const errors = await far.run("cat", "/proc/net/snmp");
  for (const [group, name] of [
    ["Tcp", "InErrs"],
    ["Tcp", "InCsumErrors"],
    ["Ip", "InHdrErrors"],
  ] as const) {
    assert.equal(countOf(errors, group, name), 0, `${group} ${name}`);
  }
  const more = await far.run("cat", "/proc/net/netstat");
  assert.equal(countOf(more, "TcpExt", "TCPOFOQueue"), 0, "segments out of order");
});

const PATTERN = "const at = (i) => (i * 7 + (i >> 9)) & 255;";
const LISTEN = `${PATTERN} let n = 0, good = true;
  const server = require("node:net").createServer((socket) => {
    socket.on("data", (d) => { for (const byte of d) if (byte !== at(n++)) good = false; });
    socket.on("end", () => { console.log(n + (good ? " in order" : " damaged")); server.close(); });
  }).listen(7000);`;
const SEND = `${PATTERN} const bytes = Uint8Array.from({ length: ${SENT_LEN} }, (_, i) => at(i));
  const dial = () => { const socket = require("node:net").connect(7000, "10.9.0.2");
    socket.on("connect", () => socket.end(bytes));
    socket.on("error", () => setTimeout(dial, 50)); };
  dial();`;

/** A number of /proc/net/snmp or netstat: a line of names, and one of values. */
function countOf(text: string, group: string, name: string): number {
  const [names, values] = text
    .split("\n")
    .filter((line) => line.startsWith(`${group}:`))
    .map((line) => line.split(" "));
  const value = values?.[names?.indexOf(name) ?? -1];
  assert.ok(value !== undefined, `${group} ${name} is not counted`);
  return Number(value);
}
