import { nodeAt, tableCount } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { domainAt, domainRemove } from "../../../assembly/table/domain";
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
import { PortAt, PortFlag, PortKind, portRemove, portSet } from "../../../assembly/table/port";
import { RemoteAt, remoteRemove, remoteSet } from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
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
  stationMac,
} from "./node";

const AGE_S: u32 = 300;
const MAC_1: u64 = 0x010000000002; // 02:00:00:00:00:01
const MAC_2: u64 = 0x020000000002;
const STICKY_PORT: u32 = 2;
const BUDGET_ALL: u32 = 0xffffffff;

let node: usize = 0;

// One domain that ages, ports 0 and 1 and a sticky one, remotes 0 and 1.
function open(entries: u32): void {
  node = openNode(CapsAt.Fdb, entries);
  setDomain(node, 0, 7, AGE_S);
  setPort(node, 0, PortKind.Ethernet, 0);
  setPort(node, 1, PortKind.Vxlan, 0);
  setPort(node, STICKY_PORT, PortKind.Ethernet, 0, PortFlag.Sticky);
  setRemote(node, 0, 0x0a000001);
  setRemote(node, 1, 0x0a000002);
}

function flagsOf(mac: u64): u32 {
  const rec = fdbRecord(0, mac, 0);
  fdbTell(fdbEntry(node, rec), rec, 0);
  return load<u16>(rec, FdbAt.Flags);
}

function drop(mac: u64): void {
  fdbDrop(node, fdbEntry(node, fdbRecord(0, mac, 0)));
}

describe("fdbLearn", () => {
  beforeEach(() => {
    open(8);
  });

  it("remembers a station by domain and place, and nobody else", () => {
    setDomain(node, 1);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(1, 0), 1)).toBe(Status.Ok);
    expect<u32>(fdbFind(node, 0, MAC_1, 1)).toBe(place(1, 0));
    expect<u32>(fdbFind(node, 1, MAC_1, 1)).toBe(FDB_MISS);
    expect<u32>(fdbFind(node, 0, MAC_2, 1)).toBe(FDB_MISS);
    expect<u32>(fdbFind(node, 0, 0, 1)).toBe(FDB_MISS);
  });

  it("follows a station to another port or remote at once", () => {
    expect<i32>(fdbLearn(node, 0, MAC_1, place(1, 0), 1)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(1, 1), 1)).toBe(Status.StationMoved);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(0), 1)).toBe(Status.StationMoved);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(0), 1)).toBe(Status.Ok);
    expect<u32>(fdbFind(node, 0, MAC_1, 1)).toBe(place(0));
    expect<u32>(learnedAt(node, 0)).toBe(1);
    expect<u32>(learnedAt(node, 1) + learnedBehind(node, 0) + learnedBehind(node, 1)).toBe(0);
  });

  it("moves a static entry, which stays static", () => {
    setStation(node, 0, MAC_1, place(0), FdbFlag.Static);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(1, 0), 1)).toBe(Status.StationMoved);
    expect<u32>(flagsOf(MAC_1)).toBe(FdbFlag.Static);
    expect<u32>(fdbFind(node, 0, MAC_1, 1 + AGE_S)).toBe(place(1, 0));
    expect<u32>(learnedAt(node, 1) + learnedBehind(node, 0)).toBe(0);
  });

  it("leaves alone what is sticky or permanent", () => {
    setStation(node, 0, MAC_1, place(0), FdbFlag.Static | FdbFlag.Sticky);
    setStation(node, 0, MAC_2, place(0), FdbFlag.Permanent);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(1, 0), 1)).toBe(Status.Exists);
    expect<i32>(fdbLearn(node, 0, MAC_2, place(1, 0), 1)).toBe(Status.Exists);
    expect<u32>(fdbFind(node, 0, MAC_1, 1)).toBe(place(0));
    expect<u32>(fdbFind(node, 0, MAC_2, 1)).toBe(place(0));
  });

  it("keeps at a sticky port what was learned there, and what moves there", () => {
    fdbLearn(node, 0, MAC_1, place(STICKY_PORT), 1);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(0), 1)).toBe(Status.Exists);
    expect<i32>(fdbLearn(node, 0, MAC_2, place(0), 1)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, MAC_2, place(STICKY_PORT), 1)).toBe(Status.StationMoved);
    expect<i32>(fdbLearn(node, 0, MAC_2, place(0), 1)).toBe(Status.Exists);
  });

  it("takes a station whose time is over for a new one, sticky or not", () => {
    fdbLearn(node, 0, MAC_1, place(STICKY_PORT), 1);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(0), 1 + AGE_S)).toBe(Status.Ok);
    expect<u32>(flagsOf(MAC_1)).toBe(FdbFlag.Learned);
    expect<u32>(learnedAt(node, STICKY_PORT)).toBe(0);
    expect<u32>(tableCount(node + nodeAt.FDB)).toBe(1);
  });
});

