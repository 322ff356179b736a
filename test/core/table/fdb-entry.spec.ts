import { mix } from "../../../assembly/base/hash";
import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  FDB_MISS,
  FdbAt,
  FdbFlag,
  fdbAge,
  fdbBefore,
  fdbDrop,
  fdbEntry,
  fdbFind,
  fdbFindAll,
  fdbFlush,
  fdbLearn,
  fdbNext,
  fdbSet,
  fdbTell,
} from "../../../assembly/table/fdb";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { RemoteAt, remoteSet } from "../../../assembly/table/remote";
import { dirty, hexOf } from "../bytes";
import {
  fdbRecord,
  learnedAt,
  learnedBehind,
  NONE,
  openNode,
  place,
  portRecord,
  remoteRecord,
  setDomain,
  setPort,
  setRemote,
  setStation,
  used,
} from "./node";

const told: usize = memory.data(32, 8);
const keys: usize = memory.data(40, 8);

let node: usize = 0;

function begin(): void {
  node = openNode();
  setDomain(node, 0, 5, 300);
  setDomain(node, 1, 6);
  for (let port: u32 = 0; port < 3; port++) setPort(node, port, PortKind.Vxlan);
  for (let remote: u32 = 0; remote < 3; remote++) setRemote(node, remote, 0xc0000200 + remote);
}

describe("an FDB entry", () => {
  beforeEach(begin);

  it("is found by its domain and its whole MAC", () => {
    setStation(node, 0, 0xfe0000000002, place(0, 2));
    setStation(node, 1, 0xfe0000000002, place(1));
    expect<u32>(fdbFind(node, 0, 0xfe0000000002, 0)).toBe(place(0, 2));
    expect<u32>(fdbFind(node, 1, 0xfe0000000002, 0)).toBe(place(1, NONE));
    expect<u32>(fdbFind(node, 0, 0x000000000002, 0)).toBe(FDB_MISS);
  });

  it("is found among many keys", () => {
    setStation(node, 0, 0xfe0000000002, place(0, 2));
    setStation(node, 1, 0xfe0000000002, place(1));
    store<u64>(keys, 0xfe00000000020001);
    store<u64>(keys + 8, 1); // a MAC of zeros
    store<u64>(keys + 16, 0);
    store<u64>(keys + 24, ~0);
    store<u64>(keys + 32, 0xfe00000000020000);
    expect<u32>(fdbFindAll(node, keys, keys, 5, 0)).toBe(2);
    expect<u32>(load<u32>(keys)).toBe(place(1));
    for (let at: usize = 4; at < 16; at += 4) expect<u32>(load<u32>(keys + at)).toBe(FDB_MISS);
    expect<u32>(load<u32>(keys + 16)).toBe(place(0, 2));
  });

  it("may be a group address, from the host", () => {
    expect<i32>(setStation(node, 0, 0xffffffffffff, place(0))).toBe(Status.Ok);
    expect<u32>(fdbFind(node, 0, 0xffffffffffff, 0)).toBe(place(0));
  });

  it("moves past a limit when it is static, for which none counts", () => {
    limitPort1(1);
    fdbLearn(node, 0, 2, place(1), 0);
    setStation(node, 0, 4, place(0), FdbFlag.Static);
    expect<i32>(fdbLearn(node, 0, 4, place(1), 0)).toBe(Status.StationMoved);
    expect<u32>(learnedAt(node, 1)).toBe(1);
    expect<i32>(fdbLearn(node, 0, 6, place(1), 0)).toBe(Status.LearnRefused);
  });

  it("comes and goes without end", () => {
    for (let round: u64 = 0; round < 100; round++) {
      for (let at: u64 = 1; at <= 8; at++) {
        expect<i32>(setStation(node, 0, (round << 8) | (at << 1), place(0))).toBe(Status.Ok);
      }
      for (let at: u64 = 1; at <= 8; at++) {
        fdbDrop(node, fdbEntry(node, fdbRecord(0, (round << 8) | (at << 1), 0)));
      }
      expect<u32>(used(node, nodeAt.FDB)).toBe(0);
    }
  });

  it("shows as a record", () => {
    const rec = fdbRecord(1, 0xfe0000000002, place(1, 2), FdbFlag.Static);
    fdbSet(node, rec, 1000);
    dirty(told, FdbAt.End);
    fdbTell(fdbEntry(node, rec), told, 1300);
    const hex = "0100 0200000000fe 0100 0200 0200 0000 e8030000 000000000000000000000000";
    expect<string>(hexOf(told, FdbAt.End)).toBe(hex.replaceAll(" ", ""));
  });

  it("shows the second of the last sight above the 28 bits that it keeps", () => {
    const rec = fdbRecord(0, 2, place(0));
    fdbSet(node, rec, 0x7ffffff0);
    fdbTell(fdbEntry(node, rec), told, 0x80000010);
    expect<u32>(load<u32>(told, FdbAt.SeenS)).toBe(0x7ffffff0);
  });

  it("is met once on a walk, which ends", () => {
    for (let at: u64 = 1; at <= 8; at++) setStation(node, 0, at << 1, place(0));
    let count: u32 = 0;
    let sum: u64 = 0;
    for (let cursor = fdbNext(node, 0, 0); cursor != 0; cursor = fdbNext(node, cursor, 0)) {
      fdbTell(fdbBefore(node, cursor), told, 0);
      sum += load<u64>(told, FdbAt.Domain) >> 17;
      count += 1;
    }
    expect<u32>(count).toBe(8);
    expect<u64>(sum).toBe(36);
    expect<u32>(fdbNext(node, 0x7fffffff, 0)).toBe(0);
    expect<u32>(fdbNext(node, 0xffffffff, 0)).toBe(0);
  });
});

