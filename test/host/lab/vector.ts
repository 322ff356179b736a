// Packets that Linux sent, and how one of ours is held against them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { checksum } from "../../../bindings/core/index.ts";

const ROOT = new URL("../../../../test/vectors/", import.meta.url); // tests run in dist/

/** The files whose names end in `ending`, by name and in its order. */
export function vectorFiles(ending: string): Map<string, URL> {
  const names = readdirSync(ROOT).filter((name) => name.endsWith(ending));
  return new Map(names.toSorted().map((name) => [name, new URL(name, ROOT)]));
}

export function readVector(name: string): Buffer[] {
  const lines = readFileSync(new URL(`${name}.hex`, ROOT), "ascii")
    .trim()
    .split("\n");
  return lines.filter((line) => !line.startsWith("#")).map((line) => Buffer.from(line, "hex"));
}

const ETHERNET_LEN = 14;
const IPV4_LEN = 20;
const UDP_LEN = 8;
const VXLAN_LEN = 8;
const VXLAN_PORT = 8472;
const FLANNEL_PORT = 8285;

/**
 * The frame in hex, without what a sender is free to choose: IP identification and, for VXLAN, the
 * UDP source port. They are zero in it, and so are the checksums over them, which were proven.
 */
export function comparableFrame(bytes: Uint8Array): string {
  const frame = Buffer.from(bytes);
  if (frame.readUInt16BE(12) === 0x0800) settleIp(frame.subarray(ETHERNET_LEN));
  return frame.toString("hex");
}

/** The same for a packet without an Ethernet header. */
export function comparablePacket(bytes: Uint8Array): string {
  const packet = Buffer.from(bytes);
  settleIp(packet);
  return packet.toString("hex");
}

function settleIp(packet: Buffer): void {
  assert.equal(checksum(packet.subarray(0, IPV4_LEN)), 0, "IP checksum");
  const protocol = packet.readUInt8(9);
  const payload = packet.subarray(IPV4_LEN);
  if (protocol === 1) assert.equal(checksum(payload), 0, "ICMP checksum");
  if (protocol === 17) settleUdp(packet, payload);
  packet.writeUInt16BE(0, 4);
  packet.writeUInt16BE(0, 10);
}

function settleUdp(packet: Buffer, datagram: Buffer): void {
  const pseudo = Buffer.concat([packet.subarray(12, 20), Buffer.of(0, 17, 0, 0)]);
  pseudo.writeUInt16BE(datagram.length, 10);
  assert.notEqual(datagram.readUInt16BE(6), 0, "the kernel computes the outer UDP checksum");
  assert.equal(checksum(Buffer.concat([pseudo, datagram])), 0, "UDP checksum");
  const port = datagram.readUInt16BE(2);
  if (port === VXLAN_PORT) {
    const frame = datagram.subarray(UDP_LEN + VXLAN_LEN);
    settleIp(frame.subarray(ETHERNET_LEN));
    datagram.writeUInt16BE(0, 0);
  } else {
    assert.equal(port, FLANNEL_PORT);
    settleIp(datagram.subarray(UDP_LEN));
  }
  datagram.writeUInt16BE(0, 6);
}
