import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { goesBack, pathMtu } from "../../../assembly/path/outer";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { Port, PortAt, PortFlag, PortKind, portAt, portSet } from "../../../assembly/table/port";
import { RemoteAt, remoteSet } from "../../../assembly/table/remote";
import { routeInsert } from "../../../assembly/table/route";
import { ETHERTYPE_ARP_NET, ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { ICMP_FRAGMENTATION_NEEDED, Icmp } from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import {
  counted,
  hopRecord,
  NONE,
  openNode,
  place,
  portRecord,
  remoteRecord,
  setDomain,
  setFlood,
  setRemote,
  setStation,
} from "../table/node";
import {
  fate,
  HERE,
  inAt,
  OWN_VTEP,
  openBurst,
  outAt,
  pushAt,
  pushIp,
  putIp,
  roomFor,
  run,
  THERE,
  VTEP,
} from "./packets";

const STATION: u64 = 0x020000000002;
const OWN_MAC: u64 = 0x020000000004;
const OURS: u32 = 0x0a0100fe;
const PATH_MTU: u32 = 1000;

let node: usize = 0;
let burst: usize = 0;

function setMouth(kind: u32, flags: u32): void {
  const rec = portRecord(0, kind, 0, flags);
  store<u32>(rec, 1450, PortAt.Mtu);
  store<u32>(rec, OURS, PortAt.Ipv4);
  store<u32>(rec, 5, PortAt.Vni);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  portSet(node, rec);
}

function setPath(remote: u32, mtu: u32): void {
  const rec = remoteRecord(remote, VTEP + remote);
  store<u32>(rec, mtu, RemoteAt.Mtu);
  remoteSet(node, rec);
}

/** Remote 0 has the subnet of THERE, remote 1 that of HERE, by routes; a station is behind 0. */
function begin(kind: u32, flags: u32 = 0): void {
  node = openNode();
  burst = openBurst(node);
  setDomain(node, 0, 5);
  setMouth(kind, flags);
  setRemote(node, 0, VTEP);
  setRemote(node, 1, VTEP + 1);
  for (let remote: u32 = 0; remote < 2; remote++) {
    const rec = hopRecord(remote, HopKind.Unicast);
    store<u16>(rec, <u16>remote, HopAt.Remote);
    hopSet(node, rec);
  }
  routeInsert(node, THERE & 0xffff0000, 16, 0);
  routeInsert(node, HERE & 0xffff0000, 16, 1);
  setStation(node, 0, STATION, place(0, 0));
}

/** An IP packet of `len` bytes that may not be cut, or may. */
function putWhole(ptr: usize, len: u32, isWhole: bool): void {
  putIp(ptr, len, PROTOCOL_UDP);
  if (isWhole) Ipv4.at(ptr).setDontFragment();
}

function pushFrame(len: u32, isWhole: bool): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(STATION, OWN_MAC, ETHERTYPE_IPV4_NET);
  putWhole(ptr + 14, len, isWhole);
  const d = pushAt(burst, ptr, 14 + len);
  d.setPort(7);
  return d;
}

function pushPacket(len: u32, isWhole: bool): Desc {
  const ptr = roomFor(node, burst);
  putWhole(ptr, len, isWhole);
  return pushAt(burst, ptr, len, DescFlag.L3);
}

describe("pathMtu", () => {
  it("is what the outer headers leave of the path's", () => {
    begin(PortKind.Vxlan);
    const port = Port.at(portAt(node, 0));
    expect<u32>(pathMtu(node, port, 0)).toBe(65535);
    expect<u32>(pathMtu(node, port, 5)).toBe(65535);
    expect<u32>(pathMtu(node, port, NONE)).toBe(65535);
    setPath(0, 1500);
    expect<u32>(pathMtu(node, port, 0)).toBe(1450);
    setPath(0, 119);
    expect<u32>(pathMtu(node, port, 0)).toBe(69);
    for (let mtu: u32 = 1; mtu < 119; mtu++) {
      setPath(0, mtu);
      expect<u32>(pathMtu(node, port, 0)).toBe(68);
    }
    setPath(0, 1500);
    setMouth(PortKind.UdpTunnel, 0);
    expect<u32>(pathMtu(node, port, 0)).toBe(1472);
    setMouth(PortKind.Ipip, 0);
    expect<u32>(pathMtu(node, port, 0)).toBe(1480);
  });
});

