import { nodeAt, tableAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { cuckooPlace, cuckooPlaces } from "../../../assembly/table/cuckoo";
import {
  FDB_MISS,
  FdbAt,
  FdbFlag,
  fdbAge,
  fdbDrop,
  fdbEntry,
  fdbFind,
  fdbFlush,
  fdbLearn,
  fdbTell,
} from "../../../assembly/table/fdb";
import { PortKind } from "../../../assembly/table/port";
import { remoteRemove } from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
import {
  fdbRecord,
  learnedAt,
  learnedBehind,
  NONE,
  openNode,
  place,
  setDomain,
  setPort,
  setRemote,
  setStation,
  stationMac,
} from "./node";

const AGE_S: u32 = 300;
const MAC_1: u64 = 0x010000000002; // 02:00:00:00:00:01
const MAC_2: u64 = 0x020000000002;
const BUCKET_PLACES: u32 = 4;
const BUDGET_ALL: u32 = 0xffffffff;

let node: usize = 0;

// One domain that ages, ports 0 and 1, remotes 0 and 1.
function open(entries: u32): void {
  node = openNode(CapsAt.Fdb, entries);
  setDomain(node, 0, 7, AGE_S);
  setPort(node, 0, PortKind.Ethernet, 0);
  setPort(node, 1, PortKind.Vxlan, 0);
  setRemote(node, 0, 0x0a000001);
  setRemote(node, 1, 0x0a000002);
}

function drop(mac: u64): void {
  fdbDrop(node, fdbEntry(node, fdbRecord(0, mac, 0)));
}

describe("age", () => {
  beforeEach(() => {
    open(100);
  });

  it("ends belief to the second, across every wrap of the clock", () => {
    for (let shift: u32 = 8; shift < 32; shift++) {
      const seenS = ((<u32>1) << shift) - 100; // 2^28 seconds is where an entry's own clock wraps
      expect<i32>(fdbLearn(node, 0, MAC_1, place(0), seenS)).toBe(Status.Ok);
      expect<u32>(fdbFind(node, 0, MAC_1, seenS + AGE_S - 1)).toBe(place(0));
      expect<u32>(fdbFind(node, 0, MAC_1, seenS + AGE_S)).toBe(FDB_MISS);
      drop(MAC_1);
    }
  });

  it("counts from when a station was seen last", () => {
    fdbLearn(node, 0, MAC_1, place(0), 0);
    fdbLearn(node, 0, MAC_1, place(0), AGE_S - 1);
    expect<u32>(fdbFind(node, 0, MAC_1, AGE_S)).toBe(place(0));
    const rec = fdbRecord(0, MAC_1, 0);
    fdbTell(fdbEntry(node, rec), rec, AGE_S);
    expect<u32>(load<u32>(rec, FdbAt.SeenS)).toBe(AGE_S - 1);
  });

  it("is nothing to static and permanent entries, nor in a domain without one", () => {
    const late: u32 = 0xfffffff;
    setDomain(node, 1);
    setStation(node, 0, MAC_1, place(0), FdbFlag.Static);
    setStation(node, 0, MAC_2, place(0), FdbFlag.Permanent);
    fdbLearn(node, 1, MAC_1, place(0), 0);
    expect<i32>(fdbAge(node, BUDGET_ALL, late)).toBe(0);
    expect<u32>(fdbFind(node, 0, MAC_1, late)).toBe(place(0));
    expect<u32>(fdbFind(node, 0, MAC_2, late)).toBe(place(0));
    expect<u32>(fdbFind(node, 1, MAC_1, late)).toBe(place(0));
  });

  it("sweeps round a few buckets at a time, and lets go of who was named", () => {
    for (let i: u32 = 1; i <= 100; i++) fdbLearn(node, 0, stationMac(i), place(1, i & 1), i);
    const nowS: u32 = 50 + AGE_S; // the first fifty are over
    expect<i32>(fdbAge(node, 0, nowS)).toBe(0);
    let removed = 0;
    for (let turn = 0; turn < 100; turn++) removed += fdbAge(node, 1, nowS);
    expect<i32>(removed).toBe(50);
    expect<i32>(fdbAge(node, BUDGET_ALL, nowS)).toBe(0);
    for (let i: u32 = 1; i <= 100; i++) {
      expect<u32>(fdbFind(node, 0, stationMac(i), nowS)).toBe(i > 50 ? place(1, i & 1) : FDB_MISS);
    }
    expect<u32>(learnedAt(node, 1)).toBe(50);
    expect<u32>(learnedBehind(node, 0)).toBe(25);
  });
});

describe("fdbAge, in parts", () => {
  it("looks at every bucket once a round, for ever", () => {
    open(8);
    fdbLearn(node, 0, MAC_1, place(0), 0);
    const map = node + nodeAt.FDB;
    const buckets = cuckooPlaces(map) / BUCKET_PLACES;
    const entry = <u32>(fdbEntry(node, fdbRecord(0, MAC_1, 0)) - cuckooPlace(map, 0));
    const bucket = entry / <u32>(cuckooPlace(map, BUCKET_PLACES) - cuckooPlace(map, 0));
    for (let turn: u32 = 0; turn < 5 * buckets; turn++) {
      expect<i32>(fdbAge(node, 1, AGE_S - 1)).toBe(0);
    }
    for (let turn: u32 = 0; turn < buckets; turn++) {
      expect<i32>(fdbAge(node, 1, AGE_S)).toBe(turn == bucket ? 1 : 0);
    }
  });
});

describe("fdbFlush", () => {
  beforeEach(() => {
    open(8);
    setDomain(node, 1);
    fdbLearn(node, 0, stationMac(1), place(0), 0);
    fdbLearn(node, 0, stationMac(2), place(1, 0), 0);
    fdbLearn(node, 1, stationMac(3), place(1, 1), 0);
    setStation(node, 1, stationMac(4), place(1, 1), FdbFlag.Static);
    setStation(node, 1, stationMac(5), place(0), FdbFlag.Permanent);
  });

  it("chooses by domain, port and remote", () => {
    expect<i32>(fdbFlush(node, 0, 1, 1, true)).toBe(0);
    expect<i32>(fdbFlush(node, 0, 1, NONE, true)).toBe(1);
    expect<u32>(fdbFind(node, 0, stationMac(2), 0)).toBe(FDB_MISS);
    expect<i32>(fdbFlush(node, NONE, NONE, 1, true)).toBe(2);
    expect<i32>(remoteRemove(node, 1)).toBe(Status.Ok);
    expect<i32>(fdbFlush(node, 1, NONE, NONE, true)).toBe(1);
    expect<u32>(fdbFind(node, 0, stationMac(1), 0)).toBe(place(0));
  });

  it("leaves static and permanent entries unless told", () => {
    expect<i32>(fdbFlush(node, NONE, NONE, NONE, false)).toBe(3);
    expect<i32>(fdbFlush(node, NONE, NONE, NONE, false)).toBe(0);
    expect<i32>(fdbFlush(node, NONE, NONE, NONE, true)).toBe(2);
    expect<u32>(
      learnedAt(node, 0) + learnedAt(node, 1) + learnedBehind(node, 0) + learnedBehind(node, 1),
    ).toBe(0);
  });

  it("takes nothing behind its own places", () => {
    const neighbors = <usize>load<u32>(node + nodeAt.NEIGHBOR, tableAt.BASE);
    expect<usize>(cuckooPlace(node + nodeAt.FDB, cuckooPlaces(node + nodeAt.FDB))).toBe(neighbors);
    store<u64>(neighbors, 1);
    expect<i32>(fdbFlush(node, NONE, NONE, NONE, true)).toBe(5);
    expect<u64>(load<u64>(neighbors)).toBe(1);
  });
});
