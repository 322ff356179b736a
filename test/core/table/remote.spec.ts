import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { fdbDrop, fdbEntry } from "../../../assembly/table/fdb";
import { floodRemove } from "../../../assembly/table/flood";
import { HopAt, HopKind, hopRemove, hopSet } from "../../../assembly/table/hop";
import { PortKind } from "../../../assembly/table/port";
import {
  Remote,
  RemoteAt,
  RemoteFlag,
  remoteAt,
  remoteFind,
  remoteLearn,
  remoteRemove,
  remoteSet,
  useRemote,
} from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
import {
  fdbRecord,
  hopRecord,
  NONE,
  openNode,
  place,
  remoteRecord,
  setDomain,
  setFlood,
  setPort,
  setRemote,
  setStation,
  used,
} from "./node";

const VTEP: u32 = 0xc0000200; // 192.0.2.0 and up

let node: usize = 0;

function remote(index: u32): Remote {
  return Remote.at(remoteAt(node, index));
}

/** Learns `count` remotes, each with a MAC behind it. */
function learnNamed(count: u32): void {
  for (let at: u32 = 0; at < count; at++) {
    setStation(node, 0, 2 + 2 * at, place(0, remoteLearn(node, VTEP + at)));
  }
}

function forget(mac: u64): void {
  fdbDrop(node, fdbEntry(node, fdbRecord(0, mac, 0)));
}

function begin(): void {
  node = openNode();
  setDomain(node, 0);
  setPort(node, 0, PortKind.Vxlan, 0);
}

