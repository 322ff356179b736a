import { arena } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopKind } from "../../../assembly/table/hop";
import { neighborAt, neighborKey } from "../../../assembly/table/neighbor";
import { PortKind } from "../../../assembly/table/port";
import { Heard, neighborHear } from "../../../assembly/table/reach";
import { Arp } from "../../../assembly/wire/arp";
import { ETHERTYPE_IPV4_NET, Ethernet, MAC_BROADCAST } from "../../../assembly/wire/ethernet";
import { Icmp } from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf } from "../bytes";
import { counted, NONE } from "../table/node";
import { HERE, inAt, openBurst, outAt, pushAt, putIp, run, THERE } from "./packets";

import {
  begin,
  burst,
  HOST_MAC,
  LEFT,
  LEFT_MAC,
  LEN,
  node,
  outs,
  PEER_MAC,
  push,
  pushPacket,
  RIGHT,
  RIGHT_MAC,
  routeTo,
  station,
  TUN,
  told,
  verdict,
} from "./routed";

describe("route", () => {
  beforeEach(begin);

  it("sends a frame on, from its port's MAC to the neighbor's, one hop older", () => {
    const d = push();
    d.setRange(d.ptr, d.len + 9); // padding
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr);
    expect<u32>(o.len).toBe(14 + LEN);
    expect<u32>(o.port).toBe(1);
    expect<u32>(o.flags).toBe(0);
    expect<u64>(Ethernet.at(o.ptr).dst).toBe(PEER_MAC);
    expect<u64>(Ethernet.at(o.ptr).src).toBe(RIGHT_MAC);
    expect<u32>(Ipv4.at(o.ptr + 14).ttl).toBe(63);
    expect<i32>(Ipv4.check(o.ptr + 14, LEN)).toBe(Status.Ok);
  });

  it("takes Ethernet off, and puts it on", () => {
    push(0x0a030009);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.L3);
    expect<usize>(outAt(burst, 0).ptr).toBe(inAt(burst, 0).ptr + 14);
    expect<u32>(outAt(burst, 0).len).toBe(LEN);
    openBurst(node);
    const d = pushPacket();
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<usize>(outAt(burst, 0).ptr).toBe(d.ptr - 14);
    expect<u32>(outAt(burst, 0).len).toBe(14 + LEN);
    expect<u32>(outAt(burst, 0).flags).toBe(0);
    expect<u32>(Ethernet.at(d.ptr - 14).etherTypeNet).toBe(ETHERTYPE_IPV4_NET);
  });

  it("copies where a slot has no room for Ethernet, or others hold the bytes", () => {
    putIp(arena(node) + 13, LEN, PROTOCOL_UDP);
    pushAt(burst, arena(node) + 13, LEN, DescFlag.L3).setPort(2);
    const before = hexOf(arena(node) + 13, LEN);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<string>(hexOf(arena(node) + 13, LEN)).toBe(before);
    expect<usize>(outAt(burst, 0).ptr).toBe(load<u32>(burst, BurstAt.Spare));
    openBurst(node);
    const d = push();
    d.addFlags(DescFlag.Shared);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<u32>(Ipv4.at(d.ptr + 14).ttl).toBe(64);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr + 14).ttl).toBe(63);
    openBurst(node);
    push().addFlags(DescFlag.Shared);
    store<u32>(burst, 14 + LEN - 1, BurstAt.SpareLen);
    expect<i32>(verdict()).toBe(Status.NoRoom);
  });

  it("leaves the TTL of the host's own packets, and tells nobody about them", () => {
    pushPacket(NONE, 1);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.Originated);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr + 14).ttl).toBe(1);
    openBurst(node);
    const d = pushPacket(NONE);
    Ipv4.at(d.ptr).emit(LEN, 64, PROTOCOL_UDP, HERE, 0xc0000201);
    expect<i32>(verdict()).toBe(Status.NoRoute);
    expect<u32>(outs()).toBe(0);
    openBurst(node);
    Ipv4.at(pushPacket(NONE).ptr).emit(LEN, 64, PROTOCOL_UDP, HERE, 0);
    expect<i32>(verdict()).toBe(Status.Martian);
  });

  it("takes what the port carries", () => {
    push().setPort(7);
    expect<i32>(verdict()).toBe(Status.BadPort);
    openBurst(node);
    push().setPort(NONE);
    expect<i32>(verdict()).toBe(Status.BadPort);
    openBurst(node);
    push().setPort(2);
    expect<i32>(verdict()).toBe(Status.BadProtocol);
    openBurst(node);
    pushPacket(0);
    expect<i32>(verdict()).toBe(Status.BadProtocol);
    openBurst(node);
    const d = push();
    d.setRange(d.ptr, 13);
    expect<i32>(verdict()).toBe(Status.Truncated);
    openBurst(node);
    push().addFlags(DescFlag.CsumPartial);
    expect<i32>(verdict()).toBe(Status.NeedsOffload);
    openBurst(node);
    Ethernet.at(push().ptr).emit(LEFT_MAC, HOST_MAC, 0xdd86);
    expect<i32>(verdict()).toBe(Status.BadProtocol);
    openBurst(node);
    store<u8>(push().ptr + 14, 0x46);
    expect<i32>(verdict()).toBe(Status.BadChecksum);
  });

  it("takes what is for its station, or for more than one", () => {
    Ethernet.at(push().ptr).emit(PEER_MAC, HOST_MAC, ETHERTYPE_IPV4_NET);
    expect<i32>(verdict()).toBe(Status.NotForUs);
    openBurst(node);
    Ethernet.at(push().ptr).emit(MAC_BROADCAST, HOST_MAC, ETHERTYPE_IPV4_NET);
    expect<i32>(verdict()).toBe(Status.NotForUs);
    openBurst(node);
    Ethernet.at(push(0xffffffff).ptr).emit(MAC_BROADCAST, HOST_MAC, ETHERTYPE_IPV4_NET);
    expect<i32>(verdict()).toBe(Verdict.ForUs);
  });

  it("gives its host what is for it", () => {
    push(LEFT);
    push(0x0a01ffff);
    push(0x0a02ffff);
    push(0xffffffff, LEN, 64, 0);
    routeTo(RIGHT, 32, HopKind.Local);
    push(RIGHT, LEN, 1);
    expect<i32>(run(node, burst, Element.Route)).toBe(0);
    for (let at: u32 = 0; at < 5; at++) expect<i32>(inAt(burst, at).verdict).toBe(Verdict.ForUs);
    expect<u32>(inAt(burst, 0).port).toBe(0);
  });

  it("drops addresses that cannot be, and groups that nobody asked for", () => {
    push(THERE, LEN, 64, 0x7f000001);
    push(THERE, LEN, 64, 0);
    push(THERE, LEN, 64, LEFT);
    push(THERE, LEN, 64, 0x0a01ffff); // the subnet's broadcast
    push(0x7f000001);
    push(0);
    expect<i32>(run(node, burst, Element.Route)).toBe(0);
    for (let at: u32 = 0; at < 6; at++) expect<i32>(inAt(burst, at).verdict).toBe(Status.Martian);
    openBurst(node);
    routeTo(0, 0, HopKind.Unicast, 1, THERE);
    push(0xe0000009);
    expect<i32>(verdict()).toBe(Status.NotForUs);
  });

  it("lets a TUN device give what its own node has sent", () => {
    Ipv4.at(pushPacket().ptr).emit(LEN, 64, PROTOCOL_UDP, TUN, THERE);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
  });

  it("tells why a packet goes nowhere", () => {
    push(0xc0000201);
    expect<i32>(verdict()).toBe(Status.NoRoute);
    expect<string>(told()).toBe("0300");
    openBurst(node);
    routeTo(0xc0000202, 32, HopKind.Unreachable);
    push(0xc0000202);
    expect<i32>(verdict()).toBe(Status.Unreachable);
    expect<string>(told()).toBe("0301");
    openBurst(node);
    routeTo(0xc0000203, 32, HopKind.Prohibit);
    push(0xc0000203);
    expect<i32>(verdict()).toBe(Status.Prohibited);
    expect<string>(told()).toBe("030d");
    openBurst(node);
    routeTo(0xc0000204, 32, HopKind.Blackhole);
    push(0xc0000204);
    expect<i32>(verdict()).toBe(Status.Blackhole);
    expect<u32>(outs()).toBe(0);
    openBurst(node);
    routeTo(0xc0000205, 32, HopKind.Connected);
    push(0xc0000205);
    expect<i32>(verdict()).toBe(Status.NoRoute);
    openBurst(node);
    push(THERE, LEN, 1);
    expect<i32>(verdict()).toBe(Status.TtlExceeded);
    expect<string>(told()).toBe("0b00");
  });

  it("tells no group of stations, not even one that claims to have sent", () => {
    Ethernet.at(push(0xc0000201).ptr).emit(LEFT_MAC, MAC_BROADCAST, ETHERTYPE_IPV4_NET);
    expect<i32>(verdict()).toBe(Status.NoRoute);
    openBurst(node);
    Ethernet.at(push(0xc0000201).ptr).emit(LEFT_MAC, HOST_MAC | 1, ETHERTYPE_IPV4_NET);
    expect<i32>(verdict()).toBe(Status.NoRoute);
    expect<u32>(outs()).toBe(0);
    expect<u64>(counted(node, Status.ErrorSuppressed)).toBe(2);
  });

  it("cuts what is too long, or tells who forbids that", () => {
    station(1, PortKind.Ethernet, RIGHT_MAC, RIGHT, 60);
    push();
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<u32>(outs()).toBe(2);
    expect<u32>(outAt(burst, 0).len).toBe(14 + 60);
    expect<u32>(outAt(burst, 1).len).toBe(14 + 24);
    openBurst(node);
    Ipv4.at(push().ptr + 14).setDontFragment();
    expect<i32>(verdict()).toBe(Status.TooBig);
    expect<string>(told()).toBe("0304");
    expect<u32>(Icmp.at(outAt(burst, 0).ptr + 34).nextHopMtu).toBe(60);
    openBurst(node);
    push();
    store<u32>(burst, 1, BurstAt.OutCap);
    expect<i32>(verdict()).toBe(Status.NoRoom);
    expect<u32>(outs()).toBe(0);
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(0);
  });

  it("keeps what waits as it is, and asks once", () => {
    const d = push(THERE + 1);
    const before = hexOf(d.ptr, d.len);
    expect<i32>(verdict()).toBe(Verdict.Waiting);
    expect<u32>(d.port).toBe(1);
    expect<u32>(d.peer).toBe(THERE + 1);
    expect<string>(hexOf(d.ptr, d.len)).toBe(before);
    const o = outAt(burst, 0);
    expect<u32>(o.port).toBe(1);
    expect<u32>(o.len).toBe(42);
    expect<u64>(Ethernet.at(o.ptr).dst).toBe(MAC_BROADCAST);
    expect<u32>(Arp.at(o.ptr + 14).targetAddress).toBe(THERE + 1);
    expect<u32>(Arp.at(o.ptr + 14).senderAddress).toBe(RIGHT);
    openBurst(node);
    for (let at = 0; at < 3; at++) push(THERE + 1);
    expect<i32>(run(node, burst, Element.Route)).toBe(0);
    expect<i32>(inAt(burst, 1).verdict).toBe(Verdict.Waiting);
    expect<i32>(inAt(burst, 2).verdict).toBe(Status.QueueFull);
    neighborHear(node, 1, THERE + 1, PEER_MAC, Heard.Answering);
    openBurst(node);
    push(THERE + 1);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
  });

  it("asks later where there is no room to ask now", () => {
    push(THERE + 1);
    store<u32>(burst, 41, BurstAt.SpareLen);
    expect<i32>(verdict()).toBe(Verdict.Waiting);
    expect<u32>(outs()).toBe(0);
    openBurst(node);
    store<u32>(burst, 0, BurstAt.OutCap);
    push(THERE + 2);
    expect<i32>(verdict()).toBe(Status.NoRoom);
    expect<usize>(neighborAt(node, neighborKey(1, THERE + 2))).toBe(0);
  });

  it("goes by a gateway where there is one", () => {
    routeTo(0xc0000200, 24, HopKind.Unicast, 1, THERE);
    push(0xc0000209);
    expect<i32>(verdict()).toBe(Verdict.Consumed);
    expect<u64>(Ethernet.at(outAt(burst, 0).ptr).dst).toBe(PEER_MAC);
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr + 14).dst).toBe(0xc0000209);
  });
});
