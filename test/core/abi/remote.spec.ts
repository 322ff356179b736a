import {
  remote_find,
  remote_get,
  remote_next,
  remote_remove,
  remote_set,
} from "../../../assembly/abi/remote";
import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { HopAt, HopKind, hopRemove, hopSet } from "../../../assembly/table/hop";
import { PortKind } from "../../../assembly/table/port";
import { RemoteAt, RemoteFlag } from "../../../assembly/table/remote";
import {
  hopRecord,
  NONE,
  openNode,
  place,
  remoteRecord,
  setDomain,
  setFlood,
  setPort,
  setStation,
  stationMac,
  used,
} from "../table/node";
import { host, slotAt, spoiled } from "./host";

const VTEP: u32 = 0xc0000210;
const WITH_ENTRIES: u32 = 1;

let node: usize = 0;

function set(index: u32, address: u32, flags: u32 = 0): i32 {
  return remote_set(node, host(node, remoteRecord(index, address, flags)));
}

function find(address: u32): i32 {
  return remote_find(node, host(node, remoteRecord(0, address)));
}

describe("remote records", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("are read as they were written, and found by address", () => {
    const rec = host(node, remoteRecord(NONE, VTEP, RemoteFlag.Allowed));
    store<u16>(rec, 8472, RemoteAt.UdpPort);
    store<u32>(rec, 0x0a01a8c0, RemoteAt.OwnAddress);
    expect<i32>(remote_set(node, rec)).toBe(0);
    expect<i32>(remote_get(node, host(node, remoteRecord(0, 0), 1))).toBe(Status.Ok);
    store<u16>(rec, 0); // where 0xffff asked for one
    expect<i32>(memory.compare(slotAt(node, 1), rec, RemoteAt.End)).toBe(0);
    expect<i32>(find(VTEP)).toBe(0);
    expect<i32>(find(VTEP + 1)).toBe(Status.NotFound);
    expect<i32>(set(1, VTEP)).toBe(Status.Exists);
  });

  it("name one station by IPv4", () => {
    expect<i32>(set(0, 0x00ffffff)).toBe(Status.BadArgument);
    expect<i32>(set(0, 0xe0000000)).toBe(Status.BadArgument);
    expect<i32>(find(0xffffffff)).toBe(Status.BadArgument);
    expect<i32>(set(0, 0x01000000)).toBe(0);
    expect<i32>(set(0, 0xdfffffff)).toBe(0);
    const family = spoiled(node, remoteRecord(0, VTEP), RemoteAt.Family, 6);
    expect<i32>(remote_set(node, family)).toBe(Status.BadArgument);
    for (let at: i32 = 4; at < 16; at++) {
      const own = spoiled(node, remoteRecord(0, VTEP), RemoteAt.OwnAddress + at);
      expect<i32>(remote_set(node, own)).toBe(Status.BadArgument);
      const long = spoiled(node, remoteRecord(0, VTEP), RemoteAt.Address + at);
      expect<i32>(remote_set(node, long)).toBe(Status.BadArgument);
      expect<i32>(remote_find(node, long)).toBe(Status.BadArgument);
    }
  });

  it("hold flags that there are, and zeros where nothing is meant", () => {
    expect<i32>(set(0, VTEP, RemoteFlag.Allowed | RemoteFlag.Learned)).toBe(0);
    expect<i32>(set(0, VTEP, 4)).toBe(Status.BadArgument);
    for (let at: i32 = RemoteAt.Mtu + 2; at < RemoteAt.Learned; at++) {
      const rec = spoiled(node, remoteRecord(0, VTEP), at);
      expect<i32>(remote_set(node, rec)).toBe(Status.BadArgument);
    }
  });

  it("are walked by index", () => {
    set(6, VTEP);
    set(3, VTEP + 1);
    const rec = slotAt(node);
    expect<i32>(remote_next(node, -1, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(3);
    expect<i32>(remote_next(node, 3, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(6);
    expect<i32>(remote_next(node, 6, rec)).toBe(Status.NotFound);
  });

  it("are removed with the entries behind them when that is asked for", () => {
    set(1, VTEP);
    setDomain(node, 0, 7);
    setPort(node, 0, PortKind.Vxlan, 0);
    setStation(node, 0, stationMac(1), place(0, 1));
    setFlood(node, 0, place(0, 1));
    expect<i32>(remote_remove(node, 1, 0)).toBe(Status.Busy);
    expect<i32>(remote_remove(node, 1, WITH_ENTRIES + 1)).toBe(Status.BadArgument);
    expect<i32>(remote_remove(node, 1, WITH_ENTRIES)).toBe(Status.Ok);
    expect<u32>(used(node, nodeAt.FDB) + used(node, nodeAt.FLOOD)).toBe(0);
    expect<i32>(remote_remove(node, 1, WITH_ENTRIES)).toBe(Status.NotFound);
    expect<i32>(remote_remove(node, 1, 0)).toBe(Status.NotFound);
  });

  it("stay with all that is behind them as long as a hop names them", () => {
    set(1, VTEP);
    setDomain(node, 0, 7);
    setPort(node, 0, PortKind.Vxlan, 0);
    setStation(node, 0, stationMac(1), place(0, 1));
    const hop = hopRecord(0, HopKind.Unicast);
    store<u16>(hop, 1, HopAt.Remote);
    hopSet(node, hop);
    expect<i32>(remote_remove(node, 1, WITH_ENTRIES)).toBe(Status.Busy);
    expect<u32>(used(node, nodeAt.FDB)).toBe(1);
    hopRemove(node, 0);
    expect<i32>(remote_remove(node, 1, WITH_ENTRIES)).toBe(Status.Ok);
  });

  it("lie where the host may write", () => {
    const rec = host(node, remoteRecord(0, VTEP));
    expect<i32>(remote_set(node, node)).toBe(Status.BadArgument);
    expect<i32>(remote_get(node, rec + 1)).toBe(Status.BadArgument);
    expect<i32>(remote_find(node, rec + 2)).toBe(Status.BadArgument);
    expect<i32>(remote_next(node, -2, rec)).toBe(Status.BadArgument);
    expect<i32>(remote_remove(0, 0, 0)).toBe(Status.BadArgument);
  });
});
