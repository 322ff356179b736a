import { arena, arenaEnd, nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { Burst, BurstAt } from "../../../assembly/path/burst";
import { DescFlag } from "../../../assembly/path/desc";
import { hexOf } from "../bytes";
import { openNode, SCRATCH_LEN } from "../table/node";
import { openBurst, outAt, pieceAt, pieceLen, push, SPARE_LEN } from "./packets";

const BYTES = "0102030405060708090a";

let node: usize = 0;
let burst: usize = 0;

/** What is said when `value` stands at `at`; and then it is as before. */
function check(at: usize, value: u32): i32 {
  const before = load<u32>(burst + at);
  store<u32>(burst + at, value);
  const status = Burst.check(node, burst);
  store<u32>(burst + at, before);
  return status;
}

/** Puts a table of the burst where another one lies, or the record itself. */
function lay(table: usize, over: usize): i32 {
  return check(table, over == BurstAt.End ? <u32>burst : load<u32>(burst + over));
}

function checkTime(nowMs: f64): i32 {
  store<f64>(burst, nowMs, BurstAt.NowMs);
  return Burst.check(node, burst);
}

describe("Burst.check", () => {
  beforeEach(() => {
    node = openNode();
    burst = openBurst(node);
    push(node, burst, BYTES);
  });

  it("takes a burst as it should be, and an empty one", () => {
    expect<i32>(Burst.check(node, burst)).toBe(Status.Ok);
    for (let at = BurstAt.In; at < BurstAt.NowMs; at += 4) store<u32>(burst + at, 0);
    store<u32>(burst, 0, BurstAt.PieceCap);
    expect<i32>(Burst.check(node, burst)).toBe(Status.Ok);
  });

  it("refuses a stranger for a node, and a record elsewhere", () => {
    expect<i32>(Burst.check(node + 64, burst)).toBe(Status.BadArgument);
    expect<i32>(Burst.check(0, burst)).toBe(Status.BadArgument);
    expect<i32>(Burst.check(node, 0)).toBe(Status.BadArgument);
    expect<i32>(Burst.check(node, burst + 4)).toBe(Status.BadArgument);
    expect<i32>(Burst.check(node, burst + SCRATCH_LEN - 56)).toBe(Status.BadArgument);
    expect<i32>(Burst.check(node, arena(node))).toBe(Status.BadArgument);
    expect<i32>(Burst.check(node, 0xfffffff8)).toBe(Status.BadArgument);
  });

  it("refuses more than 256 packets, and counts that wrap", () => {
    expect<i32>(check(BurstAt.InCount, 257)).toBe(Status.BadArgument);
    expect<i32>(check(BurstAt.InCount, 0x08000001)).toBe(Status.BadArgument); // 2^32 bytes and 32
    expect<i32>(check(BurstAt.OutCap, 0x08000001)).toBe(Status.BadArgument);
    expect<i32>(check(BurstAt.PieceCap, 0x20000001)).toBe(Status.BadArgument);
    expect<i32>(check(BurstAt.OutCap, 0xffffffff)).toBe(Status.BadArgument);
  });

  it("refuses tables that are not aligned, or end behind scratch", () => {
    for (let table = BurstAt.In; table <= BurstAt.Pieces; table += BurstAt.Out - BurstAt.In) {
      if (table > BurstAt.Out && table < BurstAt.Pieces) continue;
      const at = load<u32>(burst + table);
      expect<i32>(check(table, at + 4)).toBe(Status.BadArgument);
      expect<i32>(check(table, <u32>burst + SCRATCH_LEN - 24)).toBe(Status.BadArgument);
      expect<i32>(check(table, 0)).toBe(Status.BadArgument);
      expect<i32>(check(table, 0xfffffff8)).toBe(Status.BadArgument);
    }
  });

  it("refuses tables that share a byte with the record or with each other", () => {
    expect<i32>(lay(BurstAt.In, BurstAt.End)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Out, BurstAt.End)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.End)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Out, BurstAt.In)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.In)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.Out)).toBe(Status.BadArgument);
  });

  it("refuses tables in the arena, where a packet could change them", () => {
    expect<i32>(lay(BurstAt.In, BurstAt.Spare)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Out, BurstAt.Spare)).toBe(Status.BadArgument);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.Spare)).toBe(Status.BadArgument);
  });

  it("refuses spare bytes outside the arena, if there are any", () => {
    expect<i32>(check(BurstAt.Spare, <u32>burst)).toBe(Status.BadArgument);
    expect<i32>(check(BurstAt.Spare, <u32>arenaEnd(node) - SPARE_LEN)).toBe(Status.Ok);
    expect<i32>(check(BurstAt.Spare, <u32>arenaEnd(node) - SPARE_LEN + 1)).toBe(Status.BadArgument);
    expect<i32>(check(BurstAt.SpareLen, 0xffffffff)).toBe(Status.BadArgument);
    store<u32>(burst, 0, BurstAt.SpareLen);
    expect<i32>(check(BurstAt.Spare, 0xffffffff)).toBe(Status.Ok);
  });

  it("refuses what is no time, and flags", () => {
    expect<i32>(checkTime(-1)).toBe(Status.BadArgument);
    expect<i32>(checkTime(NaN)).toBe(Status.BadArgument);
    expect<i32>(checkTime(Infinity)).toBe(Status.BadArgument);
    expect<i32>(checkTime(1.5)).toBe(Status.Ok);
    expect<i32>(check(BurstAt.Flags, 1)).toBe(Status.BadArgument);
  });
});

