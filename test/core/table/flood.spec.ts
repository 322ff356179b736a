import { nodeAt, tableCount } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { domainRemove } from "../../../assembly/table/domain";
import {
  FloodAt,
  floodFirst,
  floodFlush,
  floodNext,
  floodPlace,
  floodRemove,
  floodTaken,
  floodTell,
} from "../../../assembly/table/flood";
import { PortKind, portRemove } from "../../../assembly/table/port";
import { remoteRemove } from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
import { dirty, hexOf, isDirty } from "../bytes";
import {
  floodRecord,
  NONE,
  openNode,
  place,
  setDomain,
  setFlood,
  setPort,
  setRemote,
} from "./node";

const ENTRIES: u32 = 5;

const shown: usize = memory.data(32, 8);

let node: usize = 0;

function open(entries: u32): void {
  node = openNode(CapsAt.Flood, entries);
  setDomain(node, 0);
  setDomain(node, 1);
  setPort(node, 0, PortKind.Vxlan, 0);
  for (let remote: u32 = 0; remote < 8; remote++) setRemote(node, remote, 0x0a000001 + remote);
}

function remove(domain: u32, where: u32): i32 {
  return floodRemove(node, domain, where);
}

/** The remotes of a domain's chain, a digit each. */
function chain(domain: u32): string {
  let text = "";
  for (let cursor = floodFirst(node, domain); cursor != 0; cursor = floodNext(node, cursor)) {
    text += (floodPlace(node, cursor) >> 16).toString();
  }
  return text;
}

