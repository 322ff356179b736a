import { RouteAt, RouteFlag } from "../../../assembly/abi/record";
import {
  route_get,
  route_lookup,
  route_lookup_bulk,
  route_next,
  route_remove,
  route_set,
} from "../../../assembly/abi/route";
import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { hopSet } from "../../../assembly/table/hop";
import { dirty, hexOf } from "../bytes";
import { hopRecord, openNode } from "../table/node";

const ADDRESS: u32 = 0x0a2a0000; // 10.42.0.0
const LEN_BEGIN: u32 = 0xffff;

let node: usize = 0;
let rec: usize = 0;

function put(address: u32, len: u32, hop: u32 = 0, flags: u32 = 0): usize {
  memory.fill(rec, 0, RouteAt.End);
  store<u16>(rec, 4, RouteAt.Family);
  store<u16>(rec, <u16>len, RouteAt.Len);
  store<u16>(rec, <u16>flags, RouteAt.Flags);
  store<u32>(rec, bswap<u32>(address), RouteAt.Address);
  store<u32>(rec, hop, RouteAt.Hop);
  return rec;
}

function status(): i32 {
  return load<i16>(rec, RouteAt.Status);
}

/** Sets one route and gives its status. */
function set(address: u32, len: u32, hop: u32 = 0, flags: u32 = 0): i32 {
  const done = route_set(node, put(address, len, hop, flags), 1);
  expect<i32>(done).toBe(status() == Status.Ok ? 1 : 0);
  return status();
}

function remove(address: u32, len: u32): i32 {
  const done = route_remove(node, put(address, len), 1);
  expect<i32>(done).toBe(status() == Status.Ok ? 1 : 0);
  return status();
}

