import {
  neighbor_get,
  neighbor_lookup_bulk,
  neighbor_next,
  neighbor_remove,
  neighbor_set,
  neighbor_tick,
} from "../../../assembly/abi/neighbor";
import { Status } from "../../../assembly/base/status";
import { NeighborAt, NeighborState } from "../../../assembly/table/neighbor";
import { PortKind } from "../../../assembly/table/port";
import { neighborRecord, openNode, setPort, stationMac } from "../table/node";
import { slotAt } from "./host";

const ADDRESS: u32 = 0x0a010002;
const NO_MAC: u64 = ~0;
const NO_TIME: f64 = -1;

let node: usize = 0;

/** Neighbor records lie side by side. */
function put(index: u32, port: u32, address: u32, mac: u64 = 2): usize {
  const rec = slotAt(node) + index * NeighborAt.End;
  memory.copy(rec, neighborRecord(port, address, mac), NeighborAt.End);
  return rec;
}

/** Sets one and gives its status. */
function set(rec: usize): i32 {
  const done = neighbor_set(node, rec, 1, 0);
  const status = load<i16>(rec, NeighborAt.Status);
  expect<i32>(done).toBe(status == Status.Ok ? 1 : 0);
  return status;
}

describe("neighbor records", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 0, PortKind.Ethernet);
    setPort(node, 1, PortKind.Ethernet);
  });

  it("are applied in order, and one that fails stops none", () => {
    const first = put(0, 0, ADDRESS);
    put(1, 5, ADDRESS); // no such port
    put(2, 1, ADDRESS);
    expect<i32>(neighbor_set(node, first, 3, 0)).toBe(2);
    expect<i32>(load<i16>(first + NeighborAt.End, NeighborAt.Status)).toBe(Status.NotFound);
    expect<i32>(neighbor_remove(node, first, 3)).toBe(2);
    expect<i32>(load<i16>(first, NeighborAt.Status)).toBe(Status.Ok);
    expect<i32>(load<i16>(first + NeighborAt.End, NeighborAt.Status)).toBe(Status.NotFound);
  });

  it("are read as they were written", () => {
    const rec = put(0, 1, ADDRESS, stationMac(7));
    store<u8>(rec, NeighborState.Permanent, NeighborAt.State);
    expect<i32>(set(rec)).toBe(Status.Ok);
    const other = put(1, 1, ADDRESS, stationMac(8));
    expect<i32>(neighbor_get(node, other, 0)).toBe(Status.Ok);
    expect<i32>(memory.compare(other, rec, NeighborAt.End)).toBe(0);
    expect<i32>(neighbor_get(node, put(1, 0, ADDRESS), 0)).toBe(Status.NotFound);
  });

  it("name one station by IPv4 and the MAC of one", () => {
    expect<i32>(set(put(0, 0, 0xe0000001))).toBe(Status.BadArgument);
    expect<i32>(set(put(0, 0, 0x00000001))).toBe(Status.BadArgument);
    expect<i32>(set(put(0, 0, ADDRESS, 0))).toBe(Status.BadArgument);
    expect<i32>(set(put(0, 0, ADDRESS, 0x010000000000))).toBe(Status.Ok);
    expect<i32>(set(put(0, 0, ADDRESS, 0x000000000001))).toBe(Status.BadArgument);
    const family = put(0, 0, ADDRESS);
    store<u16>(family, 6, NeighborAt.Family);
    expect<i32>(set(family)).toBe(Status.BadArgument);
    expect<i32>(neighbor_get(node, family, 0)).toBe(Status.BadArgument);
    expect<i32>(neighbor_remove(node, family, 1)).toBe(0);
    expect<i32>(load<i16>(family, NeighborAt.Status)).toBe(Status.BadArgument);
  });

  it("are in a state that a host can know, and hold zeros where nothing is meant", () => {
    const rec = put(0, 0, ADDRESS);
    store<u8>(rec, 0, NeighborAt.State);
    expect<i32>(set(rec)).toBe(Status.BadArgument);
    store<u8>(put(0, 0, ADDRESS), 0xff, NeighborAt.State);
    expect<i32>(set(rec)).toBe(Status.BadArgument);
    store<u8>(put(0, 0, ADDRESS), 1, NeighborAt.Flags);
    expect<i32>(set(rec)).toBe(Status.BadArgument);
    store<u8>(put(0, 0, ADDRESS), NeighborState.Delay, NeighborAt.State);
    expect<i32>(set(rec)).toBe(Status.BadArgument);
    store<u16>(put(0, 0, ADDRESS), 7, NeighborAt.AgeS); // read, so a host may give it back
    expect<i32>(set(rec)).toBe(Status.Ok);
    store<u8>(put(0, 0, ADDRESS) + NeighborAt.End - 1, 1);
    expect<i32>(set(rec)).toBe(Status.BadArgument);
  });

  it("are walked by a cursor, which is 0 at the end", () => {
    set(put(0, 0, ADDRESS));
    set(put(0, 1, ADDRESS));
    const rec = slotAt(node);
    const first = neighbor_next(node, 0, rec);
    const port: u32 = load<u16>(rec, NeighborAt.Port);
    const second = neighbor_next(node, first, rec);
    expect<i32>(second).toBeGreaterThan(first);
    expect<u32>(port + load<u16>(rec, NeighborAt.Port)).toBe(1);
    expect<i32>(neighbor_next(node, second, rec)).toBe(0);
  });

  it("are looked up in bulk, in place too", () => {
    set(put(0, 1, ADDRESS, stationMac(7)));
    const keys = slotAt(node);
    store<u64>(keys, ((<u64>1) << 32) | ADDRESS);
    store<u64>(keys, ADDRESS, 8);
    expect<i32>(neighbor_lookup_bulk(node, keys, keys + 16, 2, 0)).toBe(1);
    expect<u64>(load<u64>(keys, 16)).toBe(stationMac(7));
    expect<u64>(load<u64>(keys, 24)).toBe(NO_MAC);
    expect<i32>(neighbor_lookup_bulk(node, keys, keys, 2, 0)).toBe(1);
    expect<u64>(load<u64>(keys)).toBe(stationMac(7));
  });

  it("lie where the host may write, and times are times", () => {
    const rec = put(0, 0, ADDRESS);
    expect<i32>(neighbor_set(node, rec, 1, NO_TIME)).toBe(Status.BadArgument);
    expect<i32>(neighbor_set(node, node, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(neighbor_remove(node, rec + 2, 1)).toBe(Status.BadArgument);
    expect<i32>(neighbor_get(node, rec, NO_TIME)).toBe(Status.BadArgument);
    expect<i32>(neighbor_get(node, node, 0)).toBe(Status.BadArgument);
    expect<i32>(neighbor_next(node, 0, node)).toBe(Status.BadArgument);
    expect<i32>(neighbor_lookup_bulk(node, rec + 4, rec, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(neighbor_lookup_bulk(node, rec, rec + 4, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(neighbor_lookup_bulk(node, rec, rec, 1, NO_TIME)).toBe(Status.BadArgument);
  });
});

describe("neighbor_tick", () => {
  it("takes a burst, and nothing else", () => {
    expect<i32>(neighbor_tick(node, slotAt(node) + 4)).toBe(Status.BadArgument);
    expect<i32>(neighbor_tick(0, slotAt(node))).toBe(Status.BadArgument);
  });
});
