// What offloads are fed with: super-packets, headers that lie about them, and the segments they are
// cut into, of which some are missing, twice there, damaged or of another flow.
import fc from "fast-check";
import { foldedSum } from "../test/model/checksum.ts";
import { tcp } from "../test/model/headers.ts";
import { addressBytes, ethernet, internetChecksum, ipv4, join, udp } from "../test/model/packet.ts";
import { isWrong } from "../test/model/parse.ts";
import {
  GSO_TCPV4,
  GSO_UDP_L4,
  judgeOffered,
  type VirtioFields,
  virtio,
} from "../test/model/segment.ts";
import { nearly, scrambled, tcpOptions } from "./arbitrary/index.ts";

/** Most datagrams of a burst: as many as `feed` has descriptors for. */
export const DATAGRAMS_MAX = 24;

/** How far super-packets go. */
interface Reach {
  readonly segmentsMax: number;
  /** Bytes of payload, about. */
  readonly lenMax: number;
  readonly sizes: fc.Arbitrary<number>;
}

const NARROW: Reach = {
  segmentsMax: DATAGRAMS_MAX,
  lenMax: 6000,
  sizes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(500, 1398)),
};
/** As far as there are any: what UDP cuts at once, and what an IP packet may be long. */
const LONG: Reach = {
  segmentsMax: 64,
  lenMax: 65535,
  sizes: fc.oneof(
    fc.constantFrom(1, 1023, 1024, 1398, 1448, 8948),
    fc.integer({ min: 900, max: 1500 }),
    fc.integer({ min: 1, max: 32000 }),
  ),
};
const IP_LEN_MAX = 65535;
const IP_HEADER_LEN = 20;
const TCP_HEADER_LEN = 20;
const UDP_HEADER_LEN = 8;
const ENDS = { src: "10.1.1.1", dst: "10.1.1.2" };
const MACS = { dst: "02:00:00:00:00:01", src: "02:00:00:00:00:02" };
const CSUM_PLACES = { tcp: 16, udp: 6 };

/** A packet with what a device says in front of it. */
export interface Super {
  /** 14 for a frame, 0 for an IP packet. */
  readonly linkLen: number;
  readonly packet: Uint8Array;
  readonly header: Uint8Array;
}

interface Shape {
  readonly isTcp: boolean;
  readonly isFrame: boolean;
  readonly srcPort: number;
  readonly sequence: number;
  readonly flags: number;
  readonly id: number;
  readonly tos: number;
  readonly ttl: number;
  readonly fragment: number;
  readonly window: number;
  readonly options: Uint8Array;
  readonly gsoSize: number;
  readonly segments: number;
  readonly lenMax: number;
  readonly lastLen: number;
  readonly seed: number;
}

// ACK, and what else Linux puts on segments of one stream.
const flags = fc.constantFrom(0x10, 0x10, 0x10, 0x18, 0x19, 0x90, 0x50, 0x98, 0x110);

function shape(isFrame: fc.Arbitrary<boolean>, reach: Reach = NARROW): fc.Arbitrary<Shape> {
  return fc.record({
    isTcp: fc.boolean(),
    isFrame,
    srcPort: fc.constantFrom(1, 2),
    sequence: fc.constantFrom(0, 1000, 0xfffffff0),
    flags,
    id: fc.constantFrom(0, 7, 0xfffe),
    tos: fc.constantFrom(0, 0xb9),
    ttl: fc.constantFrom(1, 64),
    fragment: fc.constantFrom(0, 0x4000, 0x4000, 0x8000),
    window: fc.constantFrom(0, 0xffff),
    options: fc.oneof(fc.constant(new Uint8Array()), tcpOptions),
    gsoSize: reach.sizes,
    segments: fc.integer({ min: 2, max: reach.segmentsMax }),
    lenMax: fc.constant(reach.lenMax),
    lastLen: fc.nat(),
    seed: fc.nat(),
  });
}