describe("route records", () => {
  beforeEach(() => {
    node = openNode();
    rec = <usize>load<u32>(node, nodeAt.SCRATCH);
    hopSet(node, hopRecord(0));
    hopSet(node, hopRecord(1));
  });

  it("are refused with host bits, or a length past 32", () => {
    expect<i32>(set(ADDRESS + 1, 16)).toBe(Status.BadArgument);
    expect<i32>(set(ADDRESS, 14)).toBe(Status.BadArgument);
    expect<i32>(set(1, 0)).toBe(Status.BadArgument);
    expect<i32>(set(0, 33)).toBe(Status.BadArgument);
    expect<i32>(set(0, LEN_BEGIN)).toBe(Status.BadArgument);
    expect<i32>(set(ADDRESS, 15)).toBe(Status.Ok);
    expect<i32>(remove(ADDRESS + 1, 15)).toBe(Status.BadArgument);
    expect<i32>(route_get(node, put(ADDRESS + 1, 15))).toBe(Status.BadArgument);
    expect<i32>(route_next(node, put(ADDRESS + 1, 15))).toBe(Status.BadArgument);
    expect<i32>(route_next(node, put(0, 33))).toBe(Status.BadArgument);
  });

  it("are refused with another family, an address too long, or an unknown flag", () => {
    store<u16>(put(ADDRESS, 16), 6, RouteAt.Family);
    expect<i32>(route_lookup(node, rec)).toBe(Status.BadArgument);
    expect<i32>(route_set(node, rec, 1)).toBe(0);
    expect<i32>(status()).toBe(Status.BadArgument);
    store<u8>(put(ADDRESS, 16) + 15, 1, RouteAt.Address);
    expect<i32>(route_set(node, rec, 1)).toBe(0);
    expect<i32>(status()).toBe(Status.BadArgument);
    expect<i32>(set(ADDRESS, 16, 0, 3)).toBe(Status.BadArgument);
    expect<i32>(set(ADDRESS, 16, 0, 4)).toBe(Status.BadArgument);
  });

  it("create only, or replace only", () => {
    expect<i32>(set(ADDRESS, 16, 0, RouteFlag.ReplaceOnly)).toBe(Status.NotFound);
    expect<i32>(set(ADDRESS, 16, 0, RouteFlag.CreateOnly)).toBe(Status.Ok);
    expect<i32>(set(ADDRESS, 16, 1, RouteFlag.CreateOnly)).toBe(Status.Exists);
    expect<i32>(route_get(node, put(ADDRESS, 16))).toBe(Status.Ok);
    expect<u32>(load<u32>(rec, RouteAt.Hop)).toBe(0);
    expect<i32>(set(ADDRESS, 16, 1, RouteFlag.ReplaceOnly)).toBe(Status.Ok);
    expect<i32>(route_get(node, put(ADDRESS, 16))).toBe(Status.Ok);
    expect<u32>(load<u32>(rec, RouteAt.Hop)).toBe(1);
  });

  it("are applied in order, and one that fails stops none", () => {
    const first = rec;
    put(ADDRESS, 16);
    rec += RouteAt.End;
    put(ADDRESS, 15, 7); // no such hop
    rec += RouteAt.End;
    put(ADDRESS, 16, 1, RouteFlag.ReplaceOnly);
    expect<i32>(route_set(node, first, 3)).toBe(2);
    expect<i32>(load<i16>(first, RouteAt.Status)).toBe(Status.Ok);
    expect<i32>(load<i16>(first + RouteAt.End, RouteAt.Status)).toBe(Status.NotFound);
    expect<i32>(load<i16>(first + 2 * RouteAt.End, RouteAt.Status)).toBe(Status.Ok);
    expect<i32>(route_remove(node, first, 3)).toBe(1); // the third names what the first removed
  });

  it("are written whole by a look-up", () => {
    set(ADDRESS, 15, 1);
    put(ADDRESS + 0x10203, 77, 99, 0xffff);
    expect<i32>(route_lookup(node, rec)).toBe(Status.Ok);
    const found = "04000f0000000000" + "0a2a0000000000000000000000000000" + "0100000000000000";
    expect<string>(hexOf(rec, RouteAt.End)).toBe(found);
    put(ADDRESS + 0x20000, 0);
    expect<i32>(route_lookup(node, rec)).toBe(Status.NotFound);
    set(0, 0);
    put(0xffffffff, 0);
    expect<i32>(route_lookup(node, rec)).toBe(Status.Ok);
    expect<u32>(load<u32>(rec, RouteAt.Address)).toBe(0);
  });

  it("are looked up in bulk, in place too", () => {
    set(ADDRESS, 16, 1);
    store<u32>(rec, ADDRESS + 5);
    store<u32>(rec, ADDRESS - 1, 4);
    dirty(rec + 8, 16);
    expect<i32>(route_lookup_bulk(node, rec, rec + 8, 2)).toBe(1);
    expect<u32>(load<u32>(rec, 8)).toBe(1);
    expect<u32>(load<u32>(rec, 12)).toBe(0xffffffff);
    expect<u32>(load<u32>(rec, 16)).toBe(0xa5a5a5a5);
    expect<i32>(route_lookup_bulk(node, rec, rec, 2)).toBe(1);
    expect<u32>(load<u32>(rec)).toBe(1);
    expect<i32>(route_lookup_bulk(node, rec, node, 2)).toBe(Status.BadArgument);
    expect<i32>(route_lookup_bulk(node, node, rec, 2)).toBe(Status.BadArgument);
    expect<i32>(route_lookup_bulk(node, rec, rec, 0)).toBe(0);
  });

  it("are got by exactly their prefix, and lie where the host may write", () => {
    set(ADDRESS, 16);
    expect<i32>(route_get(node, put(ADDRESS, 15))).toBe(Status.NotFound);
    expect<i32>(route_get(node, node)).toBe(Status.BadArgument);
    expect<i32>(route_get(node + 64, put(ADDRESS, 16))).toBe(Status.BadArgument);
    expect<i32>(route_lookup(node, rec + 2)).toBe(Status.BadArgument);
    expect<i32>(route_next(node, node)).toBe(Status.BadArgument);
    expect<i32>(route_set(node, rec + 2, 1)).toBe(Status.BadArgument);
    expect<i32>(route_remove(node, node, 1)).toBe(Status.BadArgument);
  });

  it("are walked in place", () => {
    expect<i32>(route_next(node, put(0, LEN_BEGIN))).toBe(Status.NotFound);
    set(ADDRESS, 16, 1);
    set(0, 0);
    put(0, LEN_BEGIN);
    expect<i32>(route_next(node, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec, RouteAt.Len)).toBe(0);
    expect<i32>(route_next(node, rec)).toBe(Status.Ok);
    expect<u32>(load<u32>(rec, RouteAt.Address)).toBe(bswap<u32>(ADDRESS));
    expect<u32>(load<u32>(rec, RouteAt.Hop)).toBe(1);
    expect<i32>(route_next(node, rec)).toBe(Status.NotFound);
  });
});
