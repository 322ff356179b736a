import assert from "node:assert/strict";
import { test } from "node:test";
import { checksum } from "../../../bindings/core/index.ts";
import { readArp, writeArp } from "../../../bindings/lab/packet/arp.ts";
import { writeIcmpError } from "../../../bindings/lab/packet/error.ts";
import { readEthernet, writeEthernet } from "../../../bindings/lab/packet/ethernet.ts";
import { readIcmp, writeIcmp } from "../../../bindings/lab/packet/icmp.ts";
import {
  checkIpv4,
  type Ipv4,
  readIpv4,
  withTtlDecremented,
  writeIpv4,
} from "../../../bindings/lab/packet/ipv4.ts";
import { isSameSubnet } from "../../../bindings/lab/subnet.ts";
import { readVector } from "./vector.ts";

const DOCKER0 = readVector("flannel-vxlan.docker0");

test("what Linux wrote is read and written again byte for byte", () => {
  for (const bytes of DOCKER0) {
    const frame = readEthernet(bytes);
    assert.ok(frame);
    assert.deepEqual(Buffer.from(writeEthernet(frame)), bytes);
    if (frame.etherType === 0x0806) {
      const arp = readArp(frame.payload);
      assert.ok(arp);
      assert.deepEqual(writeArp(arp), new Uint8Array(frame.payload));
      continue;
    }
    const ip = readIpv4(frame.payload);
    assert.ok(ip);
    assert.deepEqual(writeIpv4(ip), new Uint8Array(frame.payload));
    const icmp = readIcmp(ip.payload);
    assert.ok(icmp);
    assert.deepEqual(writeIcmp(icmp), new Uint8Array(ip.payload));
  }
});

const UDP: Omit<Ipv4, "fragment"> = {
  id: 7,
  isDontFragment: true,
  ttl: 64,
  protocol: 17,
  src: "10.1.15.2",
  dst: "10.1.16.3",
  payload: new Uint8Array(60),
};

/** A packet with one field changed, its checksum right again. */
function changed(at: number, value: number, packet: Uint8Array = writeIpv4(UDP)): Uint8Array {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(value, at);
  copy.writeUInt16BE(0, 10);
  copy.writeUInt16BE(checksum(copy.subarray(0, 20)), 10);
  return copy;
}

test("a header is refused with the reason", () => {
  const packet = writeIpv4(UDP);
  assert.equal(checkIpv4(packet), "Ok");
  assert.equal(checkIpv4(packet.subarray(0, 19)), "Truncated");
  assert.equal(checkIpv4(packet.subarray(0, 79)), "Truncated");
  assert.equal(checkIpv4(changed(0, 0x6500)), "BadVersion");
  assert.equal(checkIpv4(changed(0, 0x4400)), "BadLength");
  assert.equal(checkIpv4(changed(2, 19)), "BadLength");
  const spoiled = packet.slice();
  spoiled[8] = 63;
  assert.equal(checkIpv4(spoiled), "BadChecksum");
});

test("the checksum follows the TTL as a new sum would", () => {
  for (let id = 0; id < 0x10000; id++) {
    const next = withTtlDecremented(changed(4, id));
    assert.deepEqual(Buffer.from(next), changed(8, (63 << 8) | 17, changed(4, id)));
  }
});

test("an error quotes its offender, up to 576 bytes in all", () => {
  const long = writeIpv4({ ...UDP, payload: new Uint8Array(1400) });
  const needed = { type: 3, code: 4, mtu: 1450 } as const;
  for (const [about, len] of [[writeIpv4(UDP), 108] as const, [long, 576] as const]) {
    const packet = writeIcmpError(needed, about, "10.1.15.1");
    assert.equal(packet?.length, len);
    const ip = readIpv4(packet);
    assert.deepEqual([ip?.src, ip?.dst, ip?.ttl], ["10.1.15.1", UDP.src, 64]);
    const icmp = readIcmp(ip?.payload ?? new Uint8Array());
    assert.deepEqual([icmp?.type, icmp?.code, icmp?.rest], [3, 4, 1450]);
    assert.deepEqual(icmp?.body, about.subarray(0, len - 28));
  }
});

test("no error is sent about errors, later fragments, and what went to or came from many", () => {
  const exceeded = { type: 11, code: 0 } as const;
  const about = (ip: Partial<Ipv4>): Uint8Array => writeIpv4({ ...UDP, ...ip });
  const error = writeIcmp({ type: 3, code: 0, rest: 0, body: new Uint8Array(28) });
  const echo = writeIcmp({ type: 8, code: 0, rest: 0, body: new Uint8Array(28) });
  const said = (packet: Uint8Array) => writeIcmpError(exceeded, packet, "10.1.15.1");
  assert.equal(said(about({ protocol: 1, payload: error })), null);
  assert.equal(said(changed(6, 185)), null);
  assert.equal(said(about({ dst: "224.0.0.5" })), null);
  assert.equal(said(about({ dst: "255.255.255.255" })), null);
  assert.equal(said(about({ src: "0.0.0.0" })), null);
  assert.equal(said(about({ src: "127.0.0.1" })), null);
  assert.ok(said(about({ protocol: 1, payload: echo })));
  assert.ok(said(changed(6, 0x2000)), "a first fragment");
});

test("a subnet is told by its length", () => {
  assert.equal(isSameSubnet("10.1.15.2", "10.1.15.254", 24), true);
  assert.equal(isSameSubnet("10.1.15.2", "10.1.16.2", 24), false);
  assert.equal(isSameSubnet("10.1.15.2", "192.0.2.1", 0), true);
  assert.equal(isSameSubnet("10.1.15.2", "10.1.15.3", 32), false);
});
