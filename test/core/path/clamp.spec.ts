import { Status } from "../../../assembly/base/status";
import { clampFrame, clampMss, needsClamp } from "../../../assembly/path/clamp";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { RemoteAt, remoteSet } from "../../../assembly/table/remote";
import { routeInsert } from "../../../assembly/table/route";
import { ETHERTYPE_ARP_NET, ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Tcp } from "../../../assembly/wire/tcp";
import { put } from "../bytes";
import {
  hopRecord,
  NONE,
  openNode,
  place,
  portRecord,
  remoteRecord,
  setDomain,
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
  pieceAt,
  pushAt,
  roomFor,
  run,
  THERE,
  VTEP,
} from "./packets";

const STATION: u64 = 0x020000000002;
const SYN = "9c40 0050 0000 0001 0000 0000 6002 ffff 0000 0000 0204 05b4"; // 1460
const LEN: u32 = 44;
const MSS: u32 = 1460;

let node: usize = 0;
let burst: usize = 0;

/** A SYN in an IP packet, its checksums right. */
function putSyn(ptr: usize): void {
  put(ptr + 20, SYN);
  Ipv4.at(ptr).emit(LEN, 64, PROTOCOL_TCP, HERE, THERE);
  Tcp.at(ptr + 20).fillChecksum(Ipv4.at(ptr).pseudo(), LEN - 20);
}

function mssOf(packet: usize): u32 {
  const tcp = Tcp.at(packet + 20);
  expect<bool>(tcp.isChecksumValid(Ipv4.at(packet).pseudo(), LEN - 20)).toBe(true);
  return bswap<u16>(load<u16>(packet + 42));
}

/** The mouth of a tunnel, the route into it, and the path of its remote. */
function begin(kind: u32, pathMtu: u32): void {
  node = openNode();
  burst = openBurst(node);
  setDomain(node, 0, 5);
  const rec = portRecord(0, kind, 0, PortFlag.MssClamp);
  store<u32>(rec, 1450, PortAt.Mtu);
  store<u32>(rec, 5, PortAt.Vni);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  portSet(node, rec);
  const remote = remoteRecord(0, VTEP);
  store<u32>(remote, pathMtu, RemoteAt.Mtu);
  remoteSet(node, remote);
  setStation(node, 0, STATION, place(0, 0));
  const hop = hopRecord(0, HopKind.Unicast);
  store<u16>(hop, 0, HopAt.Remote);
  hopSet(node, hop);
  routeInsert(node, THERE & 0xffff0000, 16, 0);
}

function pushSyn(flags: u32): Desc {
  const ptr = roomFor(node, burst);
  putSyn(ptr);
  return pushAt(burst, ptr, LEN, flags);
}

function pushFrame(flags: u32): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(STATION, 4, ETHERTYPE_IPV4_NET);
  putSyn(ptr + 14);
  return pushAt(burst, ptr, 14 + LEN, flags);
}

function pushDatagram(flags: u32): Desc {
  const ptr = roomFor(node, burst);
  store<u64>(ptr, 0x0005000000000008);
  Ethernet.at(ptr + 8).emit(4, STATION, ETHERTYPE_IPV4_NET);
  putSyn(ptr + 22);
  const d = pushAt(burst, ptr, 22 + LEN, flags);
  d.setPeer(VTEP);
  return d;
}

describe("clampMss", () => {
  beforeEach(() => {
    begin(PortKind.UdpTunnel, 0);
    putSyn(roomFor(node, burst));
  });

  it("leaves room for both headers, and never offers more than was", () => {
    const packet = roomFor(node, burst);
    clampMss(packet, MSS + 40);
    expect<u32>(mssOf(packet)).toBe(MSS);
    clampMss(packet, MSS + 39);
    expect<u32>(mssOf(packet)).toBe(MSS - 1);
    clampMss(packet, 68);
    expect<u32>(mssOf(packet)).toBe(28);
    clampMss(packet, 40);
    expect<u32>(mssOf(packet)).toBe(0);
    clampMss(packet, 39); // there is no such offer
    expect<u32>(mssOf(packet)).toBe(0);
  });

  it("passes over what is no SYN, no TCP, no beginning, or not whole", () => {
    const packet = roomFor(node, burst);
    const ip = Ipv4.at(packet);
    ip.emit(LEN, 64, PROTOCOL_UDP, HERE, THERE);
    clampMss(packet, 100);
    expect<u32>(bswap<u16>(load<u16>(packet + 42))).toBe(MSS);
    ip.emit(LEN, 64, PROTOCOL_TCP, HERE, THERE);
    store<u16>(packet + 6, 0x0100); // as it lies: 8 bytes into the datagram
    clampMss(packet, 100);
    expect<u32>(bswap<u16>(load<u16>(packet + 42))).toBe(MSS);
    store<u16>(packet + 6, 0x0020); // the first fragment
    store<u8>(packet + 33, 0x10);
    clampMss(packet, 100);
    expect<u32>(bswap<u16>(load<u16>(packet + 42))).toBe(MSS);
    store<u8>(packet + 33, 0x02);
    store<u8>(packet + 32, 0x70); // a header that ends behind the packet
    clampMss(packet, 100);
    expect<u32>(bswap<u16>(load<u16>(packet + 42))).toBe(MSS);
    store<u8>(packet + 32, 0x60);
    clampMss(packet, 100);
    expect<u32>(bswap<u16>(load<u16>(packet + 42))).toBe(60);
  });

  it("looks into frames that hold a legal packet", () => {
    const frame = roomFor(node, burst);
    Ethernet.at(frame).emit(STATION, 4, ETHERTYPE_IPV4_NET);
    putSyn(frame + 14);
    expect<bool>(needsClamp(frame, 14 + LEN, MSS + 40)).toBe(false);
    expect<bool>(needsClamp(frame, 14 + LEN, MSS + 39)).toBe(true);
    expect<bool>(needsClamp(frame, 13 + LEN, MSS + 39)).toBe(false);
    Ethernet.at(frame).emit(STATION, 4, ETHERTYPE_ARP_NET);
    expect<bool>(needsClamp(frame, 14 + LEN, MSS + 39)).toBe(false);
    clampFrame(frame, 14 + LEN, 100);
    expect<u32>(mssOf(frame + 14)).toBe(MSS);
    Ethernet.at(frame).emit(STATION, 4, ETHERTYPE_IPV4_NET);
    clampFrame(frame, 14 + LEN, 100);
    expect<u32>(mssOf(frame + 14)).toBe(60);
  });
});