// As a kernel hands it over: with the sum of the pseudo header where the checksum will be.
function superOf(shape: Shape): Super {
  const { isTcp, isFrame, gsoSize, lenMax } = shape;
  const headerLen = isTcp ? TCP_HEADER_LEN + shape.options.length : UDP_HEADER_LEN;
  const room = IP_LEN_MAX - IP_HEADER_LEN - headerLen;
  const most = Math.min(shape.segments, Math.ceil(lenMax / gsoSize));
  const whole = Math.max(1, most - 1) * gsoSize;
  const len = Math.min(whole + 1 + (shape.lastLen % gsoSize), room);
  const payload = scrambled(len, shape.seed);
  const ports = { srcPort: shape.srcPort, dstPort: 9, checksum: 0 };
  const body = isTcp
    ? tcp({ ...shape, ...ports, acknowledgment: 5, pseudo: ENDS }, payload)
    : udp(ports, payload);
  const csumOffset = isTcp ? CSUM_PLACES.tcp : CSUM_PLACES.udp;
  const { id, tos, ttl, fragment } = shape;
  const protocol = isTcp ? 6 : 17;
  const rest = Uint8Array.of(0, protocol, body.length >> 8, body.length & 255);
  const pseudo = foldedSum(join(addressBytes(ENDS.src), addressBytes(ENDS.dst), rest));
  body.set([pseudo & 255, pseudo >> 8], csumOffset);
  const bare = ipv4({ ...ENDS, id, tos, ttl, fragment, protocol }, body);
  const linkLen = isFrame ? 14 : 0;
  const fields: VirtioFields = {
    needsCsum: true,
    gsoType: isTcp ? GSO_TCPV4 : GSO_UDP_L4,
    hasEcn: isTcp && (shape.flags & 0x80) !== 0,
    headersLen: linkLen + 20 + body.length - payload.length,
    gsoSize,
    csumStart: linkLen + 20,
    csumOffset,
  };
  return { linkLen, packet: isFrame ? ethernet(MACS, bare) : bare, header: virtio(fields) };
}

/** A legal super-packet. */
export const superPacket: fc.Arbitrary<Super> = shape(fc.boolean()).map(superOf);
/** One that may be as long, and of as many segments, as there are any. */
export const longSuper: fc.Arbitrary<Super> = shape(fc.boolean(), LONG).map(superOf);

// Ten bytes of which a few say something else.
const lie = fc.record({
  at: fc.nat(9),
  byte: fc.oneof(fc.constantFrom(0, 1, 3, 4, 5, 14, 16, 34, 0x80, 0xff), fc.nat(255)),
});

/** The same, or one whose header or packet is not right. */
export const offered: fc.Arbitrary<Super> = offeredOf(superPacket);
export const longOffered: fc.Arbitrary<Super> = offeredOf(longSuper);

function offeredOf(supers: fc.Arbitrary<Super>): fc.Arbitrary<Super> {
  const lies = fc.array(lie, { minLength: 1, maxLength: 3 });
  const lying = fc.tuple(supers, lies).map(([one, those]) => {
    const header = Uint8Array.from(one.header);
    for (const { at, byte } of those) header[at] = byte;
    return { ...one, header };
  });
  const damaged = supers.chain((one) =>
    nearly(fc.constant(one.packet)).map((packet) => ({ ...one, packet })),
  );
  return fc.oneof(
    { arbitrary: supers, weight: 3 },
    { arbitrary: lying, weight: 2 },
    { arbitrary: damaged, weight: 2 },
  );
}

/** A burst of plain packets in ranges: in each, all but the last of one length. */
export interface Wire {
  readonly linkLen: number;
  readonly ranges: readonly (readonly Uint8Array[])[];
  readonly hasUdp: boolean;
}

interface Fault {
  readonly kind: "drop" | "double" | "swap" | "damage" | "change";
  readonly at: number;
  readonly bit: number;
}

const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom("drop", "double", "swap", "damage", "change"),
  at: fc.nat(),
  bit: fc.nat(),
});

