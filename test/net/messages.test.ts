import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DescAt, DescFlag, NONE, PieceAt, parseIpv4 } from "../../bindings/core/index.ts";
import { errno, errnoName, libc, MSG_DONTWAIT, MSG_TRUNC } from "../../bindings/node/libc.ts";
import { ReceiveRing } from "../../bindings/node/messages.ts";
import { NativeMemory } from "../../bindings/node/native.ts";
import { SendRing } from "../../bindings/node/send-ring.ts";
import { openUnderlaySocket, takeRows } from "../../bindings/node/underlay.ts";

// A memory that grew once and may not move, as the core's.
const memory = new WebAssembly.Memory({ initial: 1, maximum: 32767 });
memory.grow(15);
const native = new NativeMemory(memory);

const COUNT = 4;
const ROOM_LEN = 512;
const RECEIVE_AT = 4096;
const SEND_AT = 16384;
const SLOTS_AT = 65536;
const PACKETS_AT = 131072;
const DESC = 262144;
const PIECES = 262400;
const LOOPBACK_MS = 100;

const options = { local: "127.0.0.1", port: 0, pathMtu: false, bufferBytes: 1 << 20 };
const from = openUnderlaySocket(options);
const to = openUnderlaySocket(options);
after(() => {
  from.close();
  to.close();
});

const slots = Array.from({ length: COUNT }, (_, i) => SLOTS_AT + i * ROOM_LEN);
const received = new ReceiveRing(native, RECEIVE_AT, slots, ROOM_LEN);
const portOf = (remote: number): number => (remote === 7 ? to.port : 9);
const sending = new SendRing(native, SEND_AT, { messages: COUNT, iovecs: 6 }, portOf);

interface Packet {
  bytes: number[];
  tos?: number;
  remote?: number;
  peer?: string;
}

/** Lays a descriptor for a packet; with `pieceLen` in pieces of that many bytes. */
function lay(packet: Packet, pieceLen = 0): number {
  const { view } = native;
  native.bytes.fill(0xee, DESC, DESC + DescAt.End);
  native.bytes.set(packet.bytes, PACKETS_AT);
  view.setUint32(DESC + DescAt.Ptr, PACKETS_AT, true);
  view.setUint32(DESC + DescAt.Len, packet.bytes.length, true);
  view.setUint16(DESC + DescAt.Flags, pieceLen > 0 ? DescFlag.Gather : 0, true);
  view.setUint16(DESC + DescAt.Remote, packet.remote ?? 7, true);
  view.setUint32(DESC + DescAt.Peer, parseIpv4(packet.peer ?? "127.0.0.1"), true);
  view.setUint16(DESC + DescAt.GsoSize, 0, true);
  view.setUint8(DESC + DescAt.Tos, packet.tos ?? 0);
  if (pieceLen > 0) layPieces(packet.bytes.length, pieceLen);
  return DESC;
}

function layPieces(len: number, pieceLen: number): void {
  const count = Math.ceil(len / pieceLen);
  for (let i = 0; i < count; i++) {
    const piece = PIECES + i * PieceAt.End;
    native.view.setUint32(piece + PieceAt.Ptr, PACKETS_AT + i * pieceLen, true);
    native.view.setUint32(piece + PieceAt.Len, Math.min(pieceLen, len - i * pieceLen), true);
  }
  native.view.setUint32(DESC + DescAt.Ptr, PIECES, true);
  native.view.setUint32(DESC + DescAt.Len, count, true);
}

/** Sends what was pushed; gives how many messages went. */
function send(): number {
  const sent = libc.sendmmsg(from.fd, sending.address(0), sending.count, 0);
  assert.notEqual(sent, -1, errnoName(errno()));
  sending.clear();
  return sent;
}

/** Loopback delivers at once, but for a machine that is busy: then it is a little later. */
async function receive(): Promise<number> {
  await sleep(LOOPBACK_MS);
  return libc.recvmmsg(to.fd, received.address(0), received.count, MSG_DONTWAIT, 0);
}

function tosOf(i: number): number {
  received.take(i);
  return received.tos;
}

function bytesOf(i: number): number[] {
  const slot = slots[i] ?? 0;
  return [...native.bytes.subarray(slot, slot + received.len(i))];
}

