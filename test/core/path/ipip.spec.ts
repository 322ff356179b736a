import { arena } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { RemoteAt, RemoteFlag, remoteSet } from "../../../assembly/table/remote";
import { routeInsert } from "../../../assembly/table/route";
import { ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_IPIP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf } from "../bytes";
import { hopRecord, NONE, openNode, portRecord, remoteRecord, setRemote } from "../table/node";
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

const LEN: u32 = 64;
const OUTER_LEN: u32 = 34;

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32, mtu: u32 = 0): void {
  const rec = portRecord(0, PortKind.Ipip, NONE, flags);
  store<u32>(rec, mtu, PortAt.Mtu);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u8>(rec, 7, PortAt.Ttl);
  portSet(node, rec);
}

function begin(): void {
  node = openNode();
  setMouth(0);
  setRemote(node, 0, VTEP);
  const rec = hopRecord(0, HopKind.Unicast);
  store<u16>(rec, 0, HopAt.Remote);
  hopSet(node, rec);
  routeInsert(node, 0, 0, 0);
  burst = openBurst(node);
}

function ipOf(o: Desc): Ipv4 {
  return Ipv4.at(o.ptr + 14);
}

/** What becomes of one packet from `src` to `dst` that is to go in. */
function fateOf(src: u32, dst: u32, ttl: u32, flags: u32 = 0): i32 {
  openBurst(node);
  const d = pushIp(node, burst, LEN, PROTOCOL_UDP);
  Ipv4.at(d.ptr).emit(LEN, ttl, PROTOCOL_UDP, src, dst);
  d.addFlags(flags);
  return fate(node, burst, Element.IpipEncapFrame);
}