describe("spare bytes", () => {
  beforeEach(() => {
    node = openNode();
    burst = openBurst(node);
    store<u32>(burst, 64, BurstAt.SpareLen);
  });

  it("are taken one behind the other, aligned, to the last one", () => {
    const spare = <usize>load<u32>(burst, BurstAt.Spare);
    const b = Burst.at(burst);
    expect<usize>(b.takeSpare(1)).toBe(spare);
    expect<usize>(b.takeSpare(8)).toBe(spare + 8);
    expect<usize>(b.takeSpare(49)).toBe(0);
    expect<usize>(b.takeSpare(0xffffffff)).toBe(0);
    expect<usize>(b.takeSpare(48)).toBe(spare + 16);
    expect<usize>(b.takeSpare(1)).toBe(0);
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(64);
    b.begin(node);
    expect<usize>(b.takeSpare(64)).toBe(spare);
  });

  it("are aligned wherever they begin", () => {
    const spare = load<u32>(burst, BurstAt.Spare);
    store<u32>(burst, spare + 3, BurstAt.Spare);
    const b = Burst.at(burst);
    expect<usize>(b.takeSpare(60)).toBe(0); // five of 64 are lost
    expect<usize>(b.takeSpare(59)).toBe(spare + 8);
  });

  it("are none where there are none", () => {
    store<u32>(burst, 0, BurstAt.SpareLen);
    for (let shift: u32 = 0; shift < 16; shift++) {
      store<u32>(burst, 0xfffffff0 + shift, BurstAt.Spare);
      expect<usize>(Burst.at(burst).takeSpare(1)).toBe(0);
    }
  });

  it("take a copy of what is shared, with headroom", () => {
    const d = push(node, burst, BYTES, DescFlag.Shared | DescFlag.L3);
    const before = d.ptr;
    expect<bool>(Burst.at(burst).own(d, 16)).toBe(true);
    expect<usize>(d.ptr).toBe(load<u32>(burst, BurstAt.Spare) + 16);
    expect<u32>(d.flags).toBe(DescFlag.L3);
    expect<string>(hexOf(d.ptr, d.len)).toBe(BYTES);
    expect<string>(hexOf(before, d.len)).toBe(BYTES);
  });

  it("are not needed for what is not shared", () => {
    const d = push(node, burst, BYTES);
    const before = d.ptr;
    expect<bool>(Burst.at(burst).own(d, 0xffffffff)).toBe(true);
    expect<usize>(d.ptr).toBe(before);
  });

  it("leave a packet as it is when they do not suffice", () => {
    const d = push(node, burst, BYTES, DescFlag.Shared);
    const before = d.ptr;
    expect<bool>(Burst.at(burst).own(d, 55)).toBe(false);
    expect<usize>(d.ptr).toBe(before);
    expect<u32>(d.flags).toBe(DescFlag.Shared);
  });
});

describe("pieces", () => {
  it("gather a header and a packet, while there are two left", () => {
    node = openNode();
    burst = openBurst(node);
    store<u32>(burst, 5, BurstAt.PieceCap);
    const b = Burst.at(burst);
    const d = push(node, burst, BYTES);
    for (let index: u32 = 0; index < 2; index++) {
      expect<u32>(b.piecesLeft).toBe(5 - 2 * index);
      b.next.emit(0, 0, DescFlag.Shared);
      b.gather(d.ptr - 8, 8, d);
      b.commit();
    }
    expect<u32>(b.piecesLeft).toBe(1);
    expect<u32>(load<u32>(burst, BurstAt.PieceCount)).toBe(4);
    const o = outAt(burst, 1);
    expect<u32>(o.len).toBe(2);
    expect<u32>(o.flags).toBe(DescFlag.Gather | DescFlag.Shared);
    expect<usize>(o.ptr).toBe(outAt(burst, 0).ptr + 16);
    expect<usize>(pieceAt(o, 0)).toBe(d.ptr - 8);
    expect<u32>(pieceLen(o, 0)).toBe(8);
    expect<usize>(pieceAt(o, 1)).toBe(d.ptr);
    expect<u32>(pieceLen(o, 1)).toBe(d.len);
    expect<usize>(load<u32>(node, nodeAt.SCRATCH)).toBe(burst);
  });
});