test("a datagram lands in its slot with sender and DS field", async () => {
  for (const tos of [0, 1, 2, 3, 0xb8, 0xff, 0]) {
    sending.push(lay({ bytes: [1, 2, 3, tos], tos }));
    assert.equal(send(), 1);
    assert.equal(await receive(), 1);
    assert.deepEqual(bytesOf(0), [1, 2, 3, tos]);
    assert.equal(received.peer(0), parseIpv4("127.0.0.1"));
    assert.equal(tosOf(0), tos);
  }
});

test("pieces leave as one datagram, whole ones before and after it as they were", async () => {
  const bytes = Array.from({ length: 10 }, (_, i) => i);
  sending.push(lay({ bytes: [42] }));
  sending.push(lay({ bytes }, 3));
  sending.push(lay({ bytes: [43], tos: 2 }));
  // All three packets lie at the same place: what the last one wrote is what they send.
  native.bytes.set(bytes, PACKETS_AT);
  assert.equal(send(), 3);
  assert.equal(await receive(), 3);
  assert.deepEqual([bytesOf(0), bytesOf(1), bytesOf(2)], [[0], bytes, [0]]);
  assert.deepEqual([0, 1, 2].map(tosOf), [0, 0, 2]);
});

/** Lays three datagrams of 100, 100 and `last` bytes behind headers of four, in pairs of pieces. */
function layRow(last: number): { desc: number; datagrams: number[][] } {
  const { view } = native;
  const desc = lay({ bytes: Array.from({ length: 212 + last }, (_, i) => i & 0xff) }, 1);
  const datagrams = [100, 100, last].map((len, i) => {
    const header = PACKETS_AT + 200 + last + 4 * i;
    const payload = PACKETS_AT + 100 * i;
    const pieces = [header, 4, payload, len];
    pieces.forEach((word, at) => {
      view.setUint32(PIECES + i * 2 * PieceAt.End + at * 4, word, true);
    });
    return [
      ...native.bytes.subarray(header, header + 4),
      ...native.bytes.subarray(payload, payload + len),
    ];
  });
  view.setUint32(desc + DescAt.Len, 6, true);
  view.setUint16(desc + DescAt.GsoSize, 104, true);
  return { desc, datagrams };
}

test("datagrams of one size leave by one message, and the last may be shorter", async () => {
  const { desc, datagrams } = layRow(40);
  sending.push(desc);
  assert.deepEqual([sending.count, sending.segmentLen(0), sending.segmentCount(0)], [1, 104, 3]);
  assert.equal(send(), 1);
  assert.equal(await receive(), 3);
  assert.deepEqual([bytesOf(0), bytesOf(1), bytesOf(2)], datagrams);
  assert.deepEqual([0, 1, 2].map(tosOf), [0, 0, 0]);
});

test("the same leave one by one where one call for all is refused, or not known", async () => {
  const { desc, datagrams } = layRow(100);
  native.view.setUint8(desc + DescAt.Tos, 0xb8);
  sending.push(desc);
  for (const index of [0, 1, 2]) {
    sending.narrow(0, index);
    assert.equal(libc.sendmmsg(from.fd, sending.address(0), 1, 0), 1);
  }
  sending.clear();
  sending.pushSegment(desc, 1);
  assert.equal(sending.segmentCount(0), 1);
  assert.equal(send(), 1);
  assert.equal(await receive(), 4);
  assert.deepEqual([0, 1, 2, 3].map(bytesOf), [...datagrams, datagrams[1]]);
  assert.deepEqual([0, 1, 2, 3].map(tosOf), [0xb8, 0xb8, 0xb8, 0xb8]);
});

const PAIRS: readonly (readonly [what: string, second: Packet, joins: boolean])[] = [
  ["alike", { bytes: Array(40).fill(2) }, true],
  ["shorter", { bytes: Array(30).fill(2) }, true],
  ["longer", { bytes: Array(41).fill(2) }, false],
  ["with another DS field", { bytes: Array(40).fill(2), tos: 1 }, false],
  ["to another port", { bytes: Array(40).fill(2), remote: 9 }, false],
  ["to another host", { bytes: Array(40).fill(2), peer: "127.0.0.2" }, false],
];

