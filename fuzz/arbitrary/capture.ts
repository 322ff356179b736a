// Captures as the drafts allow them, beside what a reader must find in them.
import fc from "fast-check";
import * as model from "../../test/model/capture.ts";
import { join } from "../../test/model/packet.ts";
import { noise } from "./noise.ts";

/** What is in a packet, and what its capture says of it. */
export interface Seen {
  readonly interface: number;
  readonly linkNumber: number;
  readonly timeNs: bigint | null;
  readonly bytes: readonly number[];
  readonly originalLen: number;
  readonly comments: readonly string[];
}

export interface Recorded {
  readonly capture: Uint8Array;
  readonly packets: readonly Seen[];
}

const order = fc.constantFrom<model.Order>("big", "little");
const link = fc.constantFrom(1, 101, 12, 14, 113);
const word = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0xffffffff), fc.nat(0xffffffff));
const ticks = fc.oneof(fc.constantFrom(0n, 1n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n));
const comment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });

const pcapPacket = fc.record({
  seconds: word,
  fraction: fc.nat(999_999),
  bytes: noise(24),
  originalLen: word,
});

/** A file of the classic format. */
export const pcap: fc.Arbitrary<Recorded> = fc
  .record({
    order,
    magic: fc.constantFrom(model.MICROSECONDS, model.NANOSECONDS),
    link,
    packets: fc.array(pcapPacket, { maxLength: 4 }),
  })
  .map((fields) => ({
    capture: model.pcap(fields),
    packets: fields.packets.map(({ seconds, fraction, bytes, originalLen }) => ({
      interface: 0,
      linkNumber: fields.link,
      timeNs: BigInt(seconds) * 10n ** 9n + BigInt(fraction) * unitNsOf(fields.magic),
      bytes: [...bytes],
      originalLen,
      comments: [],
    })),
  }));

function unitNsOf(magic: number): bigint {
  return magic === model.NANOSECONDS ? 1n : 1000n;
}

interface Place {
  readonly link: number;
  readonly snapLen: number;
  readonly decimals: number;
  readonly offsetS: bigint;
}

const place: fc.Arbitrary<Place> = fc.record({
  link,
  snapLen: fc.constantFrom(0, 7, 65535),
  decimals: fc.constantFrom(0, 3, 6, 9, 12, 127),
  offsetS: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
});

interface Block {
  readonly kind: "enhanced" | "obsolete" | "simple" | "other";
  /** A packet's interface, in some way: it is taken modulo their number. */
  readonly place: number;
  readonly ticks: bigint;
  readonly bytes: Uint8Array;
  readonly originalLen: number;
  readonly comments: readonly string[];
}

const block: fc.Arbitrary<Block> = fc.record({
  kind: fc.constantFrom("enhanced", "obsolete", "simple", "other"),
  place: fc.nat(7),
  ticks,
  bytes: noise(24),
  originalLen: word,
  comments: fc.array(comment, { maxLength: 2 }),
});

interface Section {
  readonly order: model.Order;
  readonly places: readonly Place[];
  readonly blocks: readonly Block[];
}

const section: fc.Arbitrary<Section> = fc.record({
  order,
  places: fc.array(place, { minLength: 1, maxLength: 3 }),
  blocks: fc.array(block, { maxLength: 4 }),
});

/** Sections of all that a reader must know, and of blocks that it need not. */
export const pcapng: fc.Arbitrary<Recorded> = fc
  .array(section, { minLength: 1, maxLength: 3 })
  .map((sections) => {
    const parts = sections.map(({ order: of, places, blocks }) => [
      model.sectionBlock(of),
      ...places.map((each) => placeBytes(of, each)),
      ...blocks.map((each) => blockBytes(of, each, places)),
    ]);
    let placesBefore = 0;
    const packets = sections.flatMap(({ places, blocks }) => {
      const first = placesBefore;
      placesBefore += places.length;
      return blocks.flatMap((each) => seenOf(each, places, first));
    });
    return { capture: join(...parts.flat()), packets };
  });

function placeBytes(of: model.Order, { link: number, snapLen, decimals, offsetS }: Place) {
  const offset = model.number(offsetS, 8, of);
  const fields = { link: number, snapLen };
  return model.interfaceBlock(of, fields, [9, Uint8Array.of(decimals)], [14, offset]);
}

function blockBytes(of: model.Order, told: Block, places: readonly Place[]): Uint8Array {
  const { kind, bytes, comments } = told;
  const fields = { ...told, interface: told.place % places.length, drops: 0xffff };
  const list = comments.map((words) => [1, model.text(words)] as const);
  if (kind === "enhanced") return model.enhancedBlock(of, fields, ...list);
  if (kind === "obsolete") return model.obsoleteBlock(of, fields, ...list);
  if (kind === "simple") {
    const kept = keptOf(bytes, places);
    return model.simpleBlock(of, simpleLenOf(told, places), kept);
  }
  return model.block(of, 0x0bad, bytes);
}

/** Of a simple packet the first interface says how much was kept. */
function keptOf(bytes: Uint8Array, [first]: readonly Place[]): Uint8Array {
  return first?.snapLen ? bytes.subarray(0, first.snapLen) : bytes;
}

/** Whatever it was, when it was cut; else just what is there. */
function simpleLenOf({ bytes, originalLen }: Block, [first]: readonly Place[]): number {
  const limit = first?.snapLen ?? 0;
  return limit > 0 && bytes.length >= limit ? Math.max(limit, originalLen) : bytes.length;
}

function seenOf(told: Block, places: readonly Place[], first: number): Seen[] {
  if (told.kind === "other") return [];
  if (told.kind === "simple") {
    const of = { interface: first, linkNumber: places[0]?.link ?? 0, timeNs: null, comments: [] };
    const bytes = [...keptOf(told.bytes, places)];
    return [{ ...of, bytes, originalLen: simpleLenOf(told, places) }];
  }
  const index = told.place % places.length;
  const from = places[index] as Place;
  const { bytes, comments, originalLen } = told;
  const timeNs = (told.ticks * 10n ** 9n) / 10n ** BigInt(from.decimals) + from.offsetS * 10n ** 9n;
  const of = { interface: first + index, linkNumber: from.link, timeNs };
  return [{ ...of, bytes: [...bytes], originalLen, comments }];
}
