// Captures that break off, or whose fields cannot be: the packets before the break, then one error
// that says where it is, what was expected and what was found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CapturedPacket, CaptureError, readCapture } from "../../../bindings/lab/index.ts";
import * as model from "../../model/capture.ts";
import { join } from "../../model/packet.ts";

const PACKET = Uint8Array.from({ length: 22 }, (_, at) => at);
const ORDER = "big";

/** What could be read, and the error behind it. */
function readBroken(parts: Uint8Array | Iterable<Uint8Array>) {
  const packets: CapturedPacket[] = [];
  try {
    for (const packet of readCapture(parts)) packets.push(packet);
  } catch (error) {
    assert.ok(error instanceof CaptureError, String(error));
    return { count: packets.length, packets, error };
  }
  return { count: packets.length, packets, error: null };
}

function expectBreak(capture: Uint8Array, count: number, at: number, words: RegExp): void {
  const { count: found, error } = readBroken(capture);
  assert.equal(found, count);
  assert.match(error?.message ?? "", words);
  assert.equal(error?.at, at);
  assert.equal(error?.code, "BadCapture");
}

const packets = [1, 2].map((seconds) => ({ seconds, fraction: 0, bytes: PACKET }));
const pcap = model.pcap({ order: ORDER, link: 1, packets });

const pcapngParts = [
  model.sectionBlock(ORDER, [1, model.text("of two packets")]),
  model.interfaceBlock(ORDER, { link: 1, snapLen: 12 }, [2, model.text("eth0")]),
  model.enhancedBlock(ORDER, { interface: 0, ticks: 1n, bytes: PACKET }, [1, model.text("one")]),
  model.block(ORDER, 5, PACKET),
  model.simpleBlock(ORDER, 22, PACKET.subarray(0, 12)),
];
const pcapng = join(...pcapngParts);

/** Every length at which the capture could end, and the packets before it. */
function edgesOf(lens: readonly number[], isPacket: (index: number) => boolean) {
  const edges = new Map<number, number>();
  let end = 0;
  let count = 0;
  lens.forEach((len, index) => {
    end += len;
    if (isPacket(index)) count += 1;
    edges.set(end, count);
  });
  return edges;
}

const TRUNCATED: readonly [string, Uint8Array, Map<number, number>][] = [
  ["pcap", pcap, edgesOf([24, 38, 38], (index) => index > 0)],
  [
    "pcapng",
    pcapng,
    edgesOf(
      pcapngParts.map((part) => part.length),
      (index) => index === 2 || index === 4,
    ),
  ],
];

for (const [name, capture, edges] of TRUNCATED) {
  test(`${name}, cut off at every byte: all before the cut, then where it was cut`, () => {
    const whole = readBroken(capture).packets;
    assert.equal(whole.length, 2);
    let begin = 0;
    let before = 0;
    for (let len = 0; len <= capture.length; len++) {
      const { packets: found, error } = readBroken(capture.subarray(0, len));
      const count = edges.get(len);
      if (count !== undefined) [begin, before] = [len, count];
      assert.deepEqual(found, whole.slice(0, before), `${len} bytes`);
      assert.equal(error === null, count !== undefined, `${len} bytes`);
      if (error === null) continue;
      assert.match(error.found, /^the end/);
      assert.ok(error.at >= begin && error.at <= len, `${len} bytes: at ${error.at}`);
      const bytes = Array.from(capture.subarray(0, len), (byte) => Uint8Array.of(byte));
      const inBytes = readBroken(bytes);
      assert.deepEqual(inBytes.packets, found);
      assert.deepEqual(inBytes.error?.message, error.message);
    }
  });
}

