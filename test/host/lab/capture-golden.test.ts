// Captures that tcpdump took of Linux, read whole.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
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
