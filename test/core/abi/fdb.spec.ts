import {
  fdb_age,
  fdb_flush,
  fdb_get,
  fdb_lookup_bulk,
  fdb_next,
  fdb_remove,
  fdb_set,
} from "../../../assembly/abi/fdb";
import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { FDB_MISS, FdbAt, FdbFlag } from "../../../assembly/table/fdb";
import { PortKind } from "../../../assembly/table/port";
import {
  fdbRecord,
  NONE,
  openNode,
  place,
  setDomain,
  setPort,
  setStation,
  stationMac,
  used,
} from "../table/node";
import { slotAt } from "./host";

const AGE_S: u32 = 300;
const NO_TIME: f64 = -1;

let node: usize = 0;

/** FDB records lie side by side. */
function put(index: u32, mac: u64, where: u32, flags: u32 = 0): usize {
  const rec = slotAt(node) + index * FdbAt.End;
  memory.copy(rec, fdbRecord(0, mac, where, flags), FdbAt.End);
  return rec;
}

/** Sets one and gives its status. */
function set(rec: usize, nowMs: f64 = 0): i32 {
  const done = fdb_set(node, rec, 1, nowMs);
  const status = load<i16>(rec, FdbAt.Status);
  expect<i32>(done).toBe(status == Status.Ok ? 1 : 0);
  return status;
}

function begin(): void {
  node = openNode();
  setDomain(node, 0, 7, AGE_S);
  setPort(node, 0, PortKind.Ethernet, 0);
  setPort(node, 1, PortKind.Ethernet, 0);
}

