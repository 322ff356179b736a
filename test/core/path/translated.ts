// A node that translates as docker's do: containers inside, behind port 0, and the world outside,
// behind port 1. Packets are bare, and from one hook to the other nothing routes them.
import { BurstAt, BurstFlag } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { PortAt, PortKind, portSet } from "../../../assembly/table/port";
import { RuleAction, RuleAt, RuleFlag, RuleHook, ruleSet } from "../../../assembly/table/rule";
import { Icmp } from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Tcp } from "../../../assembly/wire/tcp";
import { Udp } from "../../../assembly/wire/udp";
import { NONE, openNode, portRecord, ruleRecord } from "../table/node";
import { inAt, openBurst, outAt, pushAt, roomFor, run } from "./packets";

export const INSIDE: u32 = 0;
export const OUTSIDE: u32 = 1;
export const CONTAINER: u32 = 0xac110002;
export const OTHER: u32 = 0xac110003;
export const HOST: u32 = 0x0aa80002;
export const CLIENT: u32 = 0x0aa8004d;
export const SERVER: u32 = 0xc0000235;
export const PACKET_LEN: u32 = 48;

const BODY_LEN: u32 = PACKET_LEN - 20;

export let node: usize = 0;
export let burst: usize = 0;

function addPort(index: u32, ipv4: u32): void {
  const rec = portRecord(index, PortKind.Ip);
  store<u32>(rec, ipv4, PortAt.Ipv4);
  portSet(node, rec);
}

/** Port 8080 of the host is port 80 of the container. */
export function publish(index: u32, hook: u32): void {
  const rec = ruleRecord(index, hook, RuleAction.Dnat);
  store<u16>(rec, RuleFlag.TargetLocal, RuleAt.Flags);
  store<u8>(rec, <u8>PROTOCOL_TCP, RuleAt.Protocol);
  store<u32>(rec, 8080 | (8080 << 16), RuleAt.FirstPort);
  store<u16>(rec, 80, RuleAt.ToPort);
  store<u32>(rec, CONTAINER, RuleAt.ToAddress);
  ruleSet(node, rec);
}

export function begin(): void {
  node = openNode();
  burst = openBurst(node);
  addPort(INSIDE, 0xac110001);
  addPort(OUTSIDE, HOST);
  publish(0, RuleHook.Prerouting);
  const rec = ruleRecord(2, RuleHook.Postrouting, RuleAction.Masquerade);
  store<u16>(rec, <u16>INSIDE, RuleAt.Port);
  store<u16>(rec, RuleFlag.NotPort, RuleAt.Flags);
  store<u32>(rec, 0xac110000, RuleAt.Source);
  store<u8>(rec, 16, RuleAt.SourceLen);
  ruleSet(node, rec);
}

/** The next packet of an empty burst, without what its protocol says. */
export function push(protocol: u32, src: u32, dst: u32, len: u32 = PACKET_LEN): Desc {
  burst = openBurst(node);
  const ptr = roomFor(node, burst);
  for (let at: u32 = 20; at < len; at++) store<u8>(ptr + at, <u8>at);
  Ipv4.at(ptr).emit(len, 64, protocol, src, dst);
  return pushAt(burst, ptr, len, DescFlag.L3);
}

export function pushUdp(src: u32, srcPort: u32, dst: u32, dstPort: u32): Desc {
  const d = push(PROTOCOL_UDP, src, dst);
  const ip = Ipv4.at(d.ptr);
  Udp.at(ip.payload).emit(srcPort, dstPort, BODY_LEN);
  Udp.at(ip.payload).fillChecksum(ip.pseudo());
  return d;
}

export function pushTcp(src: u32, srcPort: u32, dst: u32, dstPort: u32, flags: u32): Desc {
  const d = push(PROTOCOL_TCP, src, dst);
  const ip = Ipv4.at(d.ptr);
  Udp.at(ip.payload).emit(srcPort, dstPort, 0); // TCP's begins alike
  store<u16>(ip.payload, <u16>(0x50 | (flags << 8)), 12);
  Tcp.at(ip.payload).fillChecksum(ip.pseudo(), BODY_LEN);
  return d;
}

export function pushEcho(src: u32, dst: u32, type: u32, id: u32): Desc {
  const d = push(PROTOCOL_ICMP, src, dst);
  Icmp.at(Ipv4.at(d.ptr).payload).emitEcho(type, id, 1, BODY_LEN - 8);
  return d;
}

/** An ICMP error that quotes the packet which the burst has sent out. */
export function pushError(src: u32, dst: u32, quoteLen: u32): Desc {
  const quoted = outAt(burst, 0).ptr;
  const copy = roomFor(node, burst) + 1024; // beyond what push fills
  memory.copy(copy, quoted, quoteLen);
  const d = push(PROTOCOL_ICMP, src, dst, 28 + quoteLen);
  memory.copy(d.ptr + 28, copy, quoteLen);
  Icmp.at(d.ptr + 20).emitError(3, 1, 0, quoteLen);
  return d;
}

/** What becomes of the one packet at the hook before routing, where it came in by `port`. */
export function before(port: u32): i32 {
  return step(port, 0);
}

/** The same behind routing, where it goes out by `port`. */
export function after(port: u32): i32 {
  return step(port, BurstFlag.AfterRouting);
}

function step(port: u32, flags: u32): i32 {
  inAt(burst, 0).setPort(port);
  store<u32>(burst, flags, BurstAt.Flags);
  run(node, burst, Element.Nat);
  return inAt(burst, 0).verdict;
}

/** What came out at one hook goes in at the next. */
export function onward(port: u32): i32 {
  const o = outAt(burst, 0);
  const ptr = o.ptr;
  const len = o.len;
  burst = openBurst(node);
  pushAt(burst, ptr, len, DescFlag.L3);
  return after(port);
}

/** The packet that came out. */
export function sent(): Ipv4 {
  return Ipv4.at(outAt(burst, 0).ptr);
}

/** Source and target of a packet with ports, as hex digits and numbers. */
export function endsOf(ip: Ipv4): string {
  const ports = Udp.at(ip.payload);
  return `${ip.src.toString(16)}:${ports.srcPort} > ${ip.dst.toString(16)}:${ports.dstPort}`;
}

export { NONE };
