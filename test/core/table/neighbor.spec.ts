import { nodeAt, tableCount } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  neighborFind,
  neighborFindKey,
  neighborRemove,
  neighborSet,
} from "../../../assembly/table/neighbor";
import { PortKind, portRemove } from "../../../assembly/table/port";
import { CapsAt } from "../../../assembly/table/tables";
import { neighborRecord, openNode, setPort } from "./node";

const NO_MAC: u64 = ~0;
const MAC_1: u64 = 0x010000000002;
const MAC_2: u64 = 0x020000000002;
const ADDRESS: u32 = 0x0a000001;
const NEIGHBORS: u32 = 100;

let node: usize = 0;

function set(port: u32, address: u32, mac: u64): i32 {
  return neighborSet(node, neighborRecord(port, address, mac));
}

describe("neighbors", () => {
  beforeEach(() => {
    node = openNode(CapsAt.Neighbors, NEIGHBORS);
    setPort(node, 0, PortKind.Ethernet);
    setPort(node, 1, PortKind.Vxlan);
  });

  it("answer for their address at their port", () => {
    expect<i32>(set(0, ADDRESS, MAC_1)).toBe(Status.Ok);
    expect<i32>(set(1, ADDRESS, MAC_2)).toBe(Status.Ok);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(MAC_1);
    expect<u64>(neighborFind(node, 1, ADDRESS)).toBe(MAC_2);
    expect<u64>(neighborFind(node, 2, ADDRESS)).toBe(NO_MAC);
    expect<u64>(neighborFind(node, 0, ADDRESS + 1)).toBe(NO_MAC);
  });

  it("are missed by keys that no entry has", () => {
    expect<u64>(neighborFindKey(node, 0)).toBe(NO_MAC);
    expect<u64>(neighborFindKey(node, ~0)).toBe(NO_MAC);
    set(0, ADDRESS, MAC_1);
    expect<u64>(neighborFindKey(node, 0x100000000000000 | ADDRESS)).toBe(NO_MAC);
  });

  it("change their MAC in place", () => {
    set(0, ADDRESS, MAC_1);
    expect<i32>(set(0, ADDRESS, MAC_2)).toBe(Status.Ok);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(MAC_2);
    expect<u32>(tableCount(node + nodeAt.NEIGHBOR)).toBe(1);
  });

  it("hold their port", () => {
    expect<i32>(set(2, ADDRESS, MAC_1)).toBe(Status.NotFound);
    set(0, ADDRESS, MAC_1);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
    expect<i32>(neighborRemove(node, neighborRecord(1, ADDRESS))).toBe(Status.NotFound);
    expect<i32>(neighborRemove(node, neighborRecord(0, ADDRESS))).toBe(Status.Ok);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(NO_MAC);
    expect<i32>(portRemove(node, 0)).toBe(Status.Ok);
  });

  it("are as many as the capacity says", () => {
    for (let i: u32 = 0; i < NEIGHBORS; i++) {
      expect<i32>(set(0, ADDRESS + i, MAC_1 + ((<u64>i) << 8))).toBe(Status.Ok);
    }
    expect<i32>(set(1, ADDRESS, MAC_1)).toBe(Status.NoRoom);
    expect<i32>(set(0, ADDRESS, MAC_2)).toBe(Status.Ok);
    for (let i: u32 = 1; i < NEIGHBORS; i++) {
      expect<u64>(neighborFind(node, 0, ADDRESS + i)).toBe(MAC_1 + ((<u64>i) << 8));
    }
  });
});
