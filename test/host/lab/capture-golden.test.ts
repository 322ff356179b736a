// Captures that tcpdump took of Linux: read whole, decoded without an error, and encoded again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, encode, openCore } from "../../../bindings/core/index.ts";
import { type CapturedPacket, readCapture } from "../../../bindings/lab/index.ts";
import { readVector, vectorFiles } from "./vector.ts";

/** Packets in each capture, as tshark counts them. */
const PACKETS: Readonly<Record<string, number>> = {
  "bridge.docker0.pcap": 21,
  "bridge.veth.pcap": 17,
  "flannel-udp.c2.pcap": 6,
  "flannel-udp.docker0.pcap": 6,
  "flannel-udp.eth0.pcap": 6,
  "flannel-udp.flannel0.pcap": 4,
  "flannel-vxlan.c2.pcap": 10,
  "flannel-vxlan.docker0.pcap": 8,
  "flannel-vxlan.eth0.pcap": 11,
  "flannel-vxlan.flannel1.pcap": 8,
  "to-host.docker0.pcap": 7,
  "to-host.eth0.pcap": 6,
};

function packetsOf(name: string): CapturedPacket[] {
  return [...readCapture(readFileSync(vectorFiles(".pcap").get(name) ?? name))];
}

test("every capture is here, and is said to be from somewhere", () => {
  const origins = readFileSync(vectorFiles(".md").get("README.md") ?? "", "utf8");
  const names = [...vectorFiles(".pcap").keys()];
  assert.deepEqual(names, Object.keys(PACKETS));
  for (const name of names) assert.ok(origins.includes(`\n| \`${name}\` | `), name);
});

test("all packets of each are read, in the order of time, and none was cut", () => {
  for (const [name, count] of Object.entries(PACKETS)) {
    const packets = packetsOf(name);
    assert.equal(packets.length, count, name);
    const linkType = name.endsWith("flannel0.pcap") ? "ip" : "ethernet";
    let before = 0n;
    for (const { bytes, interface: place, originalLen, timeNs } of packets) {
      assert.equal(place.linkType, linkType, name);
      assert.equal(bytes.length, originalLen, name);
      assert.ok(timeNs !== null && timeNs >= before, name);
      before = timeNs;
    }
  }
});

test("every packet decodes without an error, and its layers encode to the same bytes", async () => {
  const core = await openCore();
  const seen = new Set<string>();
  for (const name of Object.keys(PACKETS)) {
    for (const { bytes, index, interface: place } of packetsOf(name)) {
      const { layers, error } = decode(core, bytes, { link: place.linkType ?? "ethernet" });
      assert.equal(error, undefined, `${name}, packet ${index}`);
      assert.ok(layers.every(({ status }) => status === undefined));
      assert.equal(hexOf(encode(layers)), hexOf(bytes), `${name}, packet ${index}`);
      seen.add(layers.map(({ layer }) => layer).join(" "));
    }
  }
  const echo = "ipv4 icmp payload";
  const igmp = "ethernet ipv4 igmp payload";
  assert.deepEqual([...seen].toSorted(), [
    ...["ethernet arp", `ethernet ${echo}`, igmp, `ethernet ipv4 udp ${echo}`],
    ...[`ethernet ipv4 udp vxlan ethernet ${echo}`, echo],
  ]);
});

test("the packets that were written down in hex are in them, in their order", () => {
  for (const name of vectorFiles(".hex").keys()) {
    const left = packetsOf(name.replace(/hex$/, "pcap")).map(({ bytes }) => hexOf(bytes));
    for (const packet of readVector(name.replace(/\.hex$/, ""))) {
      const at = left.indexOf(hexOf(packet));
      assert.ok(at >= 0, name);
      left.splice(0, at + 1);
    }
  }
});

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
