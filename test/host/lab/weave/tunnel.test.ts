import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, openCore, printHex } from "../../../../bindings/core/index.ts";
import {
  decapFastdp,
  decodeHeartbeat,
  decodeSleeve,
  encapFastdp,
  encapSleeve,
  encodeHeartbeat,
  encodeSleeve,
  fastdpMtu,
  fastdpPeers,
  fastdpVni,
  shortIdOf,
  sleeveMtu,
  WEAVE_MTU,
} from "../../../../bindings/lab/weave/index.ts";

const core = await openCore({ memoryBytes: 1 << 20 });
const link = {
  sender: "7a:00:00:00:00:02",
  target: "7a:00:00:00:00:01",
  local: "192.168.99.109",
  remote: "192.168.99.108",
};

function frame(dontFragment: boolean): Uint8Array {
  return encode([
    { layer: "ethernet", fields: { dst: "ca:97:90:14:18:5e", src: "da:f2:40:0a:1e:d7" } },
    { layer: "ipv4", fields: { src: "10.44.0.0", dst: "10.32.0.1", dontFragment } },
    { layer: "icmp", fields: { type: 8, id: 1, sequence: 1 } },
    { layer: "payload", fields: { data: new Uint8Array(56) } },
  ]);
}

test("containers get what a cloud's underlay leaves beside fastdp and its encryption", () => {
  assert.equal(WEAVE_MTU, 1376);
  assert.equal(fastdpMtu(1500), 1450);
  assert.equal(sleeveMtu(1500), 1500 - 62);
  assert.equal(sleeveMtu(1500, { isEncrypted: true }), 1500 - 86);
});

test("sleeve puts the names of the peers in front of a frame, and its DF outside", () => {
  const inner = frame(true);
  const packet = encapSleeve(core, link, inner, 7);
  const { layers } = decode(core, packet, { link: "ip" });
  const [ip, udp, payload] = layers;
  assert.ok(ip?.layer === "ipv4" && udp?.layer === "udp" && payload?.layer === "payload");
  assert.deepEqual([udp.fields.srcPort, udp.fields.dstPort], [6783, 6783]);
  assert.equal(packet.length, 20 + 8 + 6 + 14 + inner.length);
  const head = "7a0000000002" + "7a0000000002" + "7a0000000001" + "0062";
  assert.equal(payload.fields.data, head + printHex(inner));
  const message = decodeSleeve(packet.subarray(28));
  const { sender, target } = link;
  assert.deepEqual(message, { sender, frames: [{ source: sender, target, frame: inner }] });
  assert.equal(ip.fields.dontFragment, true);
  const free = decode(core, encapSleeve(core, link, frame(false), 7), { link: "ip" }).layers[0];
  assert.ok(free?.layer === "ipv4" && !free.fields.dontFragment);
});

test("several frames share a datagram, and what is cut is nothing", () => {
  const each = (length: number) => ({
    source: link.sender,
    target: link.target,
    frame: Uint8Array.from({ length }, (_, at) => at),
  });
  const message = { sender: link.sender, frames: [each(0), each(60), each(1)] };
  const bytes = encodeSleeve(message);
  assert.deepEqual(decodeSleeve(bytes), message);
  assert.deepEqual(decodeSleeve(bytes.subarray(0, 6)), { sender: link.sender, frames: [] });
  const ends = [6, 6 + 14, 6 + 14 + 14 + 60, bytes.length];
  for (let len = 0; len < bytes.length; len++) {
    if (!ends.includes(len)) assert.equal(decodeSleeve(bytes.subarray(0, len)), null, `${len}`);
  }
});

test("fastdp's VNI has both peers in it", () => {
  assert.equal(shortIdOf(link.sender), 2);
  assert.equal(fastdpVni(2, 1), 0x001002);
  assert.deepEqual(fastdpPeers(0xabc123), { sourceId: 0x123, targetId: 0xabc });
  const inner = frame(false);
  const packet = encapFastdp(link, inner, { sourcePort: 50000, id: 7 });
  assert.equal(packet.length, 50 - 14 + inner.length);
  const [ip, udp] = decode(core, packet, { link: "ip" }).layers;
  assert.ok(ip?.layer === "ipv4" && ip.fields.dontFragment);
  assert.ok(udp?.layer === "udp" && udp.fields.dstPort === 6784 && udp.fields.checksum === 0);
  assert.equal(printHex(packet.subarray(28, 36)), "0800000000100200");
  const carried = decapFastdp(core, packet.subarray(28));
  assert.deepEqual(carried, { sourceId: 2, targetId: 1, frame: inner });
  assert.equal(decapFastdp(core, packet.subarray(28, 35)), null);
  assert.equal(decapFastdp(core, new Uint8Array(50)), null);
});

test("a heartbeat is a whole frame of nobody, and one that was cut is none", () => {
  const beat = encodeHeartbeat(0x0102030405060708n, WEAVE_MTU);
  assert.equal(beat.length, 14 + 1376);
  assert.deepEqual(decodeHeartbeat(beat), { connection: 0x0102030405060708n, len: beat.length });
  assert.equal(decodeHeartbeat(beat.subarray(0, 1000)), null);
  assert.equal(decodeHeartbeat(frame(true)), null);
});