describe("ipipEncap", () => {
  beforeEach(begin);

  it("puts twenty bytes of IPv4 in front, and Ethernet", () => {
    setMouth(PortFlag.Ecn);
    const d = pushIp(node, burst, LEN, PROTOCOL_UDP);
    Ipv4.at(d.ptr).setTos(2);
    expect<i32>(run(node, burst, Element.IpipEncapFrame)).toBe(1);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr - OUTER_LEN);
    expect<u32>(o.len).toBe(OUTER_LEN + LEN);
    expect<u32>(o.flags).toBe(DescFlag.OuterFrame);
    expect<u32>(o.remote).toBe(0);
    expect<u32>(o.peer).toBe(VTEP);
    expect<u32>(Ethernet.at(o.ptr).etherTypeNet).toBe(ETHERTYPE_IPV4_NET);
    const ip = ipOf(o);
    expect<i32>(Ipv4.check(o.ptr + 14, 20 + LEN)).toBe(Status.Ok);
    expect<u32>(ip.protocol).toBe(PROTOCOL_IPIP);
    expect<u32>(ip.totalLength).toBe(20 + LEN);
    expect<u32>(ip.ttl).toBe(7);
    expect<u32>(ip.tos).toBe(2);
    expect<u32>(ip.src).toBe(OWN_VTEP);
    expect<u32>(ip.dst).toBe(VTEP);
    expect<u32>(Ipv4.at(ip.payload).ttl).toBe(63);
    expect<i32>(Ipv4.check(ip.payload, LEN)).toBe(Status.Ok);
  });

  it("counts the hop of a packet that is forwarded, and of no other", () => {
    expect<i32>(fateOf(HERE, THERE, 2)).toBe(Verdict.Consumed);
    expect<i32>(fateOf(HERE, THERE, 1)).toBe(Status.TtlExceeded);
    expect<i32>(fateOf(HERE, THERE, 1, DescFlag.Originated)).toBe(Verdict.Consumed);
    expect<u32>(Ipv4.at(ipOf(outAt(burst, 0)).payload).ttl).toBe(1);
    expect<i32>(fateOf(HERE, THERE, 0, DescFlag.Originated)).toBe(Status.TtlExceeded);
  });

  it("sets DF outside where it is set inside, or where the port says so", () => {
    for (let round: u32 = 0; round < 4; round++) {
      openBurst(node);
      setMouth((round & 1) != 0 ? PortFlag.DontFragment : 0);
      const d = pushIp(node, burst, LEN, PROTOCOL_UDP);
      if ((round & 2) != 0) Ipv4.at(d.ptr).setDontFragment();
      run(node, burst, Element.IpipEncapFrame);
      expect<bool>(ipOf(outAt(burst, 0)).isDontFragment).toBe(round != 0);
      expect<i32>(Ipv4.check(outAt(burst, 0).ptr + 14, 20 + LEN)).toBe(Status.Ok);
    }
  });

  it("takes nothing from or to an end of the tunnel", () => {
    expect<i32>(fateOf(OWN_VTEP, THERE, 64)).toBe(Status.TunnelLoop);
    expect<i32>(fateOf(VTEP, THERE, 64)).toBe(Status.TunnelLoop);
    expect<i32>(fateOf(HERE, VTEP, 64)).toBe(Status.TunnelLoop);
    expect<i32>(fateOf(HERE, OWN_VTEP, 64)).toBe(Verdict.Consumed);
    const rec = remoteRecord(0, VTEP);
    store<u32>(rec, bswap<u32>(HERE), RemoteAt.OwnAddress);
    remoteSet(node, rec);
    expect<i32>(fateOf(HERE, THERE, 64)).toBe(Status.TunnelLoop);
    expect<i32>(fateOf(OWN_VTEP, THERE, 64)).toBe(Verdict.Consumed);
  });

  it("keeps to the MTU, and to the headroom", () => {
    setMouth(0, LEN);
    expect<i32>(fateOf(HERE, THERE, 64)).toBe(Verdict.Consumed);
    setMouth(0, LEN - 1);
    expect<i32>(fateOf(HERE, THERE, 64)).toBe(Status.TooBig);
    setMouth(0);
    for (let room = OUTER_LEN - 1; room <= OUTER_LEN; room++) {
      openBurst(node);
      const ptr = arena(node) + room;
      putIp(ptr, LEN, PROTOCOL_UDP);
      const status = room < OUTER_LEN ? <i32>Status.BadArgument : Verdict.Consumed;
      pushAt(burst, ptr, LEN, DescFlag.L3);
      expect<i32>(fate(node, burst, Element.IpipEncapFrame)).toBe(status);
    }
  });

  it("writes in front of a copy of what is shared, and leaves the original", () => {
    const d = pushIp(node, burst, LEN, PROTOCOL_UDP);
    d.addFlags(DescFlag.Shared);
    const before = hexOf(d.ptr - OUTER_LEN, OUTER_LEN + LEN);
    run(node, burst, Element.IpipEncapFrame);
    expect<string>(hexOf(d.ptr - OUTER_LEN, OUTER_LEN + LEN)).toBe(before);
    expect<i32>(Ipv4.check(outAt(burst, 0).ptr + OUTER_LEN, LEN)).toBe(Status.Ok);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.OuterFrame);
  });

  it("does not send back to the remote that a packet came from", () => {
    const d = pushIp(node, burst, LEN, PROTOCOL_UDP);
    d.addFlags(DescFlag.Decapped);
    d.setRemote(0);
    expect<i32>(fate(node, burst, Element.IpipEncapFrame)).toBe(Status.SplitHorizon);
  });

  it("works for its own kind of port", () => {
    for (let kind = PortKind.Ethernet; kind <= PortKind.Ipip; kind++) {
      const rec = portRecord(0, kind);
      portSet(node, rec);
      const answer = kind == PortKind.Ipip ? 0 : <i32>Status.BadPort;
      expect<i32>(run(node, burst, Element.IpipEncapFrame)).toBe(answer);
      expect<i32>(run(node, burst, Element.IpipDecapFrame)).toBe(answer);
    }
  });
});

/** A frame from VTEP that carries a packet from `src`. */
function pushFrame(src: u32 = HERE, ttl: u32 = 64, tos: u32 = 0, outerTos: u32 = 0): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(2, 4, ETHERTYPE_IPV4_NET);
  const ip = Ipv4.at(ptr + 14);
  ip.emit(20 + LEN, 64, PROTOCOL_IPIP, VTEP, OWN_VTEP);
  ip.setTos(outerTos);
  putIp(ip.payload, LEN, PROTOCOL_UDP);
  Ipv4.at(ip.payload).emit(LEN, ttl, PROTOCOL_UDP, src, THERE);
  Ipv4.at(ip.payload).setTos(tos);
  return pushAt(burst, ptr, OUTER_LEN + LEN);
}

function fateOfFrame(src: u32, ttl: u32 = 64, tos: u32 = 0, outerTos: u32 = 0): i32 {
  openBurst(node);
  pushFrame(src, ttl, tos, outerTos);
  return fate(node, burst, Element.IpipDecapFrame);
}

