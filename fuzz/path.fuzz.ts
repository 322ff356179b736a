// Every element, on anything: it says what the plain twin says, gives the same bytes, and touches
// nothing else in memory. Each burst runs in two places: in the midst of memory, and where the
// memory ends right behind the packets; what lies around the packets differs, so whoever reads
// beyond one gives two answers, or traps.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { type DescInit, Status, type StatusName } from "../bindings/core/index.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import type { ModelNode, ModelPort } from "../test/model/node.ts";
import type { Fate, ModelPacket } from "../test/model/path.ts";
import { expectFates, expectSome } from "./fate.ts";
import {
  AMPLE,
  HEADROOM_LEN,
  type Limits,
  lay,
  PACKET_FIRST,
  PACKET_SLOTS,
  rangeOf,
  run,
} from "./feed.ts";
import { law, type Suite } from "./law.ts";
import { openLong } from "./long.ts";
import { expectOk, SMALL, Subject } from "./subject.ts";
import { KINDS, type Kind, type Packet, type Traffic, traffic } from "./traffic.ts";
import { type Range, Twins } from "./twins.ts";
import { build, modelOf, settle, type World, world } from "./world.ts";

const PAGES = 3;
const SEED = 0x5eed_0000_beefn;
const NOBODYS_LEN = 1024;
const HEAD_LEN = 64; // of a node's block: the time and the identification of outer headers
const BLOCK_LEN = 3584; // all of it, up to the tables

interface Story {
  readonly world: World;
  readonly bursts: readonly Traffic[];
  /** What fills the arena around the packets, in each place. */
  readonly fills: readonly [number, number];
  /** Too little room for what comes out: then only the first burst runs. */
  readonly limits: Limits | null;
}

const story: fc.Arbitrary<Story> = fc.record({
  world,
  bursts: fc.array(traffic, { minLength: 1, maxLength: 3, size: "max" }),
  fills: fc.tuple(fc.nat(255), fc.nat(255)),
  limits: fc.oneof(
    { arbitrary: fc.constant(null), weight: 4 },
    {
      arbitrary: fc.record({ outs: fc.nat(3), spareLen: fc.nat(300), pieces: fc.nat(3) }),
      weight: 1,
    },
  ),
});

export async function openPath(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const middle = new Subject(twins, SMALL, SEED);
  // The second node takes what is left, to the last byte.
  const rest = twins.end - middle.end - twins.nodeSize({ ...SMALL, scratch: 0 });
  const last = new Subject(twins, { ...SMALL, scratch: rest }, SEED);
  strictEqual(last.end, twins.end);
  for (const subject of [middle, last]) settle(subject);
  twins.keep();
  const elements = law("elements", story, (told) => tell(told, middle, last));
  return { name: "path", share: 3, laws: [elements, await openLong()] };
}

function tell(told: Story, middle: Subject, last: Subject): void {
  const model = modelOf(told.world);
  const bursts = told.limits === null ? told.bursts : told.bursts.slice(0, 1);
  const fates = bursts.map((burst) => fatesOf(model, burst, (told.limits ?? AMPLE).outs));
  const [there, here] = told.fills;
  middle.twins.back();
  const first = live(told, bursts, fates, { subject: middle, fill: there, isAtEnd: false });
  const second = live(told, bursts, fates, { subject: last, fill: here, isAtEnd: true });
  deepStrictEqual(second, first); // what the model leaves open as well
  if (told.limits !== null) return;
  expectCounters(middle, fates);
  deepStrictEqual(
    stations(middle),
    model.fdb
      .believed()
      .map(({ domain, mac }) => `${domain} ${mac}`)
      .sort(),
  );
}

interface Place {
  readonly subject: Subject;
  readonly fill: number;
  /** True where each packet ends with its slot. */
  readonly isAtEnd: boolean;
}

