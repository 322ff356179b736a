// Bursts, capacities and ranges that are too long, lie elsewhere or overlap.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import { BurstAt, CapsAt, Status } from "../bindings/core/index.ts";
import { lay } from "./feed.ts";
import { type Law, law } from "./law.ts";
import { named, type Subject } from "./subject.ts";

const ELEMENTS = ["vxlan_encap_burst", "vxlan_decap_frame_burst"] as const;

/** A burst whose ranges lie elsewhere, overlap, or are too long. */
export function burstLaw(subject: Subject): Law {
  const { twins, node, scratch, arena, end } = subject;
  const burst = lay(subject, { element: ELEMENTS[0], port: 0, nowMs: 0, packets: [] });
  const at = (place: number): number => twins.view.getUint32(burst + place, true);
  const wild = [0, 4, 1024, node, scratch - 8, end, end + 8, 0x80000000, 0xfffffff8];
  const tables = [...wild, scratch + 4, scratch + 1, end - 8];
  const bad: readonly (readonly [at: number, values: readonly number[]])[] = [
    [BurstAt.In, tables],
    [BurstAt.InCount, [257, 0xffff, 0x08000000, 0xffffffff]],
    [BurstAt.Out, tables],
    [BurstAt.OutCap, [0x10000, 0x08000000, 0x10000001, 0xffffffff]],
    [BurstAt.Spare, [...wild, scratch, arena - 8, end - 8]],
    [BurstAt.SpareLen, [end - arena + 1, 0x80000000, 0xffffffff]],
    [BurstAt.Pieces, tables],
    [BurstAt.PieceCap, [0x10000, 0x20000000, 0x20000001, 0xffffffff]],
    [BurstAt.NowMs + 4, [0x7ff00000, 0x7ff80000, 0xbff00000, 0x43300000]],
    [BurstAt.Flags, [1, 0x80000000]],
  ];
  const cases = bad.flatMap(([place, values]) => values.map((value) => ({ place, value })));
  const input = fc.record({
    one: fc.constantFrom(...cases),
    element: fc.constantFrom(...ELEMENTS),
    overlap: fc.option(fc.integer({ min: -23, max: 0 }), { freq: 5 }),
  });
  return law("bursts", input, ({ one, element, overlap }) => {
    twins.back();
    const packets = [{ ptr: subject.slot(8) + 128, len: 0 }];
    lay(subject, { element, port: 0, nowMs: 0, packets });
    if (overlap === null) {
      // All else in front of In, however long that gets.
      twins.setU32(burst + BurstAt.Out, scratch);
      twins.setU32(burst + BurstAt.Pieces, scratch + 1024);
      if (one.place === BurstAt.InCount) twins.setU32(burst + BurstAt.SpareLen, 0);
      twins.setU32(burst + one.place, one.value);
    } else twins.setU32(burst + BurstAt.Out, at(BurstAt.In) + overlap * 32);
    twins.watch();
    strictEqual(named(twins.call(element, node, burst)), "BadArgument");
    twins.expectTouched([]);
  });
}

/** Capacities beyond what a node can have. */
export function capsLaw(subject: Subject): Law {
  const { twins } = subject;
  const caps = twins.end - CapsAt.End;
  const limits: readonly (readonly [at: number, most: number])[] = [
    [CapsAt.Abi, 1],
    [CapsAt.Routes, 4194304],
    [CapsAt.RoutePoolBytes, 0x7ffc0000],
    [CapsAt.Hops, 65535],
    [CapsAt.Fdb, 4194304],
    [CapsAt.Neighbors, 1048576],
    [CapsAt.Remotes, 65535],
    [CapsAt.Ports, 65535],
    [CapsAt.Domains, 65535],
    [CapsAt.Flood, 1048576],
    [CapsAt.Conns, 1048576],
    [CapsAt.Scratch, 1073741824],
    [CapsAt.SlotStride, 131072],
  ];
  const input = fc.record({
    limit: fc.constantFrom(...limits),
    by: fc.oneof(fc.constantFrom(1, 64), fc.nat(0x70000000)),
    open: fc.boolean(),
  });
  return law("caps", input, ({ limit: [at, most], by, open }) => {
    twins.back();
    twins.fill(caps, twins.end, 0);
    twins.setU32(caps + CapsAt.Abi, 1);
    twins.setU32(caps + CapsAt.SlotStride, 2048);
    const size = twins.call("node_size", caps);
    strictEqual(size > 0 && size % 64 === 0, true);
    twins.setU32(caps + at, (most + (by | 1)) >>> 0);
    twins.watch();
    strictEqual(named(twins.call(open ? "node_open" : "node_size", caps)), "BadArgument");
    twins.expectTouched([]);
  });
}

/** Ranges of bytes and of slots, about as long as they may be. */
export function rangeLaw({ twins, node, slotCount }: Subject): Law {
  const near = fc.integer({ min: -3, max: 3 });
  const input = fc.record({ back: fc.nat(80), over: near, first: fc.nat(14), slots: near });
  return law("ranges", input, ({ back, over, first, slots }) => {
    twins.back();
    twins.watch();
    const len = Math.max(0, back + over);
    const sum = twins.call("checksum_sum", twins.end - back, len, 0);
    strictEqual(sum === Status.BadArgument, len > back, `${len} bytes, ${back} before the end`);
    const count = Math.max(0, slotCount - first + slots);
    const poisoned = twins.call("slot_poison", node, first, count);
    const isInside = first <= slotCount && count <= slotCount - first;
    strictEqual(poisoned, isInside ? 0 : Status.BadArgument, `${count} slots from ${first}`);
    twins.expectTouched([]); // the builds that are compared do not poison
  });
}