for (const [what, second, joins] of PAIRS) {
  test(`a packet ${what} ${joins ? "joins" : "does not join"} the message before it`, () => {
    sending.push(lay({ bytes: Array(40).fill(1) }));
    assert.equal(sending.join(lay(second)), joins);
    assert.deepEqual([sending.count, sending.segmentLen(0)], [1, joins ? 40 : 0]);
    // What is shorter ends its message.
    if (joins) assert.equal(sending.join(lay(second)), second.bytes.length === 40);
    sending.clear();
  });
}

test("packets that joined arrive one by one", async () => {
  const lens = [40, 40, 40, 7];
  native.bytes.set(Array(40).fill(3), PACKETS_AT);
  for (const len of lens) {
    const desc = lay({ bytes: Array(len).fill(3), tos: 2 });
    if (!sending.join(desc)) sending.push(desc);
  }
  assert.deepEqual([sending.count, sending.segmentCount(0)], [1, 4]);
  assert.equal(send(), 1);
  assert.equal(await receive(), 4);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => bytesOf(i).length),
    lens,
  );
  assert.deepEqual([0, 1, 2, 3].map(tosOf), [2, 2, 2, 2]);
});

test("a row of datagrams comes as one message that says how long each is", async () => {
  assert.equal(takeRows(to.fd), true);
  const { desc, datagrams } = layRow(40);
  native.view.setUint8(desc + DescAt.Tos, 0x48);
  sending.push(desc);
  assert.equal(send(), 1);
  assert.equal(await receive(), 1);
  assert.deepEqual(bytesOf(0), datagrams.flat());
  received.take(0);
  assert.deepEqual([received.tos, received.segmentLen], [0x48, 104]);
});

test("control data that lies about its length says nothing, and comes to an end", () => {
  const CONTROL_LEN = 40; // of struct msghdr
  for (const len of [0, 1, 15, 17, 0xffffffff]) {
    for (const controlLen of [1, 16, 17, 48]) {
      const at = received.control(1);
      native.bytes.fill(0xff, at, at + 48);
      native.view.setUint32(at, len, true);
      native.view.setUint32(received.message(1) + CONTROL_LEN, controlLen, true);
      received.take(1);
      assert.deepEqual([received.tos, received.segmentLen], [0, 0]);
    }
  }
});

test("a ring is full when messages or iovecs run out", () => {
  for (let i = 0; i < COUNT; i++) sending.push(lay({ bytes: [i] }));
  assert.equal(sending.hasRoom(1), false);
  sending.clear();
  sending.push(lay({ bytes: [1, 2, 3, 4, 5] }, 1));
  assert.equal(sending.hasRoom(2), false);
  assert.equal(sending.hasRoom(1), true);
  sending.clear();
});

test("a datagram that its slot cannot hold says so and spares the next slot", async () => {
  native.bytes.fill(0xcc, SLOTS_AT, SLOTS_AT + 2 * ROOM_LEN);
  sending.push(lay({ bytes: Array(ROOM_LEN + 1).fill(1) }));
  send();
  assert.equal(await receive(), 1);
  assert.equal(received.flags(0) & MSG_TRUNC, MSG_TRUNC);
  assert.equal(native.bytes[SLOTS_AT + ROOM_LEN], 0xcc);
});

test("a remote without a port of its own gets the tunnel's", async () => {
  sending.push(lay({ bytes: [1], remote: NONE }));
  assert.equal(send(), 1);
  assert.equal(await receive(), -1);
  assert.equal(errnoName(errno()), "EAGAIN");
});

test("an address that cannot be reached fails alone", async () => {
  sending.push(lay({ bytes: [1] }));
  sending.push(lay({ bytes: [2], peer: "255.255.255.255" }));
  sending.push(lay({ bytes: [3] }));
  assert.equal(libc.sendmmsg(from.fd, sending.address(0), 3, 0), 1);
  assert.equal(libc.sendmmsg(from.fd, sending.address(1), 2, 0), -1);
  assert.match(errnoName(errno()), /EACCES|ENETUNREACH/); // a broadcast that nobody asked for
  assert.equal(libc.sendmmsg(from.fd, sending.address(2), 1, 0), 1);
  sending.clear();
  assert.equal(await receive(), 2);
});