describe("remoteSet", () => {
  beforeEach(begin);

  it("makes a remote that reads as it was written", () => {
    const rec = remoteRecord(3, VTEP + 1, RemoteFlag.Allowed);
    store<u16>(rec, 4789, RemoteAt.UdpPort);
    store<u64>(rec, 0x0a00000000f0, RemoteAt.DstMac); // and into SrcMac, which comes next
    store<u64>(rec, 0x0a00000000f2, RemoteAt.SrcMac);
    store<u32>(rec, bswap<u32>(0xc6336401), RemoteAt.OwnAddress);
    store<u32>(rec, 9, RemoteAt.LearnLimit);
    expect<i32>(remoteSet(node, rec)).toBe(3);
    const it = remote(3);
    expect<u32>(it.address).toBe(VTEP + 1);
    expect<u32>(it.flags).toBe(RemoteFlag.Allowed);
    expect<u32>(it.udpPort).toBe(4789);
    expect<u64>(it.dstMac).toBe(0x0a00000000f0);
    expect<u64>(it.srcMac).toBe(0x0a00000000f2);
    expect<u32>(it.ownAddress).toBe(0xc6336401);
    expect<u32>(it.learnLimit).toBe(9);
    expect<i32>(remoteFind(node, VTEP + 1)).toBe(3);
    expect<u32>(used(node, nodeAt.REMOTE)).toBe(1);
  });

  it("takes a free index, or the one that has the address", () => {
    expect<i32>(setRemote(node, 1, VTEP + 1)).toBe(1);
    expect<i32>(setRemote(node, NONE, VTEP + 2)).toBe(0);
    expect<i32>(setRemote(node, NONE, VTEP + 3)).toBe(2);
    expect<i32>(setRemote(node, NONE, VTEP + 1, RemoteFlag.Allowed)).toBe(1);
    expect<u32>(remote(1).flags).toBe(RemoteFlag.Allowed);
    expect<i32>(setRemote(node, NONE, VTEP + 2)).toBe(0);
    expect<u32>(used(node, nodeAt.REMOTE)).toBe(3);
  });

  it("refuses an address that another one has", () => {
    setRemote(node, 0, VTEP);
    setRemote(node, 1, VTEP + 1);
    expect<i32>(setRemote(node, 1, VTEP)).toBe(Status.Exists);
    expect<i32>(setRemote(node, 2, VTEP)).toBe(Status.Exists);
    expect<u32>(remote(1).address).toBe(VTEP + 1);
  });

  it("holds what its capacity says, and can still change an address then", () => {
    for (let at: u32 = 0; at < 8; at++) expect<i32>(setRemote(node, NONE, VTEP + at)).toBe(at);
    expect<i32>(setRemote(node, NONE, VTEP + 8)).toBe(Status.NoRoom);
    expect<i32>(setRemote(node, 8, VTEP + 8)).toBe(Status.NoRoom);
    expect<i32>(setRemote(node, 8, VTEP + 7)).toBe(Status.Exists);
    expect<i32>(setRemote(node, NONE, VTEP + 7)).toBe(7);
    for (let at: u32 = 0; at < 8; at++) expect<i32>(setRemote(node, at, VTEP + 8 + at)).toBe(at);
    for (let at: u32 = 0; at < 8; at++) {
      expect<i32>(remoteFind(node, VTEP + at)).toBe(Status.NotFound);
      expect<i32>(remoteFind(node, VTEP + 8 + at)).toBe(at);
    }
    node = openNode(CapsAt.Remotes, 0);
    expect<i32>(setRemote(node, NONE, VTEP)).toBe(Status.NoRoom);
    expect<i32>(remoteLearn(node, VTEP)).toBe(Status.NoRoom);
  });

  it("keeps what is counted", () => {
    setRemote(node, 0, VTEP);
    setStation(node, 0, 2, place(0, 0));
    const rec = remoteRecord(0, VTEP);
    store<u32>(rec, 77, RemoteAt.Learned); // which only the table counts
    store<u32>(rec, 1400, RemoteAt.Mtu);
    remoteSet(node, rec);
    expect<u32>(remote(0).mtu).toBe(1400);
    expect<u32>(remote(0).learned).toBe(1);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Busy);
  });

  it("gives a remote that was set another address while it is named", () => {
    setRemote(node, 0, VTEP);
    setStation(node, 0, 2, place(0, 0));
    expect<i32>(setRemote(node, 0, VTEP + 1)).toBe(0);
    expect<i32>(remoteFind(node, VTEP)).toBe(Status.NotFound);
  });

  it("takes a learned one for set under its own address, named or not", () => {
    learnNamed(2);
    expect<i32>(setRemote(node, 0, VTEP)).toBe(0);
    expect<u32>(remote(0).flags).toBe(0);
    expect<i32>(setRemote(node, 1, VTEP + 1, RemoteFlag.Allowed)).toBe(1);
    expect<u32>(remote(1).flags).toBe(RemoteFlag.Allowed);
    expect<i32>(remoteFind(node, VTEP)).toBe(0);
  });

  it("does not put another in the place of a learned one that is named", () => {
    learnNamed(1);
    expect<i32>(setRemote(node, 0, VTEP + 9)).toBe(Status.Busy);
    forget(2);
    expect<i32>(setRemote(node, 0, VTEP + 9)).toBe(0);
    expect<i32>(remoteFind(node, VTEP)).toBe(Status.NotFound);
  });
});

describe("remoteRemove", () => {
  beforeEach(() => {
    begin();
    setRemote(node, 3, VTEP);
  });

  it("removes, once, and frees index and address", () => {
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 3)).toBe(Status.NotFound);
    expect<i32>(remoteRemove(node, 0xffffffff)).toBe(Status.NotFound);
    expect<i32>(remoteFind(node, VTEP)).toBe(Status.NotFound);
    expect<u32>(used(node, nodeAt.REMOTE)).toBe(0);
    expect<i32>(setRemote(node, NONE, VTEP)).toBe(0);
  });

  it("waits for the FDB", () => {
    setStation(node, 0, 2, place(0, 3));
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Busy);
    forget(2);
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Ok);
  });

  it("waits for the flood list", () => {
    setFlood(node, 0, place(0, 3));
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Busy);
    floodRemove(node, 0, place(0, 3));
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Ok);
  });

  it("waits for hops", () => {
    const rec = hopRecord(0, HopKind.Unicast);
    store<u16>(rec, 3, HopAt.Remote);
    hopSet(node, rec);
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Busy);
    hopRemove(node, 0);
    expect<i32>(remoteRemove(node, 3)).toBe(Status.Ok);
  });
});