describe("FDB records", () => {
  beforeEach(begin);

  it("are applied in order, and one that fails stops none", () => {
    const first = put(0, stationMac(1), place(0));
    put(1, stationMac(2), place(5)); // no such port
    put(2, stationMac(3), place(1));
    expect<i32>(fdb_set(node, first, 3, 0)).toBe(2);
    expect<i32>(load<i16>(first + FdbAt.End, FdbAt.Status)).toBe(Status.NotFound);
    expect<i32>(fdb_remove(node, first, 3)).toBe(2);
    expect<i32>(load<i16>(first, FdbAt.Status)).toBe(Status.Ok);
    expect<i32>(load<i16>(first + FdbAt.End, FdbAt.Status)).toBe(Status.NotFound);
    expect<u32>(used(node, nodeAt.FDB)).toBe(0);
  });

  it("are of one kind, and sticky besides", () => {
    expect<i32>(set(put(0, stationMac(1), place(0), FdbFlag.Learned | FdbFlag.Sticky))).toBe(0);
    expect<i32>(set(put(0, stationMac(1), place(0), FdbFlag.Static | FdbFlag.Sticky))).toBe(0);
    expect<i32>(set(put(0, stationMac(1), place(0), FdbFlag.Permanent))).toBe(0);
    const both = FdbFlag.Learned | FdbFlag.Static;
    expect<i32>(set(put(0, stationMac(1), place(0), both))).toBe(Status.BadArgument);
    const unknown = FdbFlag.Permanent * 2;
    expect<i32>(set(put(0, stationMac(1), place(0), unknown))).toBe(Status.BadArgument);
  });

  it("name a station, and hold zeros where nothing is meant", () => {
    expect<i32>(set(put(0, 0, place(0)))).toBe(Status.BadArgument);
    expect<i32>(fdb_remove(node, put(0, 0, place(0)), 1)).toBe(0);
    expect<i32>(load<i16>(slotAt(node), FdbAt.Status)).toBe(Status.BadArgument);
    expect<i32>(fdb_get(node, put(0, 0, place(0)), 0)).toBe(Status.BadArgument);
    for (let at: i32 = FdbAt.SeenS + 4; at < FdbAt.End; at++) {
      const rec = put(0, stationMac(1), place(0));
      store<u8>(rec + at, 1);
      expect<i32>(set(rec)).toBe(Status.BadArgument);
    }
  });

  it("are read whole, until their time is over", () => {
    set(put(0, stationMac(1), place(1)), 5000);
    const rec = put(0, stationMac(1), 99, 0xff);
    expect<i32>(fdb_get(node, rec, 6000)).toBe(Status.Ok);
    expect<u32>(load<u32>(rec, FdbAt.Port)).toBe(place(1));
    expect<u32>(load<u16>(rec, FdbAt.Flags)).toBe(FdbFlag.Learned);
    expect<u32>(load<u32>(rec, FdbAt.SeenS)).toBe(5);
    expect<i32>(fdb_get(node, put(1, stationMac(2), 0), 6000)).toBe(Status.NotFound);
    const over: f64 = 5000 + 1000 * AGE_S;
    expect<i32>(fdb_get(node, rec, over - 1)).toBe(Status.Ok);
    expect<i32>(fdb_get(node, rec, over)).toBe(Status.NotFound);
  });

  it("are neither walked to nor removed when their time is over", () => {
    set(put(0, stationMac(1), place(0)), 1000);
    set(put(0, stationMac(2), place(0)), 2000);
    const over: f64 = 1000 + 1000 * AGE_S;
    expect<i32>(fdb_get(node, put(0, stationMac(1), 0), over)).toBe(Status.NotFound);
    const cursor = fdb_next(node, 0, slotAt(node));
    expect<i32>(cursor).toBeGreaterThan(0);
    expect<u64>(load<u64>(slotAt(node), FdbAt.Domain) >> 16).toBe(stationMac(2));
    expect<i32>(fdb_next(node, cursor, slotAt(node))).toBe(0);
    expect<u32>(used(node, nodeAt.FDB)).toBe(2);
    const expired = put(0, stationMac(1), 0);
    expect<i32>(fdb_remove(node, expired, 1)).toBe(0);
    expect<i32>(load<i16>(expired, FdbAt.Status)).toBe(Status.NotFound);
    expect<u32>(used(node, nodeAt.FDB)).toBe(1); // it went all the same
    expect<i32>(fdb_remove(node, put(0, stationMac(2), 0), 1)).toBe(1);
  });

  it("are aged and walked", () => {
    set(put(0, stationMac(1), place(0)), 1000);
    set(put(0, stationMac(2), place(1), FdbFlag.Static), 1000);
    const rec = slotAt(node);
    const first = fdb_next(node, 0, rec);
    const second = fdb_next(node, first, rec);
    expect<i32>(first).toBeGreaterThan(0);
    expect<i32>(second).toBeGreaterThan(first);
    expect<i32>(fdb_next(node, second, rec)).toBe(0);
    expect<i32>(fdb_age(node, 1000, 2000)).toBe(0);
    expect<i32>(fdb_age(node, 1000, 1000 * (1 + AGE_S))).toBe(1);
    expect<i32>(fdb_get(node, put(0, stationMac(2), 0), 0)).toBe(Status.Ok);
  });

  it("lie where the host may write, and times are times", () => {
    const rec = put(0, stationMac(1), place(0));
    expect<i32>(fdb_set(node, rec + 2, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(fdb_set(node, rec, 1, NO_TIME)).toBe(Status.BadArgument);
    expect<i32>(fdb_remove(node, node, 1)).toBe(Status.BadArgument);
    expect<i32>(fdb_get(node, rec, NO_TIME)).toBe(Status.BadArgument);
    expect<i32>(fdb_get(node, node, 0)).toBe(Status.BadArgument);
    expect<i32>(fdb_next(node, 0, node)).toBe(Status.BadArgument);
    expect<i32>(fdb_age(node, 1, NO_TIME)).toBe(Status.BadArgument);
    expect<i32>(fdb_age(node + 64, 1, 0)).toBe(Status.BadArgument);
  });
});

describe("fdb_flush", () => {
  beforeEach(() => {
    begin();
    setStation(node, 0, stationMac(1), place(0));
    setStation(node, 0, stationMac(2), place(1));
    setStation(node, 0, stationMac(3), place(1), FdbFlag.Static);
  });

  it("takes what was learned at a port, and more when it is told", () => {
    expect<i32>(fdb_flush(node, put(0, 0, place(1)))).toBe(1);
    expect<i32>(fdb_flush(node, put(0, 0, place(1), FdbFlag.Static))).toBe(1);
    expect<u32>(used(node, nodeAt.FDB)).toBe(1);
  });

  it("takes everything for any", () => {
    const rec = put(0, 0, place(NONE), FdbFlag.Static);
    store<u16>(rec, <u16>NONE, FdbAt.Domain);
    expect<i32>(fdb_flush(node, rec)).toBe(3);
  });

  it("takes no station, no other flag and nothing behind", () => {
    expect<i32>(fdb_flush(node, put(0, stationMac(1), place(0)))).toBe(Status.BadArgument);
    expect<i32>(fdb_flush(node, put(0, 0, place(0), FdbFlag.Sticky))).toBe(Status.BadArgument);
    store<u8>(put(0, 0, place(0)) + FdbAt.End - 1, 1);
    expect<i32>(fdb_flush(node, slotAt(node))).toBe(Status.BadArgument);
    expect<i32>(fdb_flush(node, node)).toBe(Status.BadArgument);
    expect<u32>(used(node, nodeAt.FDB)).toBe(3);
  });
});

describe("fdb_lookup_bulk", () => {
  beforeEach(begin);

  it("finds each place, in place too", () => {
    setStation(node, 0, stationMac(1), place(1));
    const keys = slotAt(node);
    store<u64>(keys, stationMac(1) << 16);
    store<u64>(keys, stationMac(2) << 16, 8);
    store<u64>(keys, 0, 16);
    expect<i32>(fdb_lookup_bulk(node, keys, keys + 24, 3, 0)).toBe(1);
    expect<u32>(load<u32>(keys, 24)).toBe(place(1));
    expect<u32>(load<u32>(keys, 28)).toBe(FDB_MISS);
    expect<u32>(load<u32>(keys, 32)).toBe(FDB_MISS);
    expect<i32>(fdb_lookup_bulk(node, keys, keys, 3, 0)).toBe(1);
    expect<u32>(load<u32>(keys)).toBe(place(1));
    expect<i32>(fdb_lookup_bulk(node, keys, keys, 0, 0)).toBe(0);
  });

  it("takes words that are aligned, where the host may write", () => {
    const keys = slotAt(node);
    expect<i32>(fdb_lookup_bulk(node, keys + 4, keys, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(fdb_lookup_bulk(node, keys, keys + 2, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(fdb_lookup_bulk(node, keys, node, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(fdb_lookup_bulk(node, keys, keys, 1, NO_TIME)).toBe(Status.BadArgument);
  });
});
