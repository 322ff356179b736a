// What the demo puts on the wire, in tshark's judgement.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { need } from "../need.ts";
import { demo } from "./demo.ts";
import { BROKEN, countOf, packetsOf } from "./tshark.ts";

const SHORT = ["--seconds", "1", "--rounds", "0"];
const OUTER = ["ip.src", "ip.dst", "ip.ttl", "ip.flags.df", "udp.dstport"];

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-"));
});
after(() => rm(folder, { recursive: true }));

const withKernel = need("root", "tun", "ip", "ethtool", "tshark");
test("a kernel peer understands heddle and is understood", withKernel, async () => {
  const file = join(folder, "kernel.pcapng");
  const args = ["--peer", "kernel", "--pings", "200", "--pcap", file];
  const { left, report, status } = await demo(...args, ...SHORT);
  assert.deepEqual(report.failures, []);
  assert.equal(status, 0);
  assert.deepEqual(
    report.pings.map(({ sent, received }) => [sent, received]),
    [
      [200, 200],
      [200, 200],
    ],
  );
  assert.ok(report.mtuProbe.fits.isAnswered);
  assert.equal(report.mtuProbe.tooLong.saidMtu, 1450);
  assert.match(report.notes.join(" "), /ethtool switched tx checksum, tso, gso/);
  assert.deepEqual(report.hosts[0]?.drops, {});
  assert.equal(report.capture?.missed, 0);
  assert.deepEqual(left, []);

  assert.equal(await countOf(file, BROKEN), 0);
  assert.equal(await countOf(file, "!arp && !vxlan"), 0);
  const packets = await packetsOf(file, "vxlan", [...OUTER, "vxlan.vni", "vxlan.flags"]);
  assert.ok(packets.length > 800);
  const kinds = new Set(packets.map((fields) => fields.join(" ")));
  assert.deepEqual([...kinds].toSorted(), [
    "10.168.0.2 10.168.0.3 64 0 8472 1 0x0800",
    "10.168.0.3 10.168.0.2 64 0 8472 1 0x0800",
  ]);
});

const onDevices = need("root", "tun", "ip", "tshark");
test("two hosts of heddle put the same on the wire", onDevices, async () => {
  const file = join(folder, "vxlan.pcapng");
  const { report } = await demo("--pcap", file, ...SHORT);
  assert.deepEqual(report.failures, []);
  // The veth leaves UDP checksums to its other end, so only malformed packets count here.
  assert.equal(await countOf(file, "_ws.malformed"), 0);
  const echoes = await packetsOf(file, "icmp.type == 8", [...OUTER, "vxlan.vni"]);
  assert.ok(echoes.length >= 40);
  const kinds = new Set(echoes.map((fields) => fields.join(" ")));
  assert.deepEqual([...kinds].toSorted(), [
    "10.168.0.2 10.168.0.3 64 0 8472 1",
    "10.168.0.3 10.168.0.2 64 0 8472 1",
  ]);
});

test("flannel's UDP backend: port 8285 both ways, and TTL 60 on arrival", onDevices, async () => {
  const file = join(folder, "udp.pcapng");
  const { left, report, status } = await demo("--backend", "udp", "--pcap", file, ...SHORT);
  assert.deepEqual(report.failures, []);
  assert.equal(status, 0);
  assert.deepEqual(
    report.pings.map(({ received, ttlAtDestination }) => [received, ttlAtDestination]),
    [
      [20, 60],
      [20, 60],
    ],
  );
  assert.equal(report.mtu, 1472);
  assert.deepEqual(report.mtuProbe.tooLong, { len: 1473, isAnswered: false, saidMtu: 1472 });
  assert.deepEqual(left, []);

  assert.equal(await countOf(file, "_ws.malformed"), 0);
  assert.equal(await countOf(file, "!arp && !(udp.srcport == 8285 && udp.dstport == 8285)"), 0);
  // Inside is the bare IP packet of 84 bytes, and no other header: 20 + 8 + 84 is 112.
  const echoes = await packetsOf(file, "icmp.type == 8 && ip.len == 84", ["ip.len", "udp.length"]);
  assert.ok(echoes.length >= 40);
  assert.deepEqual([...new Set(echoes.map((fields) => fields.join(" ")))], ["112 92"]);
});

test("nobody has that subnet: everybody who asks hears it at once", onDevices, async () => {
  const { report } = await demo("--backend", "udp", ...SHORT);
  const [behind, onHost] = report.unreachable;
  assert.equal(report.unreachable.length, 2);
  assert.equal(behind?.from, "c1");
  assert.equal(onHost?.from, "host1");
  for (const heard of report.unreachable) {
    assert.equal(heard.target, "100.96.9.9");
    assert.equal(heard.tcpConnect, "ENETUNREACH");
    assert.equal(heard.udpSocket, "ENETUNREACH");
    assert.equal(heard.ping, "ENETUNREACH");
    assert.equal(heard.saidBy, "100.96.1.0");
  }
  assert.ok((report.hosts[0]?.drops.NoRoute ?? 0) === 0, "the count was taken before they asked");
});