// Runs the bursts in one place. Returns what the core chose by itself.
function live(told: Story, bursts: readonly Traffic[], fates: Fate[][], place: Place): number[] {
  const { subject } = place;
  const { twins } = subject;
  build(subject, told.world);
  const chosen: number[] = [];
  bursts.forEach((burst, index) => {
    twins.fill(subject.arena, subject.end, place.fill);
    const descs = burst.packets.map((packet, at) => put(place, packet, at));
    const kind = KINDS[burst.kind] as Kind;
    const limits = told.limits ?? AMPLE;
    const feed = { element: kind.element, port: kind.port, nowMs: 0, packets: descs, limits };
    lay(subject, feed);
    twins.watch();
    const fed = run(subject, feed);
    twins.expectAlike();
    const learners = [told.world.vxlan, ...told.world.devices];
    const isLearning = learners.some(({ flags }) => flags.includes("learn"));
    const lie = descs.filter((_, at) => isThere(burst.packets[at]));
    const isClamping = told.world.vxlan.flags.includes("mssClamp");
    const packets = packetRanges(lie, kind, isClamping);
    const ranges = [...ownRanges(subject, isLearning), ...packets];
    twins.expectTouched([...fed.ranges, ...ranges]);
    const expected = fates[index] ?? [];
    chosen.push(...(told.limits === null ? expectFates(fed, expected) : expectSome(fed, expected)));
  });
  return chosen;
}

function put(place: Place, packet: Packet, at: number): DescInit {
  const { subject, isAtEnd } = place;
  const { bytes, spot, shift, ...fields } = packet;
  // Backwards, so that the last slot, behind which memory ends, is used by every burst.
  const slot = subject.slot(PACKET_FIRST + PACKET_SLOTS - 1 - at);
  const inSlot = isAtEnd ? slot + subject.slotStride - bytes.length : slot + HEADROOM_LEN + shift;
  const ptr = {
    slot: inSlot,
    front: subject.arena + shift,
    before: subject.arena - 1 - shift,
    beyond: subject.end - bytes.length + 1 + shift,
    nowhere: 0xffffffff - shift,
  }[spot];
  if (isThere(packet)) subject.twins.write(ptr, bytes);
  return { ptr, len: bytes.length, ...fields };
}

// True for a packet that lies in the arena.
function isThere(packet: Packet | undefined): boolean {
  return packet?.spot === "slot" || packet?.spot === "front";
}

function fatesOf(model: ModelNode, burst: Traffic, outCap: number): Fate[] {
  const kind = KINDS[burst.kind] as Kind;
  const port = model.ports.get(kind.port) as ModelPort; // none for a bridge
  let room = outCap;
  return burst.packets.map((packet) => {
    const { spot, shift } = packet;
    const isInside = (headroom: number): boolean =>
      spot === "slot" || (spot === "front" && shift >= headroom);
    const inside = { ...packet, isInside } satisfies ModelPacket;
    const fate = kind.model(model, port, inside, kind.isFrame, room);
    room -= fate.outs.length;
    return fate;
  });
}

// Time, identification, counters and, behind them up to the tables, the ICMP errors' time and what
// the fast path has worked out; when it learns, the tables and the core's own scratch too.
function ownRanges(subject: Subject, isLearning: boolean): Range[] {
  const head = rangeOf(subject.node, HEAD_LEN);
  const counters = { start: subject.counters, end: subject.node + BLOCK_LEN };
  if (!isLearning) return [head, counters];
  const tables = { start: subject.node, end: subject.scratch };
  return [tables, { start: NOBODYS_LEN, end: subject.twins.first }];
}

// What an element changes in a packet, and what it writes in front of it. A packet that is shared
// stays as it is.
function packetRanges(descs: readonly DescInit[], kind: Kind, isClamping: boolean): Range[] {
  return descs.map(({ ptr = 0, len = 0, flags = [] }) => {
    if (flags.includes("shared") || kind.element === "bridge_burst")
      return { start: ptr, end: ptr };
    const isWhole = isClamping || !kind.element.startsWith("vxlan_encap");
    return { start: ptr - kind.headroom, end: isWhole ? ptr + len : ptr };
  });
}

function expectCounters(subject: Subject, fates: readonly Fate[][]): void {
  const names = fates.flat().flatMap(({ verdict, events }) => {
    return [verdict === "consumed" || verdict === "forUs" ? "Ok" : verdict, ...events];
  });
  for (const name of Object.keys(Status) as StatusName[]) {
    const expected = names.filter((other) => other === name).length;
    strictEqual(Number(subject.counted(Status[name])), expected, `counted ${name}`);
  }
}

function stations(subject: Subject): string[] {
  const { twins, node, scratch } = subject;
  const found: string[] = [];
  for (let cursor = 0; ; ) {
    cursor = expectOk(twins.call("fdb_next", node, cursor, scratch));
    if (cursor === 0) return found.sort();
    const { domain, mac } = subject.told(fdbLayout);
    found.push(`${domain} ${mac}`);
  }
}
