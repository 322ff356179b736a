import { nodeAt, tableAt, tableCount } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { Hop, hopAt, hopRemove, hopSet } from "../../../assembly/table/hop";
import { routeFind } from "../../../assembly/table/lookup";
import { KEY_END, keyAddress, keyLen, keyOf } from "../../../assembly/table/prefix";
import {
  clearRoutes,
  layRoutes,
  routeGet,
  routeInsert,
  routeMatch,
  routeNext,
  routePoolUsed,
  routeRemove,
} from "../../../assembly/table/route";
import { hopRecord, openNode, roomBehind } from "./node";

const HOPS: u32 = 4;
const POOL_LEN: u32 = 65536;
const FULL: u32 = 0xffffffff;

let node: usize = 0;

/** A node with four hops, and behind it room for some routes. */
function open(routes: u32, poolBytes: u32 = POOL_LEN): void {
  node = openNode();
  for (let hop: u32 = 0; hop < HOPS; hop++) hopSet(node, hopRecord(hop));
  memory.fill(node + nodeAt.ROUTE, 0, tableAt.END);
  const base = roomBehind();
  memory.fill(base, 0, layRoutes(node, base, routes, poolBytes) - base);
  clearRoutes(node);
}

function ip(a: u32, b: u32 = 0, c: u32 = 0, d: u32 = 0): u32 {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

function add(address: u32, len: u32, hop: u32 = 0): i32 {
  return routeInsert(node, address, len, hop);
}

function users(hop: u32): u32 {
  return Hop.at(hopAt(node, hop)).users;
}

function count(): u32 {
  return tableCount(node + nodeAt.ROUTE);
}

/** As many bits lead to a root as the capacity gives: 0, 4, 8, 12 and 16. */
function capacityOf(round: u32): u32 {
  return (<u32>1) << (round * 4);
}

/** The first `len` bits of 10.42.129.3. */
function nested(len: u32): u32 {
  return len == 0 ? 0 : ip(10, 42, 129, 3) & (FULL << (32 - len));
}

describe("routes", () => {
  it("match the longest of 33 prefixes of one address, wherever the tree begins", () => {
    for (let round: u32 = 0; round <= 4; round++) {
      open(capacityOf(round) + 40);
      expect<i32>(routeFind(node, ip(10, 42, 129, 3))).toBe(Status.NotFound);
      for (let len: u32 = 0; len <= 32; len++) {
        expect<i32>(add(nested(len), len, len % HOPS)).toBe(Status.Ok);
        expect<i32>(routeMatch(node, ip(10, 42, 129, 3))).toBe(<i32>((len << 16) | (len % HOPS)));
        expect<i32>(routeFind(node, ip(10, 42, 129, 3))).toBe(<i32>(len % HOPS));
      }
      for (let len: u32 = 0; len < 32; len++) {
        const sibling = nested(len + 1) ^ ((<u32>1) << (31 - len)); // parts behind `len` bits
        expect<i32>(routeMatch(node, sibling) >> 16).toBe(len);
      }
      for (let len: u32 = 32; len > 0; len--) {
        expect<i32>(routeRemove(node, nested(len), len)).toBe(Status.Ok);
        expect<i32>(routeMatch(node, ip(10, 42, 129, 3)) >> 16).toBe(len - 1);
      }
      expect<u32>(routePoolUsed(node)).toBe(0);
      expect<u32>(count()).toBe(1);
    }
  });

  it("uncover what lies below when the shorter ones go first", () => {
    for (let round: u32 = 0; round <= 4; round++) {
      open(capacityOf(round) + 40);
      for (let len: u32 = 0; len <= 32; len++) add(nested(32 - len), 32 - len);
      for (let len: u32 = 0; len < 32; len++) {
        expect<i32>(routeRemove(node, nested(len), len)).toBe(Status.Ok);
        expect<i32>(routeMatch(node, ip(10, 42, 129, 3)) >> 16).toBe(32);
        expect<i32>(routeFind(node, ip(10, 42, 129, 2))).toBe(len < 31 ? 0 : Status.NotFound);
        expect<i32>(routeFind(node, ip(11, 42, 129, 2))).toBe(len < 7 ? 0 : Status.NotFound);
      }
    }
  });

  it("leave their neighbors and those above them alone when they go", () => {
    for (let round: u32 = 2; round <= 4; round++) {
      open(capacityOf(round) + 40);
      add(ip(8), 5, 1);
      add(ip(10), 7, 2);
      add(ip(12), 7, 3);
      add(ip(8), 7, 0);
      expect<i32>(routeRemove(node, ip(10), 7)).toBe(Status.Ok);
      expect<i32>(routeMatch(node, ip(10, 1))).toBe((5 << 16) | 1);
      expect<i32>(routeMatch(node, ip(11, 255, 255, 255))).toBe((5 << 16) | 1);
      expect<i32>(routeMatch(node, ip(12))).toBe((7 << 16) | 3);
      expect<i32>(routeMatch(node, ip(9, 255, 255, 255))).toBe(7 << 16);
    }
  });

  it("end at both ends of the addresses", () => {
    open(8);
    add(0, 32, 1);
    add(FULL, 32, 2);
    add(0x80000000, 1, 3);
    expect<i32>(routeFind(node, 0)).toBe(1);
    expect<i32>(routeFind(node, 1)).toBe(Status.NotFound);
    expect<i32>(routeFind(node, 0x7fffffff)).toBe(Status.NotFound);
    expect<i32>(routeFind(node, 0x80000000)).toBe(3);
    expect<i32>(routeFind(node, FULL - 1)).toBe(3);
    expect<i32>(routeFind(node, FULL)).toBe(2);
  });

  it("are got and removed by exactly their prefix", () => {
    for (let round: u32 = 0; round <= 4; round++) {
      open(capacityOf(round) + 40);
      add(ip(10, 42), 16, 1);
      add(ip(10, 42), 24, 2);
      expect<i32>(routeGet(node, ip(10, 42), 16)).toBe(1);
      expect<i32>(routeGet(node, ip(10, 42), 24)).toBe(2);
      for (let len: u32 = 15; len <= 32; len++) {
        if (len == 16 || len == 24) continue;
        expect<i32>(routeGet(node, ip(10, 42), len)).toBe(Status.NotFound);
        expect<i32>(routeRemove(node, ip(10, 42), len)).toBe(Status.NotFound);
      }
      expect<i32>(routeRemove(node, ip(10, 43), 16)).toBe(Status.NotFound);
      expect<u32>(count()).toBe(2);
    }
  });

  it("count on their hops, and only when they change", () => {
    open(2);
    expect<i32>(add(ip(10), 8, HOPS)).toBe(Status.NotFound);
    expect<i32>(add(ip(10), 8, FULL)).toBe(Status.NotFound);
    add(ip(10), 8, 1);
    add(ip(10), 8, 1);
    expect<u32>(users(1)).toBe(1);
    add(ip(10), 8, 2);
    add(0, 0, 2);
    expect<u32>(users(1)).toBe(0);
    expect<u32>(users(2)).toBe(2);
    expect<i32>(hopRemove(node, 2)).toBe(Status.Busy);
    expect<i32>(add(ip(11), 8, 3)).toBe(Status.NoRoom);
    expect<u32>(users(3)).toBe(0);
    routeRemove(node, ip(10), 8);
    routeRemove(node, 0, 0);
    expect<i32>(hopRemove(node, 2)).toBe(Status.Ok);
  });

  it("fill a table to its capacity, where a replacement still fits", () => {
    open(3, 0);
    expect<i32>(add(ip(1, 1, 1, 1), 32)).toBe(Status.Ok);
    expect<i32>(add(ip(2, 2, 2, 2), 32)).toBe(Status.Ok);
    expect<i32>(add(0, 0)).toBe(Status.Ok);
    expect<i32>(add(ip(3, 3, 3, 3), 32)).toBe(Status.NoRoom);
    expect<i32>(add(0, 0, 3)).toBe(Status.Ok);
    expect<i32>(routeFind(node, ip(3, 3, 3, 3))).toBe(3);
    open(0, 0);
    expect<i32>(add(0, 0)).toBe(Status.NoRoom);
    expect<i32>(routeFind(node, 0)).toBe(Status.NotFound);
  });

  it("change nothing where the pool has no room", () => {
    open(1000, 256);
    let inside: u32 = 0;
    while (add(inside * 0x01010101, 32) == Status.Ok) inside++;
    expect<u32>(inside).toBeGreaterThan(0);
    expect<u32>(inside).toBeLessThan(16);
    const used = routePoolUsed(node);
    for (let last: u32 = 0; last < 32; last++) {
      const len = last + 1;
      const address = 0xaaaaaaaa & (FULL << (32 - len));
      const answer = add(address, len, 1);
      if (answer == Status.Ok) routeRemove(node, address, len);
      expect<u32>(routePoolUsed(node)).toBe(used);
      expect<u32>(users(1)).toBe(0);
      expect<u32>(count()).toBe(inside);
    }
    for (let i: u32 = 0; i < inside; i++) {
      expect<i32>(routeFind(node, i * 0x01010101)).toBe(0);
      expect<i32>(routeRemove(node, i * 0x01010101, 32)).toBe(Status.Ok);
    }
    expect<u32>(routePoolUsed(node)).toBe(0);
  });

  it("hold any routes in the pool that the core chooses for a small table", () => {
    for (let round: u32 = 0; round <= 2; round++) {
      open(capacityOf(round), 0);
      for (let i: u32 = 0; i < capacityOf(round); i++) {
        expect<i32>(add(i * 0x9e3779b1, 32)).toBe(Status.Ok); // far from one another
      }
    }
  });

  it("are walked by address, then by length", () => {
    for (let round: u32 = 0; round <= 4; round++) {
      open(capacityOf(round) + 40);
      add(ip(10, 128), 9);
      add(FULL, 32);
      add(ip(10), 32);
      add(ip(10), 8);
      add(0x80000000, 1);
      add(ip(10), 9);
      add(0, 0);
      add(ip(9, 255, 255, 255), 32);
      add(0, 1);
      let key = routeNext(node, 0);
      let seen = "";
      while (key != KEY_END) {
        seen += `${keyAddress(key) >>> 24}/${keyLen(key)} `;
        expect<i32>(routeGet(node, keyAddress(key), keyLen(key))).toBe(0);
        key = routeNext(node, key + 1);
      }
      expect<string>(seen).toBe("0/0 0/1 9/32 10/8 10/9 10/32 10/9 128/1 255/32 ");
    }
  });

  it("have a successor where there is no route", () => {
    open(8);
    expect<u64>(routeNext(node, 0)).toBe(KEY_END);
    add(ip(10, 42), 16);
    expect<u64>(routeNext(node, keyOf(ip(10, 42), 15) + 1)).toBe(keyOf(ip(10, 42), 16));
    expect<u64>(routeNext(node, keyOf(ip(10, 41, 255, 255), 32) + 1)).toBe(keyOf(ip(10, 42), 16));
    expect<u64>(routeNext(node, keyOf(ip(10, 42), 16) + 1)).toBe(KEY_END);
    expect<u64>(routeNext(node, keyOf(FULL, 32) + 1)).toBe(KEY_END);
  });
});
