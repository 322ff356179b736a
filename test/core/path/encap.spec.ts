import { arena, nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescAt, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { frameHash } from "../../../assembly/path/flow";
import { PortAt, PortFlag, PortKind, portSet, TosMode } from "../../../assembly/table/port";
import {
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_IPV6_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
} from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Udp } from "../../../assembly/wire/udp";
import { Vxlan } from "../../../assembly/wire/vxlan";
import { hexOf } from "../bytes";
import {
  NONE,
  openNode,
  place,
  portRecord,
  setDomain,
  setPort,
  setRemote,
  setStation,
} from "../table/node";
import {
  fate,
  inAt,
  OWN_VTEP,
  openBurst,
  outAt,
  pieceAt,
  pieceLen,
  push,
  pushAt,
  putIp,
  roomFor,
  run,
  VTEP,
} from "./packets";

const STATION: u64 = 0x020000000002;
const FRAME = "020000000002 020000000001 88b5 0102030405";
const FRAME_LEN: u32 = 19;
const MTU: u32 = 1450;
const OUTER_LEN: u32 = 50;

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32, tosMode: u32 = TosMode.Fixed): void {
  const rec = portRecord(0, PortKind.Vxlan, 0, flags);
  store<u32>(rec, 5, PortAt.Vni);
  store<u32>(rec, MTU, PortAt.Mtu);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, 8472, PortAt.UdpPort);
  store<u8>(rec, <u8>tosMode, PortAt.TosMode);
  portSet(node, rec);
}

function begin(): void {
  node = openNode();
  setDomain(node, 0, 5, 300);
  setDomain(node, 1, 6);
  setMouth(PortFlag.Flood);
  setPort(node, 1, PortKind.Vxlan, 0);
  for (let remote: u32 = 0; remote < 4; remote++) setRemote(node, remote, VTEP + remote);
  burst = openBurst(node);
}

function knowStation(): void {
  setStation(node, 0, STATION, place(0, 1));
}

/** A frame of `len` bytes of this type. */
function pushLong(len: u32, etherType: u32): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(STATION, 4, etherType);
  return pushAt(burst, ptr, len);
}

