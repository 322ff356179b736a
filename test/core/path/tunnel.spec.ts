import { arena } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortFlag, PortKind, portSet, TosMode } from "../../../assembly/table/port";
import { routeInsert } from "../../../assembly/table/route";
import {
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HOST_UNREACHABLE,
  ICMP_PROHIBITED,
  ICMP_TIME_EXCEEDED,
  Icmp,
} from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Udp } from "../../../assembly/wire/udp";
import { hexOf } from "../bytes";
import { counted, hopRecord, NONE, openNode, portRecord, setRemote } from "../table/node";
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
  run,
  THERE,
  VTEP,
} from "./packets";

const OURS: u32 = 0x0a0100fe;
const LEN: u32 = 64;
const OUTER_LEN: u32 = 42;

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32, mtu: u32 = 0, tosMode: u32 = TosMode.Fixed): void {
  const rec = portRecord(0, PortKind.UdpTunnel, NONE, flags);
  store<u32>(rec, OURS, PortAt.Ipv4);
  store<u32>(rec, mtu, PortAt.Mtu);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, 8285, PortAt.UdpPort);
  store<u8>(rec, <u8>tosMode, PortAt.TosMode);
  portSet(node, rec);
}

/** A route to where packets go. */
function routeTo(kind: u32, remote: u32, mtu: u32 = 0): void {
  const rec = hopRecord(0, kind);
  store<u16>(rec, <u16>remote, HopAt.Remote);
  store<u32>(rec, mtu, HopAt.Mtu);
  hopSet(node, rec);
  routeInsert(node, THERE & 0xffff0000, 16, 0);
}

function begin(): void {
  node = openNode();
  setMouth(0);
  setRemote(node, 0, VTEP);
  burst = openBurst(node);
}

function pushPacket(len: u32 = LEN): Desc {
  return pushIp(node, burst, len, PROTOCOL_UDP);
}

/** Sets TTL and DS field. */
function change(d: Desc, ttl: u32, tos: u32): void {
  const ip = Ipv4.at(d.ptr);
  ip.emit(ip.totalLength, ttl, PROTOCOL_UDP, HERE, THERE);
  ip.setTos(tos);
}