describe("a frame that is too long for the path", () => {
  beforeEach(() => {
    begin(PortKind.Vxlan);
    setPath(0, PATH_MTU);
  });

  it("is told so in a frame, where it may not be cut", () => {
    pushFrame(PATH_MTU - 50, true);
    const d = pushFrame(PATH_MTU - 49, true);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<i32>(d.verdict).toBe(Status.TooBig);
    const o = outAt(burst, 1);
    expect<u32>(o.port).toBe(7);
    expect<u32>(o.flags).toBe(DescFlag.Originated);
    expect<u64>(Ethernet.at(o.ptr).src).toBe(STATION);
    expect<u64>(Ethernet.at(o.ptr).dst).toBe(OWN_MAC);
    const ip = Ipv4.at(o.ptr + 14);
    expect<i32>(Ipv4.check(o.ptr + 14, o.len - 14)).toBe(Status.Ok);
    expect<u32>(ip.src).toBe(OURS);
    expect<u32>(ip.dst).toBe(HERE);
    const icmp = Icmp.at(ip.payload);
    expect<u32>(icmp.type).toBe(3);
    expect<u32>(icmp.code).toBe(ICMP_FRAGMENTATION_NEEDED);
    expect<u32>(bswap<u16>(load<u16>(ip.payload + 6))).toBe(PATH_MTU - 50);
  });

  it("goes on where it may be cut, and where nobody knows", () => {
    pushFrame(PATH_MTU - 49, false);
    Ethernet.at(pushFrame(PATH_MTU - 49, true).ptr).emit(STATION, OWN_MAC, ETHERTYPE_ARP_NET);
    store<u8>(pushFrame(PATH_MTU - 49, true).ptr + 14, 0x65); // not of version 4
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(3);
    for (let at: u32 = 0; at < 3; at++) {
      expect<u32>(outAt(burst, at).len).toBe(8 + 14 + PATH_MTU - 49);
    }
  });

  it("hears the shorter of two limits", () => {
    setPath(0, 9000);
    const d = pushFrame(1451, true);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(0);
    expect<i32>(d.verdict).toBe(Status.TooBig); // as ever, whoever sent it
  });
});

describe("a packet that is too long for the path", () => {
  beforeEach(() => {
    begin(PortKind.UdpTunnel);
    setPath(0, PATH_MTU);
  });

  it("is told so where it may not be cut, and else goes on", () => {
    pushPacket(PATH_MTU - 28, true);
    pushPacket(PATH_MTU - 27, false);
    const d = pushPacket(PATH_MTU - 27, true);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(3);
    expect<i32>(d.verdict).toBe(Status.TooBig);
    expect<u32>(outAt(burst, 1).len).toBe(PATH_MTU - 27);
    const icmp = outAt(burst, 2).ptr + 20;
    expect<u32>(Icmp.at(icmp).code).toBe(ICMP_FRAGMENTATION_NEEDED);
    expect<u32>(bswap<u16>(load<u16>(icmp + 6))).toBe(PATH_MTU - 28);
    expect<u32>(Ipv4.at(d.ptr).ttl).toBe(64);
  });
});

describe("a split horizon", () => {
  it("asks the routes where a source lives", () => {
    begin(PortKind.Vxlan, PortFlag.SplitHorizon);
    expect<bool>(goesBack(node, THERE, 0)).toBe(true);
    expect<bool>(goesBack(node, THERE, 1)).toBe(false);
    expect<bool>(goesBack(node, HERE, 0)).toBe(false);
    expect<bool>(goesBack(node, HERE, 1)).toBe(true);
    expect<bool>(goesBack(node, 0x0b000001, 0)).toBe(false);
    routeInsert(node, 0, 0, 0); // everything else, but not what has no address
    expect<bool>(goesBack(node, 0x0b000001, 0)).toBe(true);
    expect<bool>(goesBack(node, 0, 0)).toBe(false);
  });

  it("keeps packets from the remote that they come from", () => {
    begin(PortKind.UdpTunnel, PortFlag.SplitHorizon);
    routeInsert(node, THERE & 0xffff0000, 16, 1); // a loop: there is behind 1, as here is
    pushIp(node, burst, 64, PROTOCOL_UDP);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.SplitHorizon);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
    setMouth(PortKind.UdpTunnel, 0);
    inAt(burst, 0).setVerdict(0);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Verdict.Consumed);
  });

  it("keeps frames from it, and copies of a flood", () => {
    begin(PortKind.Vxlan, PortFlag.SplitHorizon | PortFlag.Flood);
    setStation(node, 0, STATION, place(0, 1));
    pushFrame(64, true);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.SplitHorizon);
    openBurst(node);
    setFlood(node, 0, place(0, 0));
    setFlood(node, 0, place(0, 1));
    Ethernet.at(pushFrame(64, true).ptr).emit(STATION + 9, OWN_MAC, ETHERTYPE_IPV4_NET);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<u32>(outAt(burst, 0).remote).toBe(0);
    expect<u64>(counted(node, Status.SplitHorizon)).toBe(2);
  });

  it("knows of no source in other frames, or in what is no header", () => {
    begin(PortKind.Vxlan, PortFlag.SplitHorizon);
    setStation(node, 0, STATION, place(0, 1));
    Ethernet.at(pushFrame(64, true).ptr).emit(STATION, OWN_MAC, ETHERTYPE_ARP_NET);
    const d = pushFrame(20, true);
    d.setRange(d.ptr, 33);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    openBurst(node);
    pushFrame(20, true);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.SplitHorizon);
  });
});
