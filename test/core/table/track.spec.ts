import { advance, nodeAt } from "../../../assembly/base/node";
import { Conn, ConnAt, ConnState } from "../../../assembly/table/conn";
import { CapsAt } from "../../../assembly/table/tables";
import {
  connAdd,
  connAge,
  connBefore,
  connDrop,
  connFind,
  connNext,
  connSee,
  connTakeSource,
  connTell,
} from "../../../assembly/table/track";
import { Tuple, tupleAt } from "../../../assembly/table/tuple";
import { openNode, used } from "./node";

const UDP: u32 = 17;
const HERE: u32 = 0x0a000001;
const THERE: u32 = 0x0a000002;
const FAR: u32 = 0xc0000201;

const t: usize = memory.data(<i32>tupleAt.END, 8);
const rec: usize = memory.data(64, 8);
const tuple = Tuple.at(t);
let node: usize = 0;

function between(source: u32, srcPort: u32, target: u32, dstPort: u32): Tuple {
  tuple.setSource(source, srcPort);
  tuple.setTarget(target, dstPort);
  return tuple;
}

/** A flow from here, by `port`, to there; its target is not changed. */
function add(port: u32): usize {
  return connAdd(node, UDP, between(HERE, port, THERE, 53), THERE, 53);
}

function find(source: u32, srcPort: u32, target: u32, dstPort: u32): usize {
  return connFind(node, UDP, between(source, srcPort, target, dstPort));
}