describe("what the FDB counts", () => {
  beforeEach(begin);

  it("is right after anything", () => {
    limitPort1(3);
    limitRemote1(2);
    setPort(node, 2, PortKind.Vxlan, NONE, PortFlag.Sticky);
    let wrong = 0;
    for (let step: u64 = 0; step < 3000; step++) {
      const dice = mix(step);
      const mac = 2 + ((dice & 15) << 1);
      const where = place(<u32>((dice >> 8) % 3), <u32>((dice >> 16) % 3));
      const flag = <u32>(dice >> 24) & 3;
      const kind = <u32>(dice >> 32) & 15;
      if (kind < 9) fdbLearn(node, kind & 1, mac, where, <u32>step);
      else if (kind < 13) setStation(node, kind & 1, mac, where, 1 << flag);
      else if (kind == 13) fdbAge(node, 2, <u32>step);
      else fdbFlush(node, kind & 1, where & 0xffff, NONE, kind == 14);
      if (!isCounted()) wrong += 1;
    }
    expect<i32>(wrong).toBe(0);
  });
});

function limitPort1(limit: u32): void {
  const rec = portRecord(1, PortKind.Vxlan);
  store<u32>(rec, limit, PortAt.LearnLimit);
  portSet(node, rec);
}

function limitRemote1(limit: u32): void {
  const rec = remoteRecord(1, 0xc0000201);
  store<u32>(rec, limit, RemoteAt.LearnLimit);
  remoteSet(node, rec);
}

/** Holds the counters against a look-up of all keys that the test above uses. */
function isCounted(): bool {
  let count: u32 = 0;
  let atPort1: u32 = 0;
  let behind1: u32 = 0;
  for (let domain: u32 = 0; domain < 2; domain++) {
    for (let mac: u64 = 2; mac <= 32; mac += 2) {
      const entry = fdbEntry(node, fdbRecord(domain, mac, 0));
      if (entry == 0) continue;
      count += 1;
      fdbTell(entry, told, 0);
      if ((<u32>load<u16>(told, FdbAt.Flags) & FdbFlag.Learned) == 0) continue;
      if (load<u16>(told, FdbAt.Port) == 1) atPort1 += 1;
      if (load<u16>(told, FdbAt.Remote) == 1) behind1 += 1;
    }
  }
  if (used(node, nodeAt.FDB) != count) return false;
  return learnedAt(node, 1) == atPort1 && learnedBehind(node, 1) == behind1;
}