test("no capture at all", () => {
  expectBreak(new Uint8Array(), 0, 0, /the end"; expected the magic of a pcap or pcapng file/);
  expectBreak(PACKET, 0, 0, /0x00010203"; expected the magic of a pcap or pcapng file/);
  expectBreak(model.text("PK\x03\x04 a zip"), 0, 0, /0x504b0304/);
});

test("pcap: a version that never was, and lengths beyond every packet", () => {
  const old = model.pcap({ order: ORDER, link: 1, packets, major: 3 });
  expectBreak(old, 0, 4, /version 3.4"; expected version 2.4/);
  for (const len of [0x40001, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const capture = Uint8Array.from(pcap);
    capture.set(model.u32(len, ORDER), 24 + 38 + 8);
    expectBreak(capture, 1, 24 + 38 + 8, new RegExp(`a packet of ${len} bytes"; expected at most`));
  }
});

/** The capture of two packets with a word of its block `index` changed. */
function changed(index: number, at: number, bytes: Uint8Array): [Uint8Array, number] {
  const parts = pcapngParts.map((part) => Uint8Array.from(part));
  const from = at < 0 ? (parts[index]?.length ?? 0) + at : at;
  parts[index]?.set(bytes, from);
  const before = parts.slice(0, index).reduce((sum, part) => sum + part.length, 0);
  return [join(...parts), before + from];
}

const SECTION = 0;
const PLACE = 1;
const ENHANCED = 2;
const OTHER = 3;
const SIMPLE = 4;

function expectChangeSeen(block: number, at: number, bytes: Uint8Array, words: RegExp): void {
  const [capture, where] = changed(block, at, bytes);
  expectBreak(capture, block > ENHANCED ? 1 : 0, where, words);
}

test("pcapng: a section of an order or a version that is not known", () => {
  expectChangeSeen(
    SECTION,
    8,
    model.u32(0x1a2b3c4c, ORDER),
    /magic 0x1a2b3c4c"; expected 0x1a2b3c/,
  );
  expectChangeSeen(SECTION, 12, model.u16(2, ORDER), /version 2"; expected version 1/);
});

test("pcapng: total lengths that no block of the kind has, or that differ", () => {
  const shortest = { [SECTION]: 28, [PLACE]: 20, [ENHANCED]: 32, [OTHER]: 12, [SIMPLE]: 16 };
  for (const [index, least] of Object.entries(shortest)) {
    for (const len of [0, 4, least - 4, least + 1, least + 2, 0xffffffff]) {
      const words = new RegExp(
        `total length ${len} of .* expected a multiple of four from ${least}`,
      );
      expectChangeSeen(Number(index), 4, model.u32(len, ORDER), words);
    }
    const words = /total length 1"; expected \d+, as at the block's beginning/;
    expectChangeSeen(Number(index), -4, model.u32(1, ORDER), words);
  }
  for (const index of [SECTION, PLACE, ENHANCED, SIMPLE]) {
    const words = /expected a multiple of four from \d+ to 16777216/;
    expectChangeSeen(index, 4, model.u32((1 << 24) + 4, ORDER), words);
  }
});

test("pcapng: packets of no interface, and packets beyond their block", () => {
  expectChangeSeen(ENHANCED, 8, model.u32(1, ORDER), /of interface 1"; expected one of the 1/);
  expectChangeSeen(ENHANCED, 20, model.u32(37, ORDER), /packet of 37 bytes"; expected at most 36/);
  expectChangeSeen(ENHANCED, 20, model.u32(0xffffffff, ORDER), /of 4294967295 bytes"; expected at/);
  const homeless = join(model.sectionBlock(ORDER), model.simpleBlock(ORDER, 22, PACKET));
  expectBreak(homeless, 0, 28 + 8, /of interface 0"; expected one of the 0 interfaces/);
  const short = [model.interfaceBlock(ORDER, { link: 1 }), model.simpleBlock(ORDER, 25, PACKET)];
  expectBreak(join(model.sectionBlock(ORDER), ...short), 0, 28 + 20 + 8, /25 bytes"; .* most 24/);
});

test("pcapng: options that are longer than their block, or not as long as they must be", () => {
  expectChangeSeen(ENHANCED, -14, model.u16(9, ORDER), /option 1 of 9 bytes"; expected at most 8/);
  const clock = (code: number, len: number): Uint8Array =>
    join(
      model.sectionBlock(ORDER),
      model.interfaceBlock(ORDER, { link: 1 }, [code, new Uint8Array(len)]),
    );
  for (const len of [0, 2])
    expectBreak(clock(9, len), 0, 28 + 20, /option 9 of . bytes"; .* 1 byte/);
  for (const len of [0, 7, 9])
    expectBreak(clock(14, len), 0, 28 + 20, /option 14 of . bytes"; .* 8 /);
  const packet = { interface: 0, ticks: 0n, bytes: new Uint8Array() };
  const flags = model.enhancedBlock(ORDER, packet, [2, new Uint8Array(3)]);
  const parts = [model.sectionBlock(ORDER), model.interfaceBlock(ORDER, { link: 1 }), flags];
  expectBreak(join(...parts), 0, 28 + 20 + 32, /option 2 of 3 bytes"; expected 4 bytes/);
});

test("pcapng: more interfaces than a section may have", () => {
  const place = model.interfaceBlock(ORDER, { link: 1 });
  const many = Array.from({ length: 1 << 16 }, () => place);
  const section = model.sectionBlock(ORDER);
  const packet = model.enhancedBlock(ORDER, { interface: 0xffff, ticks: 0n, bytes: PACKET });
  assert.equal(readBroken(join(section, ...many, packet)).count, 1);
  expectBreak(join(section, ...many, place), 0, 28 + 20 * 65536, /at most 65536 in a section/);
});

test("pcapng: a length that no file has is believed to the file's end and not beyond", () => {
  const [capture, at] = changed(OTHER, 4, model.u32(0xfffffffc, ORDER));
  const { count, error } = readBroken(capture);
  assert.equal(count, 1);
  assert.equal(error?.at, capture.length);
  assert.match(
    error?.message ?? "",
    new RegExp(`a block, ${0xfffffff8 - capture.length + at - 4}`),
  );
});
