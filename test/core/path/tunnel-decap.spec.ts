import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { RemoteFlag } from "../../../assembly/table/remote";
import { routeInsert } from "../../../assembly/table/route";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf } from "../bytes";
import { hopRecord, NONE, openNode, portRecord, setRemote } from "../table/node";
import {
  fate,
  HERE,
  inAt,
  OWN_VTEP,
  openBurst,
  outAt,
  pushAt,
  pushIp,
  roomFor,
  run,
  THERE,
  VTEP,
} from "./packets";

const LEN: u32 = 64;

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32): void {
  const rec = portRecord(0, PortKind.UdpTunnel, NONE, flags);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, 8285, PortAt.UdpPort);
  portSet(node, rec);
}

function pushPacket(): Desc {
  return pushIp(node, burst, LEN, PROTOCOL_UDP);
}

/** Sets TTL and DS field. */
function change(d: Desc, ttl: u32, tos: u32): void {
  const ip = Ipv4.at(d.ptr);
  ip.emit(ip.totalLength, ttl, PROTOCOL_UDP, HERE, THERE);
  ip.setTos(tos);
}

describe("leaveTunnel", () => {
  beforeEach(() => {
    node = openNode();
    setMouth(0);
    setRemote(node, 0, VTEP);
    burst = openBurst(node);
  });

  it("gives the packet, one hop older, and who sent it", () => {
    const d = pushPacket();
    d.setRange(d.ptr, LEN + 5); // and something that trails
    d.setPeer(VTEP);
    expect<i32>(run(node, burst, Element.UdpDecap)).toBe(1);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr);
    expect<u32>(o.len).toBe(LEN);
    expect<u32>(o.flags).toBe(DescFlag.L3 | DescFlag.Decapped);
    expect<u32>(o.remote).toBe(0);
    expect<u32>(o.peer).toBe(VTEP);
    expect<u32>(Ipv4.at(o.ptr).ttl).toBe(63);
    expect<i32>(Ipv4.check(o.ptr, LEN)).toBe(Status.Ok);
  });

  it("undoes what encapsulation into a frame did", () => {
    const hop = hopRecord(0, HopKind.Unicast);
    store<u16>(hop, 0, HopAt.Remote);
    hopSet(node, hop);
    routeInsert(node, 0, 0, 0);
    const bytes = hexOf(pushPacket().ptr + 20, LEN - 20);
    run(node, burst, Element.UdpEncapFrame);
    const o = outAt(burst, 0);
    const outer = Ipv4.at(o.ptr + 14);
    outer.emit(outer.totalLength, 64, PROTOCOL_UDP, VTEP, OWN_VTEP);
    const ptr = o.ptr;
    const len = o.len;
    openBurst(node);
    pushAt(burst, ptr, len);
    expect<i32>(run(node, burst, Element.UdpDecapFrame)).toBe(1);
    expect<u32>(outAt(burst, 0).len).toBe(LEN);
    expect<u32>(outAt(burst, 0).peer).toBe(VTEP);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr).ttl).toBe(62);
    expect<string>(hexOf(outAt(burst, 0).ptr + 20, LEN - 20)).toBe(bytes);
  });

  it("takes only who is allowed where the port is strict", () => {
    setMouth(PortFlag.StrictPeer);
    setRemote(node, 1, VTEP + 1, RemoteFlag.Allowed);
    pushPacket().setPeer(VTEP);
    pushPacket().setPeer(VTEP + 1);
    expect<i32>(run(node, burst, Element.UdpDecap)).toBe(1);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.SourceDenied);
  });

  it("refuses what is no IPv4 packet, or at the end of its TTL", () => {
    const d = pushPacket();
    d.setRange(d.ptr, 19);
    store<u8>(pushPacket().ptr + 11, 0);
    change(pushPacket(), 1, 0);
    expect<i32>(run(node, burst, Element.UdpDecap)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.Truncated);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.BadChecksum);
    expect<i32>(inAt(burst, 2).verdict).toBe(Status.TtlExceeded);
  });

  it("carries a mark of the underlay into the packet", () => {
    setMouth(PortFlag.Ecn);
    const d = pushPacket();
    change(d, 64, 0xba);
    d.setTos(3);
    pushPacket().setTos(3);
    expect<i32>(run(node, burst, Element.UdpDecap)).toBe(1);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr).tos).toBe(0xbb);
    expect<i32>(Ipv4.check(outAt(burst, 0).ptr, LEN)).toBe(Status.Ok);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.EcnMismatch);
  });

  it("leaves alone what others hold as well", () => {
    const d = pushPacket();
    d.addFlags(DescFlag.Shared);
    expect<i32>(run(node, burst, Element.UdpDecap)).toBe(1);
    expect<u32>(Ipv4.at(d.ptr).ttl).toBe(64);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.L3 | DescFlag.Decapped);
    openBurst(node);
    pushPacket().addFlags(DescFlag.Shared);
    store<u32>(burst, 0, BurstAt.SpareLen);
    expect<i32>(fate(node, burst, Element.UdpDecap)).toBe(Status.NoRoom);
    expect<usize>(roomFor(node, burst)).not.toBe(d.ptr);
  });
});