describe("a port that clamps", () => {
  it("does so on the way in, by its own MTU and by the path's", () => {
    begin(PortKind.UdpTunnel, 0);
    pushSyn(DescFlag.L3);
    run(node, burst, Element.UdpEncap);
    expect<u32>(mssOf(outAt(burst, 0).ptr)).toBe(1410);
    begin(PortKind.UdpTunnel, 1400);
    pushSyn(DescFlag.L3);
    run(node, burst, Element.UdpEncap);
    expect<u32>(mssOf(outAt(burst, 0).ptr)).toBe(1400 - 28 - 40);
    begin(PortKind.Vxlan, 1400);
    pushFrame(0);
    run(node, burst, Element.VxlanEncap);
    expect<u32>(mssOf(outAt(burst, 0).ptr + 22)).toBe(1400 - 50 - 40);
    begin(PortKind.Ipip, 1400);
    pushSyn(DescFlag.L3);
    run(node, burst, Element.IpipEncapFrame);
    expect<u32>(mssOf(outAt(burst, 0).ptr + 34)).toBe(1400 - 20 - 40);
  });

  it("does so on the way out", () => {
    begin(PortKind.UdpTunnel, 1400);
    const d = pushSyn(0);
    d.setPeer(VTEP);
    run(node, burst, Element.UdpDecap);
    expect<u32>(mssOf(outAt(burst, 0).ptr)).toBe(1400 - 28 - 40);
    begin(PortKind.Vxlan, 1400);
    pushDatagram(0);
    run(node, burst, Element.VxlanDecap);
    expect<u32>(mssOf(outAt(burst, 0).ptr + 14)).toBe(1400 - 50 - 40);
    begin(PortKind.Vxlan, 1400);
    pushDatagram(0).setPeer(VTEP + 1); // a peer that is no remote
    run(node, burst, Element.VxlanDecap);
    expect<u32>(mssOf(outAt(burst, 0).ptr + 14)).toBe(1410);
  });

  it("changes nothing that others hold, too", () => {
    begin(PortKind.UdpTunnel, 0);
    const packet = pushSyn(DescFlag.L3 | DescFlag.Shared);
    run(node, burst, Element.UdpEncap);
    expect<u32>(mssOf(outAt(burst, 0).ptr)).toBe(1410);
    expect<u32>(mssOf(packet.ptr)).toBe(MSS);
    begin(PortKind.Vxlan, 0);
    const frame = pushFrame(DescFlag.Shared);
    run(node, burst, Element.VxlanEncap);
    expect<usize>(pieceAt(outAt(burst, 0), 1)).toBe(frame.ptr);
    expect<u32>(mssOf(frame.ptr + 14)).toBe(MSS);
    begin(PortKind.Vxlan, 0);
    const datagram = pushDatagram(DescFlag.Shared);
    run(node, burst, Element.VxlanDecap);
    const o = outAt(burst, 0);
    expect<u32>(mssOf(o.ptr + 14)).toBe(1410);
    expect<u32>(mssOf(datagram.ptr + 22)).toBe(MSS);
    expect<u32>(o.flags).toBe(DescFlag.Decapped);
  });

  it("needs room for a copy, and no other does it", () => {
    begin(PortKind.Vxlan, 0);
    store<u32>(burst, 0, 24); // SpareLen
    pushDatagram(DescFlag.Shared);
    expect<i32>(fate(node, burst, Element.VxlanDecap)).toBe(Status.NoRoom);
    begin(PortKind.Vxlan, 0);
    const rec = portRecord(0, PortKind.Vxlan, 0);
    store<u32>(rec, 5, PortAt.Vni);
    portSet(node, rec);
    pushDatagram(0);
    pushFrame(0);
    run(node, burst, Element.VxlanDecap);
    expect<u32>(mssOf(outAt(burst, 0).ptr + 14)).toBe(MSS);
    expect<i32>(setRemote(node, NONE, VTEP)).toBe(0);
    inAt(burst, 1).setVerdict(0);
    run(node, burst, Element.VxlanEncap);
    expect<u32>(mssOf(outAt(burst, 0).ptr + 22)).toBe(MSS);
  });
});
