import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortKind, portSet } from "../../../assembly/table/port";
import { routeInsert } from "../../../assembly/table/route";
import { ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Icmp } from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf } from "../bytes";
import { hopRecord, NONE, openNode, portRecord, setNeighbor } from "../table/node";
import { HERE, inAt, openBurst, outAt, pushAt, putIp, roomFor, run, THERE } from "./packets";

export const LEFT_MAC: u64 = 0x010000000002;
export const RIGHT_MAC: u64 = 0x020000000002;
export const HOST_MAC: u64 = 0x0a0000000002;
export const PEER_MAC: u64 = 0x0b0000000002;
export const LEFT: u32 = 0x0a0100fe;
export const RIGHT: u32 = 0x0a0200fe;
export const TUN: u32 = 0x0a0300fe;
export const LEN: u32 = 64;

export let node: usize = 0;
export let burst: usize = 0;

export function station(index: u32, kind: u32, mac: u64, ipv4: u32, mtu: u32 = 1500): void {
  const rec = portRecord(index, kind);
  store<u32>(rec, ipv4, PortAt.Ipv4);
  store<u8>(rec, 16, PortAt.PrefixLen);
  store<u32>(rec, mtu, PortAt.Mtu);
  store<u16>(rec, <u16>mac, PortAt.Mac);
  store<u32>(rec + 2, <u32>(mac >> 16), PortAt.Mac);
  portSet(node, rec);
}

export function routeTo(
  prefix: u32,
  len: u32,
  kind: u32,
  port: u32 = NONE,
  gateway: u32 = 0,
): void {
  const rec = hopRecord(NONE, kind);
  store<u16>(rec, <u16>port, HopAt.Port);
  store<u32>(rec, bswap<u32>(gateway), HopAt.Gateway);
  routeInsert(node, prefix, len, hopSet(node, rec));
}

export function begin(): void {
  node = openNode();
  station(0, PortKind.Ethernet, LEFT_MAC, LEFT);
  station(1, PortKind.Ethernet, RIGHT_MAC, RIGHT);
  station(2, PortKind.Ip, 0, TUN);
  routeTo(0x0a010000, 16, HopKind.Connected, 0);
  routeTo(0x0a020000, 16, HopKind.Connected, 1);
  routeTo(0x0a030000, 16, HopKind.Connected, 2);
  setNeighbor(node, 1, THERE, PEER_MAC);
  burst = openBurst(node);
}

/** A packet from here, in a frame to the left port; more of it may be changed behind `emit`. */
export function push(dst: u32 = THERE, len: u32 = LEN, ttl: u32 = 64, src: u32 = HERE): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(LEFT_MAC, HOST_MAC, ETHERTYPE_IPV4_NET);
  putIp(ptr + 14, len, PROTOCOL_UDP);
  Ipv4.at(ptr + 14).emit(len, ttl, PROTOCOL_UDP, src, dst);
  const d = pushAt(burst, ptr, 14 + len);
  d.setPort(0);
  return d;
}

/** The same without Ethernet, from a TUN device, or of the host's own. */
export function pushPacket(port: u32 = 2, ttl: u32 = 64): Desc {
  const ptr = roomFor(node, burst);
  putIp(ptr, LEN, PROTOCOL_UDP);
  Ipv4.at(ptr).emit(LEN, ttl, PROTOCOL_UDP, HERE, THERE);
  const d = pushAt(burst, ptr, LEN, DescFlag.L3);
  d.setPort(port);
  return d;
}

/** What becomes of the one packet. */
export function verdict(): i32 {
  run(node, burst, Element.Route);
  return inAt(burst, 0).verdict;
}

export function outs(): u32 {
  return load<u32>(burst, BurstAt.OutCount);
}

/** The ICMP error in `out`, as type and code in two digits each. */
export function told(): string {
  const o = outAt(burst, 0);
  expect<u32>(o.flags).toBe(DescFlag.Originated);
  expect<u32>(o.port).toBe(0);
  expect<u64>(Ethernet.at(o.ptr).dst).toBe(HOST_MAC);
  expect<u64>(Ethernet.at(o.ptr).src).toBe(LEFT_MAC);
  expect<i32>(Ipv4.check(o.ptr + 14, o.len - 14)).toBe(Status.Ok);
  expect<u32>(Ipv4.at(o.ptr + 14).src).toBe(LEFT);
  expect<u32>(Ipv4.at(o.ptr + 14).dst).toBe(HERE);
  expect<i32>(Icmp.check(o.ptr + 34, o.len - 34)).toBe(Status.Ok);
  return hexOf(o.ptr + 34, 2);
}