describe("the flood list", () => {
  beforeEach(() => {
    open(ENTRIES);
  });

  it("keeps the order of setting for each domain", () => {
    expect<string>(chain(0)).toBe("");
    for (let i: u32 = 0; i < 3; i++) setFlood(node, 0, place(0, (i * 2 + 3) % 5));
    setFlood(node, 1, place(0, 0));
    expect<string>(chain(0)).toBe("302");
    expect<string>(chain(1)).toBe("0");
    expect<string>(chain(2)).toBe("");
    expect<string>(chain(NONE)).toBe("");
  });

  it("takes what is there already for set, once", () => {
    expect<i32>(setFlood(node, 0, place(0, 0))).toBe(Status.Ok);
    expect<i32>(setFlood(node, 0, place(0, 0))).toBe(Status.Ok);
    expect<i32>(setFlood(node, 0, place(0))).toBe(Status.Ok);
    expect<u32>(tableCount(node + nodeAt.FLOOD)).toBe(2);
  });

  it("loses any link of a chain and goes on behind the last", () => {
    for (let remote: u32 = 0; remote < ENTRIES; remote++) setFlood(node, 0, place(0, remote));
    expect<i32>(remove(0, place(0, 2))).toBe(Status.Ok);
    expect<i32>(remove(0, place(0, 2))).toBe(Status.NotFound);
    expect<i32>(remove(1, place(0, 1))).toBe(Status.NotFound);
    expect<i32>(remove(0, place(0, 4))).toBe(Status.Ok);
    expect<i32>(remove(0, place(0, 0))).toBe(Status.Ok);
    expect<string>(chain(0)).toBe("13");
    for (let remote: u32 = 5; remote < 8; remote++) setFlood(node, 0, place(0, remote));
    expect<string>(chain(0)).toBe("13567");
    for (let remote: u32 = 1; remote < 8; remote++) remove(0, place(0, remote));
    expect<string>(chain(0)).toBe("");
    setFlood(node, 0, place(0, 6));
    expect<string>(chain(0)).toBe("6");
  });

  it("keeps a long chain in order, and takes it apart from the middle", () => {
    const many: u32 = 2000;
    open(many);
    for (let port: u32 = 1; port < 8; port++) setPort(node, port, PortKind.Ethernet, 0);
    let set: u32 = 0;
    for (let domain: u32 = 0; domain < 2; domain++) {
      for (let at: u32 = 0; at < 64; at++) {
        set += setFlood(node, domain, place(at & 7, at >> 3)) == Status.Ok ? 1 : 0;
        setFlood(node, domain, place(at & 7, at >> 3));
      }
    }
    expect<u32>(set).toBe(128);
    expect<u32>(tableCount(node + nodeAt.FLOOD)).toBe(128);
    for (let at: u32 = 1; at < 64; at += 2) {
      expect<i32>(remove(1, place((at * 29) & 7, ((at * 29) & 63) >> 3))).toBe(Status.Ok);
    }
    let at: u32 = 0;
    for (let cursor = floodFirst(node, 1); cursor != 0; cursor = floodNext(node, cursor)) {
      expect<u32>(floodPlace(node, cursor)).toBe(place(at & 7, at >> 3));
      at += 2;
    }
    expect<u32>(at).toBe(64);
    expect<i32>(setFlood(node, 1, place(1, 0))).toBe(Status.Ok);
    expect<u32>(tableCount(node + nodeAt.FLOOD)).toBe(97);
  });

  it("knows the place of zeros in domain 0", () => {
    expect<i32>(remove(0, place(0))).toBe(Status.NotFound);
    expect<i32>(setFlood(node, 0, 0)).toBe(Status.Ok);
    expect<i32>(setFlood(node, 0, place(0))).toBe(Status.Ok);
    expect<i32>(remove(0, 0)).toBe(Status.Ok);
    expect<string>(chain(0)).toBe(`${NONE}`);
  });

  it("says NoRoom when it is full, and keeps all", () => {
    for (let remote: u32 = 0; remote < ENTRIES; remote++) setFlood(node, 0, place(0, remote));
    expect<i32>(setFlood(node, 1, place(0, 0))).toBe(Status.NoRoom);
    expect<i32>(setFlood(node, 0, place(0, 1))).toBe(Status.Ok);
    expect<string>(chain(0)).toBe("01234");
    open(0);
    expect<i32>(setFlood(node, 0, place(0, 0))).toBe(Status.NoRoom);
  });

  it("fills and empties without end", () => {
    for (let round = 0; round < 100; round++) {
      for (let i: u32 = 0; i < ENTRIES; i++) {
        expect<i32>(setFlood(node, i & 1, place(0, i))).toBe(Status.Ok);
      }
      expect<string>(chain(0)).toBe("024");
      for (let i: u32 = 0; i < ENTRIES; i++)
        expect<i32>(remove(i & 1, place(0, i))).toBe(Status.Ok);
      expect<u32>(tableCount(node + nodeAt.FLOOD)).toBe(0);
    }
  });

  it("shows an entry as a record, and touches nothing behind it", () => {
    setFlood(node, 1, place(0, 4));
    dirty(shown, 32);
    floodTell(node, floodTaken(node, 0), shown);
    expect<string>(hexOf(shown, FloodAt.End)).toBe("01000000040000000000000000000000");
    expect<bool>(isDirty(shown + FloodAt.End, 32 - FloodAt.End)).toBe(true);
  });

  it("holds domain, port and remote, and names nobody who is not there", () => {
    expect<i32>(setFlood(node, 2, place(0, 0))).toBe(Status.NotFound);
    expect<i32>(setFlood(node, 0, place(1, 0))).toBe(Status.NotFound);
    expect<i32>(setFlood(node, 0, place(0, 8))).toBe(Status.NotFound);
    setFlood(node, 1, place(0, 0));
    expect<i32>(domainRemove(node, 1)).toBe(Status.Busy);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Busy);
    remove(1, place(0, 0));
    expect<i32>(domainRemove(node, 1)).toBe(Status.Ok);
    expect<i32>(portRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Ok);
  });

  it("lets a remote go out of every chain", () => {
    setFlood(node, 0, place(0, 0));
    setFlood(node, 0, place(0, 1));
    setFlood(node, 1, place(0, 1));
    setFlood(node, 1, place(0, 2));
    setFlood(node, 1, place(0));
    floodFlush(node, 1);
    expect<string>(chain(0)).toBe("0");
    expect<string>(chain(1)).toBe(`2${NONE}`);
    expect<i32>(remoteRemove(node, 1)).toBe(Status.Ok);
  });

  it("is told whole on a walk from which the host removes", () => {
    for (let remote: u32 = 0; remote < ENTRIES; remote++) {
      setFlood(node, remote & 1, place(0, remote));
    }
    let told: u32 = 0;
    const rec = floodRecord(0, 0);
    for (let cursor = floodTaken(node, 0); cursor != 0; cursor = floodTaken(node, cursor)) {
      floodTell(node, cursor, rec);
      expect<u32>(load<u16>(rec, FloodAt.Remote)).toBe(told);
      expect<u32>(load<u16>(rec, FloodAt.Domain)).toBe(told & 1);
      expect<i32>(remove(told & 1, place(0, told))).toBe(Status.Ok);
      told += 1;
    }
    expect<u32>(told).toBe(ENTRIES);
  });
});

describe("floodTaken", () => {
  beforeEach(() => {
    open(ENTRIES);
  });

  it("ends behind the last entry, whatever the cursor", () => {
    setFlood(node, 0, place(0));
    expect<u32>(floodTaken(node, 0)).toBe(1);
    for (let cursor: u32 = 1; cursor != 0; cursor <<= 1) {
      expect<u32>(floodTaken(node, cursor)).toBe(0);
      expect<u32>(floodTaken(node, ~cursor | 0x80000000)).toBe(0);
    }
  });
});
