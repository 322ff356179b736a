import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  NeighborAt,
  NeighborState,
  neighborBefore,
  neighborEntry,
  neighborFind,
  neighborFindKey,
  neighborNext,
  neighborRemove,
  neighborSet,
  neighborTell,
} from "../../../assembly/table/neighbor";
import { PortKind } from "../../../assembly/table/port";
import { CapsAt } from "../../../assembly/table/tables";
import { dirty, hexOf } from "../bytes";
import { neighborRecord, openNode, setPort, used } from "./node";

const NO_MAC: u64 = ~0;
const ADDRESS: u32 = 0x0a000001;

const told: usize = memory.data(32, 8);
let node: usize = 0;

function set(port: u32, address: u32, mac: u64): i32 {
  return neighborSet(node, neighborRecord(port, address, mac));
}

describe("neighbors", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 0, PortKind.Ethernet);
    setPort(node, 7, PortKind.Ethernet);
  });

  it("are found by port and address", () => {
    expect<i32>(set(0, ADDRESS, 0xfe0000000002)).toBe(Status.Ok);
    expect<i32>(set(7, ADDRESS, 0x000000000004)).toBe(Status.Ok);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(0xfe0000000002);
    expect<u64>(neighborFind(node, 7, ADDRESS)).toBe(0x000000000004);
    expect<u64>(neighborFind(node, 7, ADDRESS + 1)).toBe(NO_MAC);
    expect<u64>(neighborFind(node, 1, ADDRESS)).toBe(NO_MAC);
    expect<u64>(neighborFindKey(node, 0x70a000001)).toBe(4);
  });

  it("are not found by any other number", () => {
    set(0, ADDRESS, 2);
    expect<u64>(neighborFindKey(node, 0)).toBe(NO_MAC);
    expect<u64>(neighborFindKey(node, ~0)).toBe(NO_MAC);
    expect<u64>(neighborFindKey(node, 0x1_0000_0000_0000 + ADDRESS)).toBe(NO_MAC);
    expect<u64>(neighborFind(node, 0, 0)).toBe(NO_MAC);
  });

  it("are replaced in place", () => {
    set(0, ADDRESS, 2);
    set(0, ADDRESS, 4);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(4);
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(1);
  });

  it("need a port that is set", () => {
    expect<i32>(set(1, ADDRESS, 2)).toBe(Status.NotFound);
    expect<i32>(set(0xffff, ADDRESS, 2)).toBe(Status.NotFound);
  });

  it("are as many as the capacity says, and can be replaced then", () => {
    for (let at: u32 = 0; at < 8; at++) expect<i32>(set(0, ADDRESS + at, 2)).toBe(Status.Ok);
    expect<i32>(set(0, ADDRESS + 8, 2)).toBe(Status.NoRoom);
    expect<i32>(set(0, ADDRESS + 7, 4)).toBe(Status.Ok);
    neighborRemove(node, neighborRecord(0, ADDRESS));
    expect<i32>(set(0, ADDRESS + 8, 2)).toBe(Status.Ok);
    node = openNode(CapsAt.Neighbors, 0);
    setPort(node, 0, PortKind.Ethernet);
    expect<i32>(set(0, ADDRESS, 2)).toBe(Status.NoRoom);
  });

  it("go, once", () => {
    set(0, ADDRESS, 2);
    expect<i32>(neighborRemove(node, neighborRecord(7, ADDRESS))).toBe(Status.NotFound);
    expect<i32>(neighborRemove(node, neighborRecord(0, ADDRESS))).toBe(Status.Ok);
    expect<i32>(neighborRemove(node, neighborRecord(0, ADDRESS))).toBe(Status.NotFound);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(NO_MAC);
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(0);
  });

  it("fill and empty without end", () => {
    for (let round: u32 = 0; round < 100; round++) {
      for (let at: u32 = 0; at < 8; at++) {
        expect<i32>(set(0, ADDRESS + at * round, 2)).toBe(Status.Ok);
      }
      for (let at: u32 = 0; at < 8; at++) {
        neighborRemove(node, neighborRecord(0, ADDRESS + at * round));
      }
      expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(0);
    }
  });

  it("show as the record that was set, without the status it had", () => {
    const rec = neighborRecord(7, ADDRESS, 0xfe0000000002);
    store<u8>(rec, NeighborState.Permanent, NeighborAt.State);
    store<i16>(rec, Status.NoRoom, NeighborAt.Status);
    neighborSet(node, rec);
    dirty(told, NeighborAt.End);
    neighborTell(node, neighborEntry(node, rec), told);
    const hex = "0400 0700 0200000000fe 02 00 0000 0000 0a000001 000000000000000000000000";
    expect<string>(hexOf(told, NeighborAt.End)).toBe(hex.replaceAll(" ", ""));
  });

  it("are walked, each once", () => {
    for (let at: u32 = 0; at < 8; at++) set(0, ADDRESS + at, 2);
    let sum: u32 = 0;
    let count: u32 = 0;
    for (let cursor = neighborNext(node, 0); cursor != 0; cursor = neighborNext(node, cursor)) {
      neighborTell(node, neighborBefore(node, cursor), told);
      sum += bswap<u32>(load<u32>(told, NeighborAt.Address)) - ADDRESS;
      count += 1;
    }
    expect<u32>(count).toBe(8);
    expect<u32>(sum).toBe(28);
    expect<u32>(neighborNext(node, 0x7fffffff)).toBe(0);
    expect<u32>(neighborNext(node, 0xffffffff)).toBe(0);
  });
});