describe("leaveTunnel, for IP in IP", () => {
  beforeEach(begin);

  it("gives the packet as it was, and who sent it", () => {
    const d = pushFrame(HERE, 9, 0xb8, 0x22);
    const inner = hexOf(d.ptr + OUTER_LEN, LEN);
    expect<i32>(run(node, burst, Element.IpipDecapFrame)).toBe(1);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr + OUTER_LEN);
    expect<string>(hexOf(o.ptr, o.len)).toBe(inner);
    expect<u32>(o.flags).toBe(DescFlag.Decapped | DescFlag.L3);
    expect<u32>(o.remote).toBe(0);
    expect<u32>(o.peer).toBe(VTEP);
    expect<u32>(o.tos).toBe(0x22);
  });

  it("lets no packet out that has no hop left", () => {
    expect<i32>(fateOfFrame(HERE, 1)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFrame(HERE, 0)).toBe(Status.TtlExceeded);
  });

  it("lets no packet out from where none can come", () => {
    expect<i32>(fateOfFrame(0)).toBe(Status.Martian);
    expect<i32>(fateOfFrame(0x7f000001)).toBe(Status.Martian);
    expect<i32>(fateOfFrame(0xe0000001)).toBe(Status.Martian);
    expect<i32>(fateOfFrame(0xffffffff)).toBe(Status.Martian);
    expect<i32>(fateOfFrame(OWN_VTEP)).toBe(Status.Martian);
    expect<i32>(fateOfFrame(VTEP)).toBe(Verdict.Consumed);
  });

  it("carries the marks of the underlay inside", () => {
    setMouth(PortFlag.Ecn);
    expect<i32>(fateOfFrame(HERE, 64, 0, 3)).toBe(Status.EcnMismatch);
    expect<i32>(fateOfFrame(HERE, 64, 1, 3)).toBe(Verdict.Consumed);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr).tos).toBe(3);
    expect<i32>(Ipv4.check(outAt(burst, 0).ptr, LEN)).toBe(Status.Ok);
  });

  it("takes protocol 4 for our address, whole, and nothing else", () => {
    const d = pushFrame();
    const ip = Ipv4.at(d.ptr + 14);
    ip.emit(20 + LEN, 64, PROTOCOL_UDP, VTEP, OWN_VTEP);
    expect<i32>(fate(node, burst, Element.IpipDecapFrame)).toBe(Status.BadProtocol);
    ip.emit(20 + LEN, 64, PROTOCOL_IPIP, VTEP, VTEP);
    d.setVerdict(0);
    expect<i32>(fate(node, burst, Element.IpipDecapFrame)).toBe(Status.NotForUs);
    ip.emit(20 + LEN, 64, PROTOCOL_IPIP, OWN_VTEP, OWN_VTEP);
    d.setVerdict(0);
    expect<i32>(fate(node, burst, Element.IpipDecapFrame)).toBe(Status.Martian);
    for (let len: u32 = 0; len < LEN; len++) {
      ip.emit(20 + len, 64, PROTOCOL_IPIP, VTEP, OWN_VTEP);
      d.setVerdict(0);
      expect<i32>(fate(node, burst, Element.IpipDecapFrame)).toBe(Status.Truncated);
    }
  });

  it("takes packets of allowed remotes only where it is strict", () => {
    setMouth(PortFlag.StrictPeer);
    expect<i32>(fateOfFrame(HERE)).toBe(Status.SourceDenied);
    setRemote(node, 0, VTEP, RemoteFlag.Allowed);
    expect<i32>(fateOfFrame(HERE)).toBe(Verdict.Consumed);
  });

  it("changes a copy of what is shared, with room for Ethernet in front of it", () => {
    const d = pushFrame();
    d.addFlags(DescFlag.Shared);
    store<u32>(burst, 14 + LEN - 1, BurstAt.SpareLen);
    expect<i32>(fate(node, burst, Element.IpipDecapFrame)).toBe(Status.NoRoom);
    inAt(burst, 0).setVerdict(0);
    store<u32>(burst, 14 + LEN, BurstAt.SpareLen);
    expect<i32>(fate(node, burst, Element.IpipDecapFrame)).toBe(Verdict.Consumed);
    expect<usize>(outAt(burst, 0).ptr).toBe(load<u32>(burst, BurstAt.Spare) + 14);
  });
});