/** Segments of a few flows on their way. */
export const wire: fc.Arbitrary<Wire> = fc.boolean().chain((isFrame) => {
  const flow = shape(fc.constant(isFrame));
  const range = fc.record({
    flow,
    other: fc.record({ srcPort: fc.constantFrom(1, 2, 3), id: fc.constantFrom(0, 7, 9) }),
    isMixed: fc.boolean(),
    faults: fc.oneof(
      { arbitrary: fc.constant<Fault[]>([]), weight: 2 },
      { arbitrary: fc.array(fault, { maxLength: 3 }), weight: 1 },
    ),
  });
  return fc
    .record({
      ranges: fc.array(range, { minLength: 1, maxLength: 4 }),
      hasUdp: fc.boolean(),
      isSame: fc.boolean(),
    })
    .map(({ ranges, hasUdp, isSame }) => {
      const lists = ranges.map(({ flow: own, other, isMixed, faults }, at) => {
        // Of one flow, each range goes on where the one before ends, or nearly so.
        const first = isSame ? { ...own, srcPort: 1, isTcp: true } : own;
        const list = segmentsOf(first);
        const both = isMixed ? mixed(list, segmentsOf({ ...first, ...other })) : list;
        return ofOneLength(faults.reduce(withFault, both)).slice(0, at === 0 ? 18 : 2);
      });
      return { linkLen: isFrame ? 14 : 0, ranges: lists.filter((it) => it.length > 0), hasUdp };
    });
});

function segmentsOf(one: Shape): Uint8Array[] {
  const { linkLen, packet, header } = superOf(one);
  const told = judgeOffered(header, packet, linkLen);
  if (isWrong(told)) throw new Error(`a legal super-packet: ${told.wrong}`);
  return [...told.packets];
}

function mixed(list: readonly Uint8Array[], other: readonly Uint8Array[]): Uint8Array[] {
  return list.flatMap((one, at) => [one, ...other.slice(at, at + 1)]);
}

function withFault(list: Uint8Array[], { kind, at, bit }: Fault): Uint8Array[] {
  const index = list.length === 0 ? 0 : at % list.length;
  const one = list[index];
  if (one === undefined) return list;
  const copy = Uint8Array.from(one);
  const place = (bit >> 3) % copy.length;
  copy[place] = (copy[place] ?? 0) ^ (1 << (bit & 7));
  const instead: Readonly<Record<Fault["kind"], Uint8Array[]>> = {
    drop: [],
    double: [one, one],
    swap: [...list.slice(index + 1, index + 2), one],
    damage: [copy],
    change: [changed(one, bit)],
  };
  const skipped = kind === "swap" ? 2 : 1;
  return [...list.slice(0, index), ...instead[kind], ...list.slice(index + skipped)];
}

// One bit of a header is another, and the checksums are right.
function changed(packet: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(packet);
  const ipAt = copy[12] === 8 && copy[14] === 0x45 ? 14 : 0;
  const bodyAt = ipAt + 20;
  const place = (bit >> 3) % Math.min(copy.length, bodyAt + 20);
  copy[place] = (copy[place] ?? 0) ^ (1 << (bit & 7));
  const put = (at: number, word: number): void => copy.set([word >> 8, word & 255], at);
  put(ipAt + 10, 0);
  put(ipAt + 10, internetChecksum(copy.subarray(ipAt, bodyAt)));
  const protocol = copy[ipAt + 9] ?? 0;
  const sumAt = bodyAt + (protocol === 6 ? CSUM_PLACES.tcp : CSUM_PLACES.udp);
  put(sumAt, 0);
  const body = copy.subarray(bodyAt);
  const rest = Uint8Array.of(0, protocol, body.length >> 8, body.length & 255);
  put(sumAt, internetChecksum(join(copy.subarray(ipAt + 12, bodyAt), rest, body)));
  return copy;
}

// As the kernel puts them together: a shorter one is the last.
function ofOneLength(list: readonly Uint8Array[]): Uint8Array[] {
  const len = list[0]?.length ?? 0;
  const end = list.findIndex((one, at) => one.length !== len || (at + 1) * len > NARROW.lenMax);
  if (end < 0) return [...list];
  const isShorter = (list[end]?.length ?? 0) < len;
  return list.slice(0, isShorter ? end + 1 : end);
}
