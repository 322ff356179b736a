import { port_get, port_next, port_remove, port_set } from "../../../assembly/abi/port";
import { Status } from "../../../assembly/base/status";
import { PortAt, PortFlag, PortKind, TosMode } from "../../../assembly/table/port";
import { VNI_MAX } from "../../../assembly/wire/vxlan";
import {
  NONE,
  openNode,
  place,
  portRecord,
  setDomain,
  setStation,
  stationMac,
} from "../table/node";
import { host, slotAt, spoiled } from "./host";

let node: usize = 0;

function set(index: u32, kind: u32, flags: u32 = 0): i32 {
  return port_set(node, host(node, portRecord(index, kind, NONE, flags)));
}

/** A tunnel's port with one field as it is said. */
function setWord(at: usize, word: u32): i32 {
  const rec = host(node, portRecord(1, PortKind.Vxlan));
  store<u32>(rec + at, word);
  return port_set(node, rec);
}

describe("port records", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("are read as they were written, with what was learned there", () => {
    setDomain(node, 0, 7);
    const rec = host(node, portRecord(3, PortKind.Ethernet, 0, PortFlag.Learn | PortFlag.Sticky));
    store<u64>(rec, 0x1800_0100_000a_0302, PortAt.Mac);
    store<u32>(rec, 1450, PortAt.Mtu);
    store<u16>(rec, 4789, PortAt.UdpPort);
    expect<i32>(port_set(node, rec)).toBe(Status.Ok);
    setStation(node, 0, stationMac(1), place(3));
    expect<i32>(port_get(node, host(node, portRecord(3, 0), 1))).toBe(Status.Ok);
    store<u32>(rec, 1, PortAt.Learned);
    expect<i32>(memory.compare(slotAt(node, 1), rec, PortAt.End)).toBe(0);
  });

  it("are of a kind that there is", () => {
    expect<i32>(set(0, 0)).toBe(Status.BadArgument);
    for (let kind: i32 = PortKind.Ethernet; kind <= PortKind.Ipip; kind++) {
      expect<i32>(set(0, kind)).toBe(Status.Ok);
    }
    expect<i32>(set(0, PortKind.Ipip + 1)).toBe(Status.BadArgument);
    expect<i32>(set(8, PortKind.Ip)).toBe(Status.NoRoom);
  });

  it("hold what can be meant", () => {
    const ttl: u32 = 64 << 8;
    expect<i32>(setWord(PortAt.PrefixLen, 32 | ttl)).toBe(Status.Ok);
    expect<i32>(setWord(PortAt.PrefixLen, 33 | ttl)).toBe(Status.BadArgument);
    expect<i32>(setWord(PortAt.PrefixLen, ttl | (TosMode.Inherit << 16))).toBe(Status.Ok);
    expect<i32>(setWord(PortAt.PrefixLen, (TosMode.Inherit + 1) << 16)).toBe(Status.BadArgument);
    expect<i32>(setWord(PortAt.Vni, VNI_MAX)).toBe(Status.Ok);
    expect<i32>(setWord(PortAt.Vni, VNI_MAX + 1)).toBe(Status.BadArgument);
    expect<i32>(setWord(PortAt.Domain, 5)).toBe(Status.NotFound);
    expect<i32>(setWord(PortAt.Flags, 1 << 31)).toBe(Status.BadArgument);
  });

  it("hold zeros where nothing is meant", () => {
    for (let at: i32 = PortAt.UdpPort + 2; at < PortAt.End; at++) {
      if (at >= PortAt.Learned && at < PortAt.Learned + 4) continue;
      const rec = spoiled(node, portRecord(1, PortKind.Ip), at);
      expect<i32>(port_set(node, rec)).toBe(Status.BadArgument);
    }
  });

  it("are walked by index, and removed once nothing names them", () => {
    setDomain(node, 0);
    port_set(node, host(node, portRecord(7, PortKind.Ethernet, 0)));
    set(2, PortKind.Ip);
    const rec = slotAt(node);
    expect<i32>(port_next(node, -1, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(2);
    expect<i32>(port_next(node, 2, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(7);
    expect<i32>(port_next(node, 7, rec)).toBe(Status.NotFound);
    setStation(node, 0, stationMac(1), place(7));
    expect<i32>(port_remove(node, 7)).toBe(Status.Busy);
    expect<i32>(port_remove(node, 2)).toBe(Status.Ok);
    expect<i32>(port_remove(node, 2)).toBe(Status.NotFound);
    expect<i32>(port_get(node, host(node, portRecord(2, 0)))).toBe(Status.NotFound);
  });

  it("lie where the host may write", () => {
    const rec = host(node, portRecord(0, PortKind.Ip));
    expect<i32>(port_set(node, node)).toBe(Status.BadArgument);
    expect<i32>(port_get(node, rec + 3)).toBe(Status.BadArgument);
    expect<i32>(port_next(node, -2, rec)).toBe(Status.BadArgument);
    expect<i32>(port_remove(node + 64, 0)).toBe(Status.BadArgument);
  });
});
