// Captures: what the drafts allow is read as it was meant, cut into parts or not; whatever else is
// said to be a capture ends in an error of ours, behind packets that the capture has bytes for.
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type CapturedPacket,
  CaptureError,
  PcapngWriter,
  readCapture,
} from "../bindings/lab/index.ts";
import { join } from "../test/model/packet.ts";
import { nearly, noise, pcap, pcapng, type Recorded, type Seen } from "./arbitrary/index.ts";
import { law, type Suite } from "./law.ts";

const recorded: fc.Arbitrary<Recorded> = fc.oneof(
  { arbitrary: pcap, weight: 1 },
  { arbitrary: pcapng, weight: 2 },
);
const partLen = fc.oneof(fc.constantFrom(1, 2, 3, 4), fc.integer({ min: 1, max: 200 }));
const sound = recorded.map(({ capture }) => capture);
const damaged = fc.oneof(
  { arbitrary: nearly(sound), weight: 8 },
  { arbitrary: noise(64), weight: 1 },
);

const place = fc.record({
  name: fc.string({ unit: "binary", minLength: 1, maxLength: 9 }),
  linkType: fc.constantFrom("ethernet", "ip"),
});
const packet = fc.record(
  {
    interface: fc.nat(1),
    timeNs: fc.bigInt(0n, 2n ** 64n - 1n),
    bytes: noise(40),
    direction: fc.constantFrom("in", "out"),
    comment: fc.string({ unit: "binary", minLength: 1, maxLength: 9 }),
  },
  { requiredKeys: ["interface", "timeNs", "bytes"] },
);
const written = fc.record({
  places: fc.tuple(place, place),
  packets: fc.array(packet, { maxLength: 5 }),
});

export function openCapture(): Suite {
  return {
    name: "capture",
    laws: [
      law("sound", fc.tuple(recorded, partLen), ([{ capture, packets }, len]) => {
        deepStrictEqual([...readCapture(capture)].map(seenOf), packets);
        deepStrictEqual([...readCapture(partsOf(capture, len))].map(seenOf), packets);
      }),
      law("cut off", fc.tuple(recorded, fc.nat()), ([{ capture, packets }, at]) => {
        const len = at % (capture.length + 1);
        const { found, error } = readBroken([capture.subarray(0, len)]);
        deepStrictEqual(found, packets.slice(0, found.length));
        if (error === null) return;
        ok(error.at <= len);
        ok(error.found.startsWith("the end"));
      }),
      law("damaged", fc.tuple(damaged, partLen), ([capture, len]) => {
        const whole = readBroken([capture]);
        const bytes = whole.found.reduce((sum, seen) => sum + seen.bytes.length, 0);
        ok(bytes <= capture.length);
        ok(whole.error === null || whole.error.at <= capture.length);
        const inParts = readBroken(partsOf(capture, len));
        deepStrictEqual(inParts.found, whole.found);
        strictEqual(inParts.error?.message, whole.error?.message);
      }),
      law("written", written, ({ places, packets }) => {
        const chunks: Uint8Array[] = [];
        const writer = new PcapngWriter((chunk) => chunks.push(chunk));
        for (const each of places) writer.addInterface(each);
        for (const each of packets) writer.addPacket(each);
        const found = [...readCapture(join(...chunks))];
        strictEqual(found.length, packets.length);
        packets.forEach((each, at) => {
          expectWritten(found[at], each, places[each.interface]);
        });
      }),
    ],
  };
}

function seenOf(told: CapturedPacket): Seen {
  const { interface: from, timeNs, bytes, originalLen, comments } = told;
  const where = { interface: from.index, linkNumber: from.linkNumber };
  return { ...where, timeNs, bytes: [...bytes], originalLen, comments };
}

function readBroken(parts: Iterable<Uint8Array>): { found: Seen[]; error: CaptureError | null } {
  const found: Seen[] = [];
  try {
    for (const told of readCapture(parts)) found.push(seenOf(told));
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { found, error };
  }
  return { found, error: null };
}

/** In one buffer after another's use, as a file is read. */
function* partsOf(capture: Uint8Array, len: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(len);
  for (let at = 0; at < capture.length; at += len) {
    const part = capture.subarray(at, at + len);
    buffer.fill(0xa5);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
}

type Written = Parameters<PcapngWriter["addPacket"]>[0];
type Place = Parameters<PcapngWriter["addInterface"]>[0];

function expectWritten(found: CapturedPacket | undefined, told: Written, place?: Place): void {
  const { timeNs, bytes, direction, comment } = told;
  strictEqual(found?.timeNs, timeNs);
  deepStrictEqual([...found.bytes], [...bytes]);
  strictEqual(found.originalLen, bytes.length);
  strictEqual(found.direction, direction);
  // The encoder and the reader both end text where a zero byte pads it.
  deepStrictEqual(found.comments, comment === undefined ? [] : [trimmed(comment)]);
  strictEqual(found.interface.name, place && trimmed(place.name));
  strictEqual(found.interface.linkType, place?.linkType);
}

function trimmed(words: string): string {
  return words.replace(/\0+$/, "");
}