describe("remoteLearn", () => {
  beforeEach(begin);

  it("makes a remote that says so, once for an address", () => {
    expect<i32>(remoteLearn(node, VTEP)).toBe(0);
    expect<i32>(remoteLearn(node, VTEP)).toBe(0);
    expect<u32>(remote(0).flags).toBe(RemoteFlag.Learned);
    expect<u32>(remote(0).address).toBe(VTEP);
    expect<u32>(used(node, nodeAt.REMOTE)).toBe(1);
  });

  it("leaves a remote that was set as it is", () => {
    setRemote(node, 5, VTEP, RemoteFlag.Allowed);
    expect<i32>(remoteLearn(node, VTEP)).toBe(5);
    expect<u32>(remote(5).flags).toBe(RemoteFlag.Allowed);
  });

  it("lets one go that nobody names, each in its turn", () => {
    learnNamed(8);
    expect<i32>(remoteLearn(node, VTEP + 8)).toBe(Status.NoRoom);
    forget(2 + 2 * 5);
    forget(2 + 2 * 1);
    const one = remoteLearn(node, VTEP + 8);
    const other = remoteLearn(node, VTEP + 9);
    expect<i32>(one + other).toBe(6);
    expect<i32>(remoteFind(node, VTEP + 1)).toBe(Status.NotFound);
    expect<i32>(remoteFind(node, VTEP + 5)).toBe(Status.NotFound);
    expect<i32>(remoteFind(node, VTEP + 8)).toBe(one);
    expect<u32>(used(node, nodeAt.REMOTE)).toBe(8);
  });

  it("lets a remote go for one that is set, too, wherever it is", () => {
    learnNamed(8);
    expect<i32>(setRemote(node, NONE, VTEP + 8)).toBe(Status.NoRoom);
    forget(2 + 2 * 7);
    expect<i32>(setRemote(node, NONE, VTEP + 8)).toBe(7);
    expect<u32>(remote(7).flags).toBe(0);
    expect<i32>(setRemote(node, NONE, VTEP + 9)).toBe(Status.NoRoom);
  });

  it("keeps who is named again, or was set meanwhile", () => {
    for (let at: u32 = 0; at < 8; at++) remoteLearn(node, VTEP + at);
    setStation(node, 0, 2, place(0, 0));
    setRemote(node, 1, VTEP + 1);
    for (let at: u32 = 8; at < 40; at++) expect<bool>(remoteLearn(node, VTEP + at) > 1).toBe(true);
    expect<i32>(remoteFind(node, VTEP)).toBe(0);
    expect<i32>(remoteFind(node, VTEP + 1)).toBe(1);
    forget(2); // and now nobody names it again
    for (let at: u32 = 40; at < 47; at++) remoteLearn(node, VTEP + at);
    expect<i32>(remoteFind(node, VTEP)).toBe(Status.NotFound);
    expect<i32>(remoteFind(node, VTEP + 1)).toBe(1);
  });

  it("never lets a remote go that was set", () => {
    for (let at: u32 = 0; at < 8; at++) setRemote(node, NONE, VTEP + at);
    expect<i32>(remoteLearn(node, VTEP + 8)).toBe(Status.NoRoom);
  });

  it("looks at a few remotes for a packet, and at more for the next", () => {
    node = openNode(CapsAt.Remotes, 200);
    for (let at: u32 = 0; at < 200; at++) useRemote(node, remoteLearn(node, VTEP + at), 1);
    useRemote(node, 150, -1);
    let packets = 1;
    while (remoteLearn(node, VTEP + 200) < 0) packets += 1;
    expect<i32>(packets).toBe(3);
    expect<i32>(remoteFind(node, VTEP + 200)).toBe(150);
  });

  it("goes on without end, and every remote is found", () => {
    for (let at: u32 = 0; at < 1000; at++) {
      const index = remoteLearn(node, VTEP + at);
      expect<bool>(index >= 0 && index < 8).toBe(true);
      expect<i32>(remoteFind(node, VTEP + at)).toBe(index);
      if (at % 3 == 0) remoteRemove(node, index);
    }
    let found = 0;
    for (let at: u32 = 0; at < 1000; at++) {
      const index = remoteFind(node, VTEP + at);
      if (index < 0) continue;
      expect<u32>(remote(index).address).toBe(VTEP + at);
      found += 1;
    }
    expect<u32>(used(node, nodeAt.REMOTE)).toBe(found);
  });
});