describe("flows", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("are found by their packets, both ways, of their protocol", () => {
    const row = add(5000);
    expect<usize>(row).not.toBe(0);
    expect<usize>(find(HERE, 5000, THERE, 53)).toBe(row);
    expect<usize>(find(THERE, 53, HERE, 5000)).toBe(row);
    expect<usize>(find(HERE, 5001, THERE, 53)).toBe(0);
    expect<usize>(connFind(node, 6, between(HERE, 5000, THERE, 53))).toBe(0);
  });

  it("are found before, between and behind their translations", () => {
    const row = connAdd(node, UDP, between(HERE, 5000, FAR, 8080), THERE, 53);
    expect<bool>(connTakeSource(node, Conn.at(row), FAR, 6000)).toBe(true);
    expect<usize>(find(HERE, 5000, FAR, 8080)).toBe(row);
    expect<usize>(find(HERE, 5000, THERE, 53)).toBe(row);
    expect<usize>(find(THERE, 53, FAR, 6000)).toBe(row);
    connDrop(node, row);
    expect<usize>(find(HERE, 5000, FAR, 8080)).toBe(0);
    expect<usize>(find(HERE, 5000, THERE, 53)).toBe(0);
    expect<usize>(find(THERE, 53, FAR, 6000)).toBe(0);
    expect<u32>(used(node, nodeAt.CONN)).toBe(0);
    expect<u32>(used(node, nodeAt.CONN + 64)).toBe(0); // keys
  });

  it("have no ends in common", () => {
    const row = add(5000);
    expect<usize>(connAdd(node, UDP, between(HERE, 5000, FAR, 8080), THERE, 53)).toBe(0);
    expect<usize>(find(HERE, 5000, FAR, 8080)).toBe(0);
    const other = connAdd(node, UDP, between(HERE, 5001, FAR, 8080), THERE, 53);
    expect<usize>(other).not.toBe(0);
    expect<bool>(connTakeSource(node, Conn.at(other), HERE, 5000)).toBe(false);
    expect<u32>(Conn.at(other).reply.dstPort).toBe(5001);
    expect<bool>(connTakeSource(node, Conn.at(other), HERE, 5001)).toBe(true);
    expect<usize>(find(HERE, 5000, THERE, 53)).toBe(row);
    expect<u32>(used(node, nodeAt.CONN)).toBe(2);
  });

  it("are as many as there is room for, however often they come and go", () => {
    for (let round: u32 = 0; round < 20; round++) {
      for (let port: u32 = 0; port < 8; port++) expect<usize>(add(port)).not.toBe(0);
      expect<usize>(add(9)).toBe(0);
      expect<u32>(used(node, nodeAt.CONN)).toBe(8);
      for (let port: u32 = round & 1; port < 8; port++) connDrop(node, find(HERE, port, THERE, 53));
      if ((round & 1) == 1) connDrop(node, find(HERE, 0, THERE, 53));
    }
    expect<u32>(used(node, nodeAt.CONN)).toBe(0);
  });

  it("fill a table to the last, each with three keys", () => {
    for (let capacity: u32 = 1; capacity <= 64; capacity += 7) {
      node = openNode(CapsAt.Conns, capacity);
      for (let port: u32 = 0; port < capacity; port++) {
        const row = connAdd(node, UDP, between(HERE, port, FAR, 8080), THERE, 53);
        expect<bool>(connTakeSource(node, Conn.at(row), FAR, port)).toBe(true);
      }
      expect<usize>(add(9999)).toBe(0);
    }
  });

  it("make room once they are silent, and are not found any more", () => {
    for (let port: u32 = 0; port < 8; port++) add(port);
    advance(node, 29999);
    connSee(node, Conn.at(find(HERE, 3, THERE, 53)), ConnState.New);
    expect<usize>(add(9)).toBe(0);
    advance(node, 30000);
    expect<usize>(find(HERE, 1, THERE, 53)).toBe(0);
    expect<u32>(used(node, nodeAt.CONN)).toBe(7);
    for (let port: u32 = 10; port < 17; port++) expect<usize>(add(port)).not.toBe(0);
    expect<usize>(add(17)).toBe(0);
    expect<usize>(find(HERE, 3, THERE, 53)).not.toBe(0);
  });

  it("are looked at in small numbers for one that may go", () => {
    node = openNode(CapsAt.Conns, 80);
    for (let port: u32 = 0; port < 80; port++) add(port);
    advance(node, 29999);
    for (let port: u32 = 0; port < 80; port++) {
      if (port != 64) connSee(node, Conn.at(find(HERE, port, THERE, 53)), ConnState.New);
    }
    advance(node, 30000);
    expect<usize>(add(80)).toBe(0);
    expect<usize>(add(80)).not.toBe(0);
  });

  it("end where their table does, whatever lies behind it", () => {
    for (let port: u32 = 0; port < 8; port++) add(port);
    expect<u32>(connNext(node, 7)).toBe(8);
    memory.copy(connBefore(node, 9), connBefore(node, 8), 64);
    expect<u32>(connNext(node, 8)).toBe(0);
  });

  it("go as time passes, some in each turn", () => {
    expect<i32>(connAge(node, 100)).toBe(0);
    for (let port: u32 = 0; port < 6; port++) add(port);
    advance(node, 30000);
    expect<i32>(connAge(node, 4)).toBe(4);
    expect<i32>(connAge(node, 4)).toBe(2);
    expect<i32>(connAge(node, 4)).toBe(0);
  });

  it("are walked over while they live, and told", () => {
    expect<u32>(connNext(node, 0)).toBe(0);
    const row = connAdd(node, UDP, between(HERE, 5000, FAR, 8080), THERE, 53);
    advance(node, 7000);
    add(1);
    connTell(node, row, rec);
    expect<u32>(load<u32>(rec, ConnAt.Target)).toBe(FAR);
    expect<u32>(load<u32>(rec, ConnAt.ReplySource)).toBe(THERE);
    expect<u32>(load<u32>(rec, ConnAt.LeftS)).toBe(23);
    expect<u32>(connNext(node, 0)).toBe(1);
    expect<usize>(connBefore(node, 1)).toBe(row);
    advance(node, 30000);
    expect<u32>(connNext(node, 0)).toBe(2);
    expect<u32>(connNext(node, 2)).toBe(0);
  });
});