describe("a limit of learning", () => {
  beforeEach(() => {
    open(8);
    const port = portRecord(1, PortKind.Vxlan, 0);
    store<u32>(port, 2, PortAt.LearnLimit);
    portSet(node, port);
    const remote = remoteRecord(0, 0x0a000001);
    store<u32>(remote, 1, RemoteAt.LearnLimit);
    remoteSet(node, remote);
  });

  it("refuses one more behind the remote, then one more at the port", () => {
    expect<i32>(fdbLearn(node, 0, stationMac(1), place(1, 0), 1)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, stationMac(2), place(1, 0), 1)).toBe(Status.LearnRefused);
    expect<i32>(fdbLearn(node, 0, stationMac(2), place(1, 1), 1)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, stationMac(3), place(1, 1), 1)).toBe(Status.LearnRefused);
    expect<i32>(fdbLearn(node, 0, stationMac(3), place(0), 1)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, stationMac(3), place(1, 1), 1)).toBe(Status.LearnRefused);
    expect<u32>(fdbFind(node, 0, stationMac(3), 1)).toBe(place(0));
    expect<u32>(learnedAt(node, 1)).toBe(2);
    expect<u32>(learnedBehind(node, 0)).toBe(1);
  });

  it("lets who is there be seen again, and move within the port", () => {
    fdbLearn(node, 0, stationMac(1), place(1, 0), 1);
    fdbLearn(node, 0, stationMac(2), place(1, 1), 1);
    expect<i32>(fdbLearn(node, 0, stationMac(1), place(1, 0), 2)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, stationMac(1), place(1, 1), 2)).toBe(Status.StationMoved);
    expect<i32>(fdbLearn(node, 0, stationMac(2), place(1, 0), 2)).toBe(Status.StationMoved);
  });

  it("is none for what is set", () => {
    for (let i: u32 = 1; i <= 4; i++) {
      expect<i32>(setStation(node, 0, stationMac(i), place(1, 0))).toBe(Status.Ok);
    }
    expect<u32>(learnedAt(node, 1)).toBe(4);
    expect<i32>(fdbLearn(node, 0, stationMac(5), place(1, 0), 1)).toBe(Status.LearnRefused);
  });
});

describe("fdbSet", () => {
  beforeEach(() => {
    open(8);
  });

  it("takes no flag for Learned", () => {
    setStation(node, 0, MAC_1, place(0));
    setStation(node, 0, MAC_2, place(0), FdbFlag.Sticky);
    expect<u32>(flagsOf(MAC_1)).toBe(FdbFlag.Learned);
    expect<u32>(flagsOf(MAC_2)).toBe(FdbFlag.Learned | FdbFlag.Sticky);
  });

  it("names nobody who is not there", () => {
    expect<i32>(setStation(node, 1, MAC_1, place(0))).toBe(Status.NotFound);
    expect<i32>(setStation(node, 0, MAC_1, place(5))).toBe(Status.NotFound);
    expect<i32>(setStation(node, 0, MAC_1, place(NONE))).toBe(Status.NotFound);
    expect<i32>(setStation(node, 0, MAC_1, place(0, 5))).toBe(Status.NotFound);
    expect<u32>(tableCount(node + nodeAt.FDB)).toBe(0);
  });

  it("replaces what is there, pinned or not, and counts who is named", () => {
    setStation(node, 0, MAC_1, place(1, 0), FdbFlag.Permanent);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Busy);
    expect<i32>(setStation(node, 0, MAC_1, place(0))).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(portRemove(node, 1)).toBe(Status.Ok);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
    drop(MAC_1);
    expect<i32>(portRemove(node, 0)).toBe(Status.Ok);
    portRemove(node, STICKY_PORT);
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
    expect<usize>(domainAt(node, 0)).toBe(0);
  });

  it("says NoRoom when it is full, and keeps all", () => {
    for (let i: u32 = 1; i <= 8; i++) setStation(node, 0, stationMac(i), place(0));
    expect<i32>(setStation(node, 0, stationMac(9), place(0))).toBe(Status.NoRoom);
    expect<i32>(fdbLearn(node, 0, stationMac(9), place(0), 0)).toBe(Status.LearnRefused);
    for (let i: u32 = 1; i <= 8; i++) {
      expect<u32>(fdbFind(node, 0, stationMac(i), 0)).toBe(place(0));
    }
    expect<i32>(setStation(node, 0, stationMac(8), place(1, 1))).toBe(Status.Ok);
    drop(stationMac(1));
    expect<i32>(setStation(node, 0, stationMac(9), place(0))).toBe(Status.Ok);
  });

  it("has room for nobody where its capacity is zero", () => {
    open(0);
    expect<i32>(setStation(node, 0, MAC_1, place(0))).toBe(Status.NoRoom);
    expect<i32>(fdbLearn(node, 0, MAC_1, place(0), 1)).toBe(Status.LearnRefused);
    expect<u32>(fdbFind(node, 0, MAC_1, 1)).toBe(FDB_MISS);
    expect<i32>(fdbAge(node, BUDGET_ALL, 1)).toBe(0);
    expect<i32>(fdbFlush(node, NONE, NONE, NONE, true)).toBe(0);
  });
});
