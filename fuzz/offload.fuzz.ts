// Offloads: whatever a device says of a packet, the plain twin says what becomes of it; what is cut
// and joined again is what it was, and what is joined and cut again is what came in.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { BurstFlag, type Caps, type DescFlagName, type DescInit } from "../bindings/core/index.ts";
import { coalesced } from "../test/model/coalesce.ts";
import { hexOf, join } from "../test/model/packet.ts";
import { isWrong } from "../test/model/parse.ts";
import { judgeOffered } from "../test/model/segment.ts";
import {
  AMPLE,
  type Fed,
  HEADROOM_LEN,
  type Limits,
  lay,
  PACKET_FIRST,
  rangeOf,
  run,
} from "./feed.ts";
import { type Law, law, type Suite } from "./law.ts";
import { SMALL, Subject } from "./subject.ts";
import {
  DATAGRAMS_MAX,
  longOffered,
  longSuper,
  offered,
  type Super,
  superPacket,
  type Wire,
  wire,
} from "./supers.ts";
import { type Range, Twins } from "./twins.ts";

const PAGES = 5;
const VIRTIO_LEN = 10;
const CAPS = { ...SMALL, scratch: 16384, slotStride: 8192 };
const ROOM = { ...AMPLE, pieces: 1600 }; // 65 for each packet that may come out
// For packets of 64 KB and their 64 segments: the packets lie over several slots.
const LONG_PAGES = 7;
const LONG_CAPS = { ...CAPS, slotStride: 24576 };
const LONG_ROOM = { ...ROOM, outs: 66, pieces: 1400 };
const HEAD_LEN = 64; // of a node's block: time and identification
const SPARE = [0, 200, 700, AMPLE.spareLen] as const;

export async function openOffload(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const middle = new Subject(twins, CAPS, 1n);
  const last = openLast(middle, CAPS);
  const longTwins = await Twins.open(LONG_PAGES);
  const long = openLast(new Subject(longTwins, SMALL, 1n), LONG_CAPS);
  const laws = [
    cutLaw(middle, last),
    roomLaw(last),
    roundLaw("rejoined", middle, superPacket),
    joinLaw(middle, last),
    orderLaw(middle),
    longLaw(long),
    roundLaw("rejoined-long", long, longSuper, { isAtEnd: true, limits: LONG_ROOM }),
  ];
  return { name: "offload", share: 2, casesMin: 2000, laws };
}

// A node behind another that takes the rest of the memory.
function openLast({ twins, end }: Subject, caps: Caps): Subject {
  const rest = twins.end - end - twins.nodeSize({ ...caps, scratch: 0 });
  const last = new Subject(twins, { ...caps, scratch: rest }, 1n);
  strictEqual(last.end, twins.end);
  twins.keep();
  return last;
}

// A packet with its virtio header, as what it becomes by the twin.
function cutLaw(middle: Subject, last: Subject): Law {
  const input = fc.record({ one: offered, fill: fc.nat(255), isShared: fc.boolean() });
  return law("cut", input, ({ one, fill, isShared }) => {
    const told = judgeOffered(one.header, one.packet, one.linkLen);
    const wanted = isWrong(told) ? [] : told.packets;
    const verdict = isWrong(told) ? told.wrong : "consumed";
    middle.twins.back();
    for (const subject of [middle, last]) {
      const fed = cut(subject, one, { fill, isAtEnd: subject === last, isShared });
      if (wanted.length > DATAGRAMS_MAX) {
        const some = wanted.slice(0, fed.outs.length);
        expectPackets(fed, some);
        continue;
      }
      strictEqual(fed.ins[0]?.verdict, verdict);
      expectPackets(fed, wanted);
    }
  });
}

interface Place {
  readonly fill?: number;
  /** True where the packet ends with the memory. */
  readonly isAtEnd?: boolean;
  readonly isShared?: boolean;
  readonly limits?: Limits;
}

function cut(subject: Subject, { linkLen, packet, header }: Super, place: Place = {}): Fed {
  const { twins } = subject;
  const { fill = 0, isAtEnd = false, isShared = false, limits = ROOM } = place;
  twins.fill(subject.arena, subject.end, fill);
  const slot = subject.slot(subject.slotCount - 1);
  const ptr = isAtEnd ? subject.end - packet.length : slot + HEADROOM_LEN;
  twins.write(ptr - VIRTIO_LEN, join(header, packet));
  const flags: DescFlagName[] = [...linkFlags(linkLen), ...(isShared ? ["shared" as const] : [])];
  const packets = [{ ptr, len: packet.length, flags, port: null, remote: null }];
  const feed = { element: "segment_burst", port: 0, nowMs: 0, packets, limits } as const;
  const burst = { ...feed, flags: BurstFlag.Virtio };
  const touched = isShared ? [] : [rangeOf(ptr, packet.length)];
  return expectTidy(subject, burst, touched);
}

// Feeds a burst; both builds do alike, and touch what is theirs.
function expectTidy(
  subject: Subject,
  feed: Parameters<typeof lay>[1],
  touched: readonly Range[],
): Fed {
  const { twins } = subject;
  const at = lay(subject, feed);
  twins.watch();
  const fed = run(subject, feed);
  twins.expectAlike();
  const head = rangeOf(subject.node, HEAD_LEN);
  const counters = rangeOf(subject.counters, 256 * 8);
  // The core's own scratch, and what a virtio header says in the descriptors.
  const scratch = { start: 1024, end: twins.first };
  const descs = rangeOf(at, 2048);
  twins.expectTouched([...fed.ranges, head, counters, scratch, descs, ...touched]);
  return fed;
}

function linkFlags(linkLen: number): DescFlagName[] {
  return linkLen === 0 ? ["l3"] : [];
}

