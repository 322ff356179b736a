import { Status } from "../../../assembly/base/status";
import { Domain, domainAt, domainRemove } from "../../../assembly/table/domain";
import { fdbLearn } from "../../../assembly/table/fdb";
import {
  Port,
  PortAt,
  PortFlag,
  PortKind,
  portAt,
  portRemove,
  portSet,
} from "../../../assembly/table/port";
import { CapsAt } from "../../../assembly/table/tables";
import { NONE, openNode, place, portRecord, setDomain, setPort } from "./node";

const PORTS: u32 = 3;

let node: usize = 0;

describe("ports", () => {
  beforeEach(() => {
    node = openNode(CapsAt.Ports, PORTS);
    setDomain(node, 0);
    setDomain(node, 1);
  });

  it("read as they were set, and zeros as what they mean", () => {
    const rec = portRecord(1, PortKind.Vxlan, 0, PortFlag.Learn);
    store<u64>(rec, 0x010000000002, PortAt.Mac); // and four zeros: no address
    store<u32>(rec, 0x0a000001, PortAt.LocalIpv4);
    store<u16>(rec, 8472, PortAt.UdpPort);
    expect<i32>(portSet(node, rec)).toBe(Status.Ok);
    const port = Port.at(portAt(node, 1));
    expect<u32>(port.kind).toBe(PortKind.Vxlan);
    expect<u32>(port.domain).toBe(0);
    expect<u64>(port.mac).toBe(0x010000000002);
    expect<u32>(port.flags).toBe(PortFlag.Learn);
    expect<u32>(port.localIpv4).toBe(0x0a000001);
    expect<u32>(port.udpPort).toBe(8472);
    expect<u32>(port.ttl).toBe(64);
    expect<u32>(port.mtu).toBe(65535);
  });

  it("end at the capacity, and need their domain", () => {
    expect<i32>(setPort(node, PORTS, PortKind.Ip)).toBe(Status.NoRoom);
    expect<i32>(setPort(node, NONE, PortKind.Ip)).toBe(Status.NoRoom);
    expect<i32>(setPort(node, 0, PortKind.Ethernet, 2)).toBe(Status.NotFound);
    expect<usize>(portAt(node, 0)).toBe(0);
    expect<i32>(setPort(node, 0, PortKind.Ip)).toBe(Status.Ok);
  });

  it("let go of one domain when they go to another", () => {
    setPort(node, 0, PortKind.Ethernet, 0);
    setPort(node, 0, PortKind.Ethernet, 0);
    expect<u32>(Domain.at(domainAt(node, 0)).users).toBe(1);
    setPort(node, 0, PortKind.Ethernet, 1);
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(domainRemove(node, 1)).toBe(Status.Busy);
    expect<i32>(setPort(node, 0, PortKind.Ethernet, 0)).toBe(Status.NotFound);
    expect<u32>(Port.at(portAt(node, 0)).domain).toBe(1);
    setPort(node, 0, PortKind.Ethernet);
    expect<i32>(domainRemove(node, 1)).toBe(Status.Ok);
  });

  it("keep what they learned through a replacement, whatever the record says", () => {
    setPort(node, 0, PortKind.Ethernet, 0);
    fdbLearn(node, 0, 0x010000000002, place(0), 0);
    const rec = portRecord(0, PortKind.Ethernet, 1);
    store<u32>(rec, 99, PortAt.Learned);
    expect<i32>(portSet(node, rec)).toBe(Status.Ok);
    expect<u32>(Port.at(portAt(node, 0)).learned).toBe(1);
    expect<u32>(Port.at(portAt(node, 0)).users).toBe(1);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
  });

  it("go once", () => {
    setPort(node, 0, PortKind.Ethernet, 0);
    expect<i32>(portRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(portRemove(node, 0)).toBe(Status.NotFound);
    expect<i32>(portRemove(node, 0xffffffff)).toBe(Status.NotFound);
    expect<u32>(Domain.at(domainAt(node, 0)).users).toBe(0);
  });
});
