import { mix } from "../../../assembly/base/hash";
import { nodeAt, tableAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { hopSet } from "../../../assembly/table/hop";
import { routeFind, routeFindEach } from "../../../assembly/table/lookup";
import {
  clearRoutes,
  layRoutes,
  routeInsert,
  routeMatch,
  routeRemove,
} from "../../../assembly/table/route";
import { hopRecord, openNode, roomBehind } from "./node";

const HOPS: u32 = 8;
const POOL_LEN: u32 = 65536;
const MANY: u32 = 65536; // routes, from which on look-ups read spans
const FULL: u32 = 0xffffffff;
const BASE: u32 = 0x0a2a8000;
const ADDRESSES: u32 = 67; // no multiple of four

const keys: usize = memory.data(67 * 4, 4);
const found: usize = memory.data(67 * 4, 4);

let node: usize = 0;

function open(routes: u32): void {
  node = openNode();
  for (let hop: u32 = 0; hop < HOPS; hop++) hopSet(node, hopRecord(hop));
  memory.fill(node + nodeAt.ROUTE, 0, tableAt.END);
  const base = roomBehind();
  memory.fill(base, 0, layRoutes(node, base, routes, POOL_LEN) - base);
  clearRoutes(node);
}

function matched(address: u32): i32 {
  const match = routeMatch(node, address);
  return match < 0 ? match : match & 0xffff;
}

/** One by one and all at once, look-ups say what the tree says. Returns: how many were found. */
function compare(): i32 {
  let hits: i32 = 0;
  const all = routeFindEach(node, keys, found, ADDRESSES);
  for (let i: u32 = 0; i < ADDRESSES; i++) {
    const address = load<u32>(keys + i * 4);
    const hop = matched(address);
    if (hop >= 0) hits += 1;
    const isSame = load<u32>(found + i * 4) == (hop < 0 ? FULL : <u32>hop);
    if (routeFind(node, address) == hop && isSame) continue;
    expect<string>(address.toString(16)).toBe("found as the tree has it");
  }
  expect<i32>(all).toBe(hits);
  return hits;
}

/** Addresses at both ends of a prefix and next to it, and others that it covers. */
function around(address: u32, len: u32, seed: u64): void {
  const hostBits = <u32>(<u64>FULL >> len);
  for (let i: u32 = 0; i < ADDRESSES; i++) {
    let key = address | (<u32>mix(seed + i) & hostBits);
    if (i % 8 == 0) key = address - 1;
    if (i % 8 == 1) key = address;
    if (i % 8 == 2) key = address | hostBits;
    if (i % 8 == 3) key = (address | hostBits) + 1;
    store<u32>(keys + i * 4, key);
  }
}

/** A prefix that shares its first bits with many others that are drawn so. */
function drawn(seed: u64, len: u32): u32 {
  const address = BASE ^ (<u32>mix(seed) >> (<u32>mix(seed + 1) % 28));
  return len == 0 ? 0 : address & (FULL << (32 - len));
}

describe("look-ups", () => {
  it("say what the tree says, few routes or many, whatever comes and goes", () => {
    for (let routes: u32 = 16; routes <= MANY; routes *= 16) {
      open(routes);
      let hits: i32 = 0;
      for (let step: u64 = 0; step < 600; step++) {
        const dice = <u32>mix(step << 8);
        const len = dice % 33;
        const address = drawn((step % 150) << 10, len);
        if ((dice >> 16) % 3 == 0) routeRemove(node, address, len);
        else routeInsert(node, address, len, (dice >> 8) % HOPS);
        around(address, len, step << 9);
        hits += compare();
      }
      expect<i32>(hits).toBeGreaterThan(1000);
    }
  });

  it("go by short routes and the default one where no longer one is", () => {
    open(MANY);
    around(0x0a000000, 7, 1);
    routeInsert(node, 0x0a2a8000, 17, 1);
    expect<i32>(compare()).toBeLessThan(<i32>ADDRESSES);
    for (let len: u32 = 0; len <= 16; len++) {
      routeInsert(node, 0x0a2a0000 & (len == 0 ? 0 : FULL << (32 - len)), len, 2 + (len % 6));
      compare();
    }
    routeInsert(node, 0x0a000000, 8, 7); // another hop than before
    expect<i32>(compare()).toBe(<i32>ADDRESSES);
    for (let len: u32 = 0; len <= 16; len++) {
      routeRemove(node, 0x0a2a0000 & (len == 0 ? 0 : FULL << (32 - len)), len);
      compare();
    }
    expect<i32>(routeFind(node, 0x0a2a8000)).toBe(1);
    expect<i32>(routeFind(node, 0x0a2a7fff)).toBe(Status.NotFound);
  });

  it("may write where they read, and nothing behind", () => {
    open(MANY);
    routeInsert(node, 0, 1, 3);
    for (let count: u32 = 0; count < 10; count++) {
      for (let i: u32 = 0; i < 10; i++) store<u32>(keys + i * 4, (i << 31) | i);
      expect<i32>(routeFindEach(node, keys, keys, count)).toBe(<i32>((count + 1) / 2));
      for (let i: u32 = 0; i < 10; i++) {
        const hop: u32 = i % 2 == 0 ? 3 : FULL;
        expect<u32>(load<u32>(keys + i * 4)).toBe(i < count ? hop : (i << 31) | i);
      }
    }
  });
});