describe("vxlanEncap, of a known station,", () => {
  beforeEach(() => {
    begin();
    knowStation();
  });

  it("puts eight bytes in front of the frame for a datagram", () => {
    const d = push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr - 8);
    expect<u32>(o.len).toBe(8 + FRAME_LEN);
    expect<string>(hexOf(o.ptr, 8)).toBe("0800000000000500");
    expect<u32>(o.flags).toBe(0);
    expect<u32>(o.port).toBe(0);
    expect<u32>(o.remote).toBe(1);
    expect<u32>(o.peer).toBe(VTEP + 1);
    expect<u32>(o.vni).toBe(5);
    const hash = frameHash(load<u64>(node, nodeAt.SEED), d.ptr, d.len);
    expect<u8>(load<u8>(changetype<usize>(o), DescAt.Lane)).toBe(<u8>hash);
  });

  it("puts fifty bytes in front of it for a frame", () => {
    setMouth(PortFlag.UdpChecksum | PortFlag.LinuxMode);
    const d = push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncapFrame)).toBe(1);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr - OUTER_LEN);
    expect<u32>(o.len).toBe(OUTER_LEN + FRAME_LEN);
    expect<u32>(o.flags).toBe(DescFlag.OuterFrame);
    expect<i32>(Ipv4.check(o.ptr + 14, o.len - 14)).toBe(Status.Ok);
    const udp = Udp.at(o.ptr + 34);
    expect<i32>(Udp.check(o.ptr + 34, 16 + FRAME_LEN)).toBe(Status.Ok);
    expect<bool>(udp.checksum != 0).toBe(true);
    expect<bool>(udp.isChecksumValid(Ipv4.at(o.ptr + 14).pseudo())).toBe(true);
    expect<bool>(udp.srcPort >= 32768 && udp.srcPort <= 60999).toBe(true);
    expect<u32>(Vxlan.at(o.ptr + 42).vni).toBe(5);
  });

  it("inherits the DS field of IPv4, and of nothing else", () => {
    setMouth(0, TosMode.Inherit);
    const ptr = roomFor(node, burst);
    Ethernet.at(ptr).emit(STATION, 4, ETHERTYPE_IPV4_NET);
    putIp(ptr + 14, 40, PROTOCOL_UDP);
    Ipv4.at(ptr + 14).setTos(0xb8);
    pushAt(burst, ptr, 54);
    pushAt(burst, ptr, 33); // too short to have one
    pushLong(54, ETHERTYPE_IPV6_NET);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(3);
    expect<u32>(outAt(burst, 0).tos).toBe(0xb8);
    expect<u32>(outAt(burst, 1).tos).toBe(0);
    expect<u32>(outAt(burst, 2).tos).toBe(0);
  });

  it("refuses what is no frame", () => {
    push(node, burst, FRAME, DescFlag.L3);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.BadProtocol);
    openBurst(node);
    push(node, burst, "0200000000020200000000018 8").setRange(roomFor(node, burst), 13);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.Truncated);
    openBurst(node);
    push(node, burst, FRAME, DescFlag.Gather);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.NeedsOffload);
  });

  it("refuses a frame without the headroom it needs", () => {
    pushAt(burst, arena(node) + 8, FRAME_LEN);
    pushAt(burst, arena(node) + 7, FRAME_LEN);
    Ethernet.at(arena(node) + 8).emit(STATION, 4, 0xb588);
    run(node, burst, Element.VxlanEncap);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.BadArgument);
    openBurst(node);
    pushAt(burst, arena(node) + 49, FRAME_LEN);
    expect<i32>(fate(node, burst, Element.VxlanEncapFrame)).toBe(Status.BadArgument);
  });

  it("holds the packet against the MTU, without its tag", () => {
    pushLong(14 + MTU, ETHERTYPE_IPV4_NET);
    pushLong(14 + MTU + 1, ETHERTYPE_IPV4_NET);
    pushLong(18 + MTU, ETHERTYPE_VLAN_NET);
    pushLong(18 + MTU + 1, ETHERTYPE_VLAN_NET);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.TooBig);
    expect<i32>(inAt(burst, 3).verdict).toBe(Status.TooBig);
  });

  it("sends nothing back to where it came from", () => {
    push(node, burst, FRAME, DescFlag.Decapped).setRemote(1);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.SplitHorizon);
  });

  it("drops what is for a station behind another port, or behind no remote", () => {
    setStation(node, 0, STATION, place(1, 1));
    push(node, burst, FRAME);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.NotForUs);
    setStation(node, 0, STATION, place(0));
    openBurst(node);
    push(node, burst, FRAME);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.BadRemote);
  });

  it("needs a descriptor for what comes out", () => {
    push(node, burst, FRAME);
    push(node, burst, FRAME);
    store<u32>(burst, 1, BurstAt.OutCap);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.NoRoom);
  });
});

describe("vxlanEncap, of bytes that others hold as well,", () => {
  beforeEach(() => {
    begin();
    setMouth(PortFlag.ManyVnis);
    setStation(node, 0, STATION, place(0, 1));
    setStation(node, 1, STATION, place(0, 2));
  });

  it("writes nothing in front of them", () => {
    const d = push(node, burst, FRAME, DescFlag.Shared);
    d.setVni(5);
    pushAt(burst, d.ptr, d.len, DescFlag.Shared).setVni(6);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    for (let index: u32 = 0; index < 2; index++) {
      const o = outAt(burst, index);
      expect<u32>(o.flags).toBe(DescFlag.Gather | DescFlag.Shared);
      expect<u32>(o.vni).toBe(5 + index);
      expect<u32>(Vxlan.at(pieceAt(o, 0)).vni).toBe(5 + index);
      expect<u32>(pieceLen(o, 0)).toBe(8);
      expect<usize>(pieceAt(o, 1)).toBe(d.ptr);
      expect<u32>(pieceLen(o, 1)).toBe(d.len);
    }
  });

  it("needs spare bytes and pieces", () => {
    push(node, burst, FRAME, DescFlag.Shared).setVni(5);
    store<u32>(burst, 7, BurstAt.SpareLen);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.NoRoom);
    openBurst(node);
    push(node, burst, FRAME, DescFlag.Shared).setVni(5);
    store<u32>(burst, 1, BurstAt.PieceCap);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.NoRoom);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
  });

  it("takes the domain that the VNI names, or none", () => {
    push(node, burst, FRAME).setVni(6);
    push(node, burst, FRAME).setVni(7);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<u32>(outAt(burst, 0).remote).toBe(2);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.UnknownVni);
    setPort(node, 0, PortKind.Vxlan, NONE);
    openBurst(node);
    push(node, burst, FRAME).setVni(5);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.UnknownVni);
  });
});