function expectPackets(fed: Fed, wanted: readonly Uint8Array[]): void {
  deepStrictEqual(
    fed.outs.map(({ bytes }) => hexOf(bytes)),
    wanted.map(hexOf),
  );
}

// With little room what comes out is the beginning of what would, and the rest is told of once.
function roomLaw(subject: Subject): Law {
  const room = fc.record({
    spareLen: fc.constantFrom(...SPARE),
    pieces: fc.nat(50),
    outs: fc.nat(AMPLE.outs),
  });
  return law("room", fc.tuple(superPacket, room), ([one, limits]) => {
    const told = judgeOffered(one.header, one.packet, one.linkLen);
    if (isWrong(told)) throw new Error(told.wrong);
    subject.twins.back();
    const fed = cut(subject, one, { isAtEnd: true, limits });
    expectPackets(fed, told.packets.slice(0, fed.outs.length));
    const isWhole = fed.outs.length === told.packets.length;
    strictEqual(subject.counted(-3), isWhole ? 0n : 1n);
    strictEqual(fed.ins[0]?.verdict, fed.outs.length === 0 ? "NoRoom" : "consumed");
  });
}

// Packets of any length up to the longest, cut into up to 64 segments; where a header lies, into
// thousands, of which there is room for the first.
function longLaw(subject: Subject): Law {
  return law("cut-long", longOffered, (one) => {
    const told = judgeOffered(one.header, one.packet, one.linkLen);
    subject.twins.back();
    const fed = cut(subject, one, { isAtEnd: true, limits: LONG_ROOM });
    if (isWrong(told)) strictEqual(fed.ins[0]?.verdict, told.wrong);
    expectPackets(fed, isWrong(told) ? [] : told.packets.slice(0, LONG_ROOM.outs));
  });
}

// coalesce(segment(x)) = x.
function roundLaw(
  name: string,
  subject: Subject,
  supers: fc.Arbitrary<Super>,
  place: Place = {},
): Law {
  return law(name, supers, (one) => {
    const { twins } = subject;
    twins.back();
    const cutUp = cut(subject, one, place).outs.map(({ bytes }) => bytes);
    twins.back();
    const sent = { linkLen: one.linkLen, ranges: [cutUp], hasUdp: true };
    expectPackets(joinUp(subject, sent, place), [join(one.header, one.packet)]);
  });
}

// Ranges of datagrams, as what they become by the twin.
function joinLaw(middle: Subject, last: Subject): Law {
  const input = fc.record({ sent: wire, fill: fc.nat(255) });
  return law("joined", input, ({ sent, fill }) => {
    const packets = sent.ranges.flat();
    const wanted = coalesced(packets, sent.linkLen, sent.hasUdp);
    middle.twins.back();
    for (const subject of [middle, last]) {
      const fed = joinUp(subject, sent, { fill, isAtEnd: subject === last });
      expectPackets(
        fed,
        wanted.map(({ header, packet }) => join(header, packet)),
      );
      strictEqual(Number(subject.counted(0)), packets.length);
    }
  });
}

function joinUp(subject: Subject, sent: Wire, place: Omit<Place, "isShared"> = {}): Fed {
  const { twins } = subject;
  const { fill = 0, isAtEnd = false, limits = ROOM } = place;
  twins.fill(subject.arena, subject.end, fill);
  const packets = sent.ranges.map((range, at): DescInit => {
    const bytes = join(...range);
    const slot = subject.slot(PACKET_FIRST + 3 - at);
    const ptr = isAtEnd ? slot + subject.slotStride - bytes.length : slot + HEADROOM_LEN;
    twins.write(ptr, bytes);
    const flags: DescFlagName[] = ["udpGro", ...linkFlags(sent.linkLen)];
    const gsoSize = range[0]?.length ?? 0;
    return { ptr, len: bytes.length, flags, gsoSize, port: null, remote: null };
  });
  const udpL4 = sent.hasUdp ? BurstFlag.UdpL4 : 0;
  const feed = { element: "coalesce_burst", port: 0, nowMs: 0, packets, limits } as const;
  const touched = packets.map(({ ptr = 0, len = 0 }) =>
    rangeOf(ptr - VIRTIO_LEN, VIRTIO_LEN + len),
  );
  return expectTidy(subject, { ...feed, flags: BurstFlag.Virtio | udpL4 }, touched);
}

// segment(coalesce(x)) is x, and in each flow in the same order.
function orderLaw(subject: Subject): Law {
  return law("recut", wire, (sent) => {
    const { twins } = subject;
    twins.back();
    const joined = joinUp(subject, sent).outs.map(({ bytes }) => bytes);
    const cutAgain = joined.flatMap((bytes) => {
      twins.back();
      const header = bytes.slice(0, VIRTIO_LEN);
      const one = { linkLen: sent.linkLen, header, packet: bytes.slice(VIRTIO_LEN) };
      return cut(subject, one).outs.map((out) => out.bytes);
    });
    deepStrictEqual(flowsOf(cutAgain, sent.linkLen), flowsOf(sent.ranges.flat(), sent.linkLen));
  });
}

// By addresses, protocol and ports, in order.
function flowsOf(packets: readonly Uint8Array[], linkLen: number): Map<string, string[]> {
  const flows = new Map<string, string[]>();
  for (const packet of packets) {
    const ends = packet.subarray(linkLen + 12, linkLen + 24);
    const name = `${packet[linkLen + 9]} ${hexOf(ends)}`;
    flows.set(name, [...(flows.get(name) ?? []), hexOf(packet)]);
  }
  return new Map([...flows].sort(([a], [b]) => (a < b ? -1 : 1)));
}