describe("udpEncap", () => {
  beforeEach(() => {
    begin();
    routeTo(HopKind.Unicast, 0);
  });

  it("gives the packet, one hop older, and who gets it", () => {
    const d = pushPacket();
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(1);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr);
    expect<u32>(o.len).toBe(LEN);
    expect<u32>(o.flags).toBe(DescFlag.L3);
    expect<u32>(o.port).toBe(0);
    expect<u32>(o.remote).toBe(0);
    expect<u32>(o.peer).toBe(VTEP);
    expect<u32>(Ipv4.at(o.ptr).ttl).toBe(63);
    expect<i32>(Ipv4.check(o.ptr, LEN)).toBe(Status.Ok);
  });

  it("puts 42 bytes in front of it for a frame", () => {
    setMouth(PortFlag.UdpChecksum);
    const d = pushPacket();
    expect<i32>(run(node, burst, Element.UdpEncapFrame)).toBe(1);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr - OUTER_LEN);
    expect<u32>(o.len).toBe(OUTER_LEN + LEN);
    expect<u32>(o.flags).toBe(DescFlag.OuterFrame);
    const outer = Ipv4.at(o.ptr + 14);
    expect<i32>(Ipv4.check(o.ptr + 14, o.len - 14)).toBe(Status.Ok);
    const udp = Udp.at(outer.payload);
    expect<u32>(udp.srcPort).toBe(8285);
    expect<u32>(udp.dstPort).toBe(8285);
    expect<u32>(udp.payloadLen).toBe(LEN);
    expect<bool>(udp.checksum != 0 && udp.isChecksumValid(outer.pseudo())).toBe(true);
  });

  it("cuts what trails the packet", () => {
    const d = pushPacket();
    d.setRange(d.ptr, LEN + 9);
    run(node, burst, Element.UdpEncap);
    expect<u32>(outAt(burst, 0).len).toBe(LEN);
  });

  it("leaves alone what others hold as well", () => {
    const d = pushPacket();
    const before = hexOf(d.ptr - OUTER_LEN, OUTER_LEN + LEN);
    d.addFlags(DescFlag.Shared);
    expect<i32>(run(node, burst, Element.UdpEncapFrame)).toBe(1);
    expect<string>(hexOf(d.ptr - OUTER_LEN, OUTER_LEN + LEN)).toBe(before);
    const o = outAt(burst, 0);
    expect<u32>(o.flags).toBe(DescFlag.OuterFrame);
    expect<string>(hexOf(o.ptr + OUTER_LEN + 20, LEN - 20)).toBe(hexOf(d.ptr + 20, LEN - 20));
    openBurst(node);
    pushPacket().addFlags(DescFlag.Shared);
    store<u32>(burst, LEN - 1, BurstAt.SpareLen);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.NoRoom);
  });

  it("inherits the DS field where the port says so", () => {
    setMouth(PortFlag.Ecn, 0, TosMode.Inherit);
    change(pushPacket(), 64, 0xba);
    run(node, burst, Element.UdpEncap);
    expect<u32>(outAt(burst, 0).tos).toBe(0xba);
  });

  it("refuses what is no IPv4 packet", () => {
    pushPacket().dropFlags(DescFlag.L3);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.BadProtocol);
    openBurst(node);
    store<u8>(pushPacket().ptr, 0x65);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.BadVersion);
    openBurst(node);
    const d = pushPacket();
    d.setRange(d.ptr, LEN - 1);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.Truncated);
    openBurst(node);
    pushPacket().addFlags(DescFlag.CsumPartial);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.NeedsOffload);
  });

  it("refuses a packet without the headroom of a frame", () => {
    putIp(arena(node) + 41, LEN, PROTOCOL_UDP);
    pushAt(burst, arena(node) + 41, LEN, DescFlag.L3);
    expect<i32>(fate(node, burst, Element.UdpEncapFrame)).toBe(Status.BadArgument);
    inAt(burst, 0).setVerdict(0);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Verdict.Consumed);
  });

  it("ends a packet whose TTL is one or zero, and tells its sender", () => {
    change(pushPacket(), 2, 0);
    change(pushPacket(), 1, 0);
    change(pushPacket(), 0, 0);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(3);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr).ttl).toBe(1);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.TtlExceeded);
    expect<i32>(inAt(burst, 2).verdict).toBe(Status.TtlExceeded);
    expect<u32>(Icmp.at(outAt(burst, 1).ptr + 20).type).toBe(ICMP_TIME_EXCEEDED);
  });

  it("says no more than flannel would where the port asks for that", () => {
    setMouth(PortFlag.FlannelUnreachable, LEN);
    change(pushPacket(), 1, 0);
    const d = pushPacket(LEN + 1);
    Ipv4.at(d.ptr).setDontFragment();
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(0);
    expect<u64>(counted(node, Status.ErrorSuppressed)).toBe(2);
  });

  it("tells who forbids fragments how long a packet may be", () => {
    setMouth(0, LEN);
    const d = pushPacket(LEN + 1);
    Ipv4.at(d.ptr).setDontFragment();
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.TooBig);
    const icmp = Icmp.at(outAt(burst, 0).ptr + 20);
    expect<u32>(icmp.code).toBe(ICMP_FRAGMENTATION_NEEDED);
    expect<u32>(icmp.nextHopMtu).toBe(LEN);
  });

  it("leaves to its node what a route calls local", () => {
    routeTo(HopKind.Local, NONE);
    pushPacket();
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Verdict.ForUs);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
  });

  it("is not for what goes by another port", () => {
    portSet(node, portRecord(1, PortKind.UdpTunnel));
    const rec = hopRecord(0, HopKind.Unicast);
    store<u16>(rec, 0, HopAt.Remote);
    store<u16>(rec, 1, HopAt.Port);
    hopSet(node, rec);
    pushPacket();
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.NotForUs);
  });

  it("holds a packet against the MTU of its hop, or else the port's", () => {
    setMouth(0, LEN);
    pushPacket();
    pushPacket(LEN + 1);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(1);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.TooBig);
    routeTo(HopKind.Unicast, 0, LEN + 1);
    openBurst(node);
    pushPacket(LEN + 1);
    pushPacket(LEN + 2);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(1);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.TooBig);
  });

  it("sends nothing back to the remote that it came from", () => {
    const d = pushPacket();
    d.addFlags(DescFlag.Decapped);
    d.setRemote(0);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.SplitHorizon);
    expect<u32>(Ipv4.at(d.ptr).ttl).toBe(64);
  });
});

describe("udpEncap, of what no route carries,", () => {
  beforeEach(begin);

  it("asks the route before the TTL", () => {
    change(pushPacket(), 1, 0);
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.NoRoute);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(1);
  });

  it("drops in silence into a blackhole", () => {
    routeTo(HopKind.Blackhole, NONE);
    pushPacket();
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.Blackhole);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
    expect<u64>(counted(node, Status.ErrorSuppressed)).toBe(0);
  });

  it("tells who may not go there", () => {
    routeTo(HopKind.Prohibit, NONE);
    pushPacket();
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.Prohibited);
    const error = Ipv4.at(outAt(burst, 0).ptr);
    expect<u32>(error.src).toBe(OURS);
    expect<u32>(Icmp.at(error.payload).code).toBe(ICMP_PROHIBITED);
  });

  it("tells that a hop without a remote leads nowhere", () => {
    for (let kind = HopKind.Unicast; kind <= HopKind.Connected; kind += 2) {
      routeTo(kind, NONE);
      openBurst(node);
      pushPacket();
      expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.NoRoute);
      expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(1);
    }
  });

  it("tells that a route leads nowhere on purpose", () => {
    routeTo(HopKind.Unreachable, NONE);
    pushPacket();
    expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.Unreachable);
    expect<u32>(Icmp.at(outAt(burst, 0).ptr + 20).code).toBe(ICMP_HOST_UNREACHABLE);
  });
});
