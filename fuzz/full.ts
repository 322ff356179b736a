// A table of N holds N, whatever the keys look like: the next one finds no room, and nobody who is
// in has been lost. One who goes makes room for one.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import { FdbAt, FdbFlag, NONE, Status } from "../bindings/core/index.ts";
import { scrambled } from "./arbitrary/index.ts";
import { type Law, law } from "./law.ts";
import { settle } from "./stations.ts";
import { SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 12;
const CAPACITIES = [1, 5, 64, 1000, 3000];
const KEY_LEN = 8;
const MISS = 0xffffffff;

/** How the MACs of a run follow each other. */
const PATTERNS: Readonly<Record<string, (index: number, seed: number) => number>> = {
  counted: (index, seed) => seed * 4096 + index,
  countedHigh: (index, seed) => (index * 65536 + (seed % 65536)) % 2 ** 40,
  strided: (index, seed) => (index * (1 + (seed % 255)) * 256 + seed) % 2 ** 40,
  scattered: (index, seed) => {
    return scrambled(5, seed + index * 7919).reduce((mac, byte) => mac * 256 + byte, 0);
  },
};

export async function openFull(): Promise<Law> {
  const twins = await Twins.open(PAGES);
  const subjects = CAPACITIES.map((fdb) => {
    const scratch = (fdb + 1) * FdbAt.End + 64;
    const subject = new Subject(twins, { ...SMALL, fdb, scratch, slots: 0 }, BigInt(fdb));
    settle(subject);
    return { subject, capacity: fdb };
  });
  twins.keep();
  const input = fc.record({
    which: fc.nat(CAPACITIES.length - 1),
    pattern: fc.constantFrom(...Object.keys(PATTERNS)),
    seed: fc.nat(),
  });
  return law("full", input, ({ which, pattern, seed }) => {
    const { subject, capacity } = subjects[which] as (typeof subjects)[number];
    const macAt = PATTERNS[pattern] as (index: number, seed: number) => number;
    const macs = [...new Set(Array.from({ length: capacity + 1 }, (_, at) => macAt(at, seed)))];
    const isFull = macs.length > capacity;
    twins.back();
    write(subject, macs);
    const { node, scratch } = subject;
    strictEqual(
      twins.call("fdb_set", node, scratch, macs.length, 0),
      macs.length - (isFull ? 1 : 0),
    );
    if (isFull) strictEqual(statusOf(subject, capacity), Status.NoRoom);
    expectAll(subject, macs.slice(0, capacity));
    if (!isFull) return;
    strictEqual(twins.call("fdb_remove", node, place(subject, seed % capacity), 1), 1);
    strictEqual(twins.call("fdb_set", node, place(subject, capacity), 1, 0), 1);
    twins.expectAlike();
  });
}

function place(subject: Subject, at: number): number {
  return subject.scratch + at * FdbAt.End;
}

function statusOf(subject: Subject, at: number): number {
  return subject.twins.view.getInt16(place(subject, at) + FdbAt.Status, true);
}

// The MAC is 02 and five bytes that count.
function write(subject: Subject, macs: readonly number[]): void {
  const bytes = new Uint8Array(macs.length * FdbAt.End);
  const view = new DataView(bytes.buffer);
  macs.forEach((mac, index) => {
    const at = index * FdbAt.End;
    view.setUint8(at + FdbAt.Mac, 2);
    view.setUint8(at + FdbAt.Mac + 1, Math.floor(mac / 2 ** 32) & 255);
    view.setUint32(at + FdbAt.Mac + 2, mac % 2 ** 32);
    view.setUint16(at + FdbAt.Remote, NONE, true);
    view.setUint16(at + FdbAt.Flags, FdbFlag.Static, true);
  });
  subject.twins.write(subject.scratch, bytes);
}

function expectAll(subject: Subject, macs: readonly number[]): void {
  const { twins, node, scratch } = subject;
  // The first eight bytes of a record are domain 0 and the MAC, so they are its key.
  const records = twins.read(scratch, (macs.length + 1) * FdbAt.End);
  const keys = new Uint8Array(macs.length * KEY_LEN);
  macs.forEach((_, at) => {
    keys.set(records.subarray(at * FdbAt.End, at * FdbAt.End + KEY_LEN), at * KEY_LEN);
  });
  const out = scratch + keys.length;
  twins.write(scratch, keys);
  strictEqual(twins.call("fdb_lookup_bulk", node, scratch, out, macs.length, 0), macs.length);
  for (let at = 0; at < macs.length; at++) {
    const found = twins.view.getUint32(out + at * 4, true);
    strictEqual(found === MISS ? MISS : found >>> 16, NONE);
  }
  twins.write(scratch, records);
}
