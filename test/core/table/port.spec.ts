import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { Domain, domainAt } from "../../../assembly/table/domain";
import { fdbDrop, fdbEntry } from "../../../assembly/table/fdb";
import { floodRemove } from "../../../assembly/table/flood";
import { HopAt, HopKind, hopRemove, hopSet } from "../../../assembly/table/hop";
import { neighborRemove, neighborSet } from "../../../assembly/table/neighbor";
import {
  Port,
  PortAt,
  PortFlag,
  PortKind,
  portAt,
  portRemove,
  portSet,
  TosMode,
} from "../../../assembly/table/port";
import { CapsAt } from "../../../assembly/table/tables";
import {
  fdbRecord,
  hopRecord,
  NONE,
  neighborRecord,
  openNode,
  place,
  portRecord,
  setDomain,
  setFlood,
  setPort,
  setStation,
  used,
} from "./node";

let node: usize = 0;

function users(domain: u32): u32 {
  return Domain.at(domainAt(node, domain)).users;
}

describe("portSet", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0);
    setDomain(node, 1);
  });

  it("makes a port that reads as it was written", () => {
    const rec = portRecord(7, PortKind.Vxlan, 1, PortFlag.Learn | PortFlag.DontFragment);
    store<u64>(rec, 0x0a00000000ff, PortAt.Mac); // and into Ipv4, which comes next
    store<u32>(rec, 0x0a010001, PortAt.Ipv4);
    store<u8>(rec, 16, PortAt.PrefixLen);
    store<u8>(rec, 9, PortAt.Ttl);
    store<u8>(rec, TosMode.Inherit, PortAt.TosMode);
    store<u8>(rec, 0xb8, PortAt.Tos);
    store<u32>(rec, 1450, PortAt.Mtu);
    store<u32>(rec, 0xffffff, PortAt.Vni);
    store<u32>(rec, 3, PortAt.LearnLimit);
    store<u32>(rec, 0xc0000201, PortAt.LocalIpv4);
    store<u16>(rec, 8472, PortAt.UdpPort);
    expect<i32>(portSet(node, rec)).toBe(Status.Ok);
    const port = Port.at(portAt(node, 7));
    expect<u32>(port.kind).toBe(PortKind.Vxlan);
    expect<u32>(port.domain).toBe(1);
    expect<u32>(port.flags).toBe(PortFlag.Learn | PortFlag.DontFragment);
    expect<u64>(port.mac).toBe(0x0a00000000ff);
    expect<u32>(port.ipv4).toBe(0x0a010001);
    expect<u32>(port.ttl).toBe(9);
    expect<u32>(port.tosMode).toBe(TosMode.Inherit);
    expect<u32>(port.tos).toBe(0xb8);
    expect<u32>(port.mtu).toBe(1450);
    expect<u32>(port.vni).toBe(0xffffff);
    expect<u32>(port.learnLimit).toBe(3);
    expect<u32>(port.localIpv4).toBe(0xc0000201);
    expect<u32>(port.udpPort).toBe(8472);
    expect<u32>(used(node, nodeAt.PORT)).toBe(1);
  });

  it("takes a TTL of zero for 64, and an MTU of zero for the longest", () => {
    setPort(node, 0, PortKind.Vxlan);
    expect<u32>(Port.at(portAt(node, 0)).ttl).toBe(64);
    expect<u32>(Port.at(portAt(node, 0)).mtu).toBe(65535);
  });

  it("refuses an index past the capacity", () => {
    expect<i32>(setPort(node, 8, PortKind.Vxlan)).toBe(Status.NoRoom);
    expect<i32>(setPort(node, NONE, PortKind.Vxlan)).toBe(Status.NoRoom);
    node = openNode(CapsAt.Ports, 0);
    expect<i32>(setPort(node, 0, PortKind.Vxlan)).toBe(Status.NoRoom);
  });

  it("refuses a domain that is not set, and changes nothing", () => {
    setPort(node, 0, PortKind.Vxlan, 0);
    expect<i32>(setPort(node, 0, PortKind.Ip, 2)).toBe(Status.NotFound);
    expect<u32>(Port.at(portAt(node, 0)).kind).toBe(PortKind.Vxlan);
    expect<u32>(users(0)).toBe(1);
  });

  it("counts among those who name its domain, once", () => {
    setPort(node, 0, PortKind.Vxlan, 0);
    setPort(node, 0, PortKind.Vxlan, 0);
    expect<u32>(users(0)).toBe(1);
    setPort(node, 0, PortKind.Vxlan, 1);
    expect<u32>(users(0)).toBe(0);
    expect<u32>(users(1)).toBe(1);
    setPort(node, 0, PortKind.Vxlan, NONE);
    expect<u32>(users(1)).toBe(0);
    expect<u32>(used(node, nodeAt.PORT)).toBe(1);
  });

  it("keeps what is counted when it replaces", () => {
    setPort(node, 0, PortKind.Vxlan, 0);
    setStation(node, 0, 2, place(0));
    const rec = portRecord(0, PortKind.Ethernet, 0);
    store<u32>(rec, 77, PortAt.Learned); // which only the table counts
    portSet(node, rec);
    expect<u32>(Port.at(portAt(node, 0)).learned).toBe(1);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
  });
});

describe("portRemove", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0);
    setPort(node, 3, PortKind.Ethernet, 0);
  });

  it("removes, once, and lets its domain go", () => {
    expect<i32>(portRemove(node, 3)).toBe(Status.Ok);
    expect<i32>(portRemove(node, 3)).toBe(Status.NotFound);
    expect<i32>(portRemove(node, 0xffffffff)).toBe(Status.NotFound);
    expect<usize>(portAt(node, 3)).toBe(0);
    expect<u32>(users(0)).toBe(0);
    expect<u32>(used(node, nodeAt.PORT)).toBe(0);
  });

  it("waits for the FDB", () => {
    setStation(node, 0, 2, place(3));
    expect<i32>(portRemove(node, 3)).toBe(Status.Busy);
    fdbDrop(node, fdbEntry(node, fdbRecord(0, 2, 0)));
    expect<i32>(portRemove(node, 3)).toBe(Status.Ok);
  });

  it("waits for the flood list", () => {
    setFlood(node, 0, place(3));
    setFlood(node, 0, place(3));
    expect<i32>(portRemove(node, 3)).toBe(Status.Busy);
    floodRemove(node, 0, place(3));
    expect<i32>(portRemove(node, 3)).toBe(Status.Ok);
  });

  it("waits for hops", () => {
    const rec = hopRecord(0, HopKind.Connected);
    store<u16>(rec, 3, HopAt.Port);
    hopSet(node, rec);
    hopSet(node, rec);
    expect<i32>(portRemove(node, 3)).toBe(Status.Busy);
    hopRemove(node, 0);
    expect<i32>(portRemove(node, 3)).toBe(Status.Ok);
  });

  it("waits for neighbors", () => {
    neighborSet(node, neighborRecord(3, 0x0a000001));
    neighborSet(node, neighborRecord(3, 0x0a000001));
    expect<i32>(portRemove(node, 3)).toBe(Status.Busy);
    neighborRemove(node, neighborRecord(3, 0x0a000001));
    expect<i32>(portRemove(node, 3)).toBe(Status.Ok);
  });
});
