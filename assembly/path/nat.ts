// Address translation in the manner of Linux's netfilter (RFC 2663, RFC 4787, RFC 5508). A packet
// passes here twice: before routing, where its target is changed, and behind it, where its source
// is. Whether a flow undergoes either is decided once, by the rules that its first packet asks; all
// others follow its conn, and replies take the same steps back.
import { mix, scale } from "../base/hash";
import { Status } from "../base/status";
import { Conn, ConnState, Way } from "../table/conn";
import { fragmentFlow, fragmentKeep } from "../table/fragments";
import { Port, portAt } from "../table/port";
import { NONE } from "../table/rows";
import { Rule, RuleAction, RuleFlag, RuleHook, ruleAt, ruleFind } from "../table/rule";
import { connAdd, connDrop, connFind, connSee, connTakeSource } from "../table/track";
import { Tuple, tupleAt } from "../table/tuple";
import { ETHERTYPE_IPV4_NET, Ethernet } from "../wire/ethernet";
import { ICMP_ECHO_REPLY, ICMP_HEADER_LEN, Icmp } from "../wire/icmp";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_TCP } from "../wire/ipv4";
import { TCP_ACK, TCP_FIN, TCP_HEADER_LEN_MIN, TCP_RST, TCP_SYN, Tcp } from "../wire/tcp";
import { Burst, BurstFlag } from "./burst";
import { checkPlain, Desc, Verdict } from "./desc";
import { linkLen } from "./link";
import { hasPorts, readTuple, translate } from "./translate";

const DRAWS_MAX: u32 = 128; // ports that are tried for a flow, as in Linux

// Linux keeps a port among its like; the last of each kind, and the first that is drawn there.
const LOW_LAST: u32 = 511;
const SYSTEM_FIRST: u32 = 600;
const SYSTEM_LAST: u32 = 1023;
const USER_FIRST: u32 = 1024;
const USER_LAST: u32 = 65535;

// The tuple of the packet; for an ICMP error, that of an answer to what it quotes.
const tuple: usize = memory.data(<i32>tupleAt.END, 8);
const quote: usize = memory.data(<i32>tupleAt.END, 8);

/** One frame or IP packet, before routing or behind it. */
export function nat(node: usize, b: Burst, d: Desc): i32 {
  const status = checkPlain(node, d, 0);
  if (status != Status.Ok) return status;
  const isBefore = (b.flags & BurstFlag.AfterRouting) == 0;
  if (portAt(node, d.port) == 0 && !(isBefore && d.port == NONE)) return Status.BadPort;
  if (!b.hasRoom) return Status.NoRoom;
  const frameLen = linkLen(d);
  if (frameLen != 0) {
    const whole = Ethernet.check(d.ptr, d.len);
    if (whole != Status.Ok) return whole;
    if (Ethernet.at(d.ptr).etherTypeNet != ETHERTYPE_IPV4_NET) return pass(b, d);
  }
  const legal = Ipv4.check(d.ptr + frameLen, d.len - frameLen);
  if (legal == Status.BadVersion && frameLen == 0) return pass(b, d);
  return legal == Status.Ok ? natPacket(node, b, d, isBefore) : legal;
}

// The packet in `d` goes on.
function pass(b: Burst, d: Desc): i32 {
  b.pass(d);
  return Verdict.Consumed;
}

function natPacket(node: usize, b: Burst, d: Desc, isBefore: bool): i32 {
  const ip = Ipv4.at(d.ptr + linkLen(d));
  const protocol = ip.protocol;
  if (!ip.isFirstFragment && hasPorts(protocol)) return natLater(node, b, d, isBefore);
  const isTcp = protocol == PROTOCOL_TCP;
  if (isTcp && ip.payloadLen < TCP_HEADER_LEN_MIN) return Status.Truncated;
  const t = Tuple.at(tuple);
  const told = readTuple(ip, ip.payloadLen, t);
  if (told == Status.NotFound) return natOther(node, b, d, isBefore);
  if (told != Status.Ok) return told;
  const flags = isTcp ? Tcp.at(ip.payload).flags : 0;
  let row = connFind(node, protocol, t);
  if (row != 0 && isReopened(Conn.at(row), t, flags)) {
    connDrop(node, row);
    row = 0;
  }
  if (row == 0) {
    if (isEchoReply(ip)) return pass(b, d); // to nobody: only who asks begins a flow
    row = open(node, d, protocol, isBefore);
    if (row == 0) return Status.NoRoom;
  }
  const conn = Conn.at(row);
  const way = conn.wayOf(t, isBefore);
  if (way == Way.Neither) return Status.NoRoom; // its ends are taken
  if (!isBefore && way == Way.Original && !conn.isSourceChosen) {
    const chosen = chooseSource(node, b, d, conn);
    if (chosen != Status.Ok) return chosen;
  }
  connSee(node, conn, nextState(conn.state, way, flags));
  if (ip.isFragment) fragmentKeep(node, t, nameOf(ip, isBefore), conn, way);
  return turn(b, d, conn.answer(way), isBefore);
}

function isEchoReply(ip: Ipv4): bool {
  return ip.protocol == PROTOCOL_ICMP && Icmp.at(ip.payload).type == ICMP_ECHO_REPLY;
}

// A fragment without ports goes the way of the first one.
function natLater(node: usize, b: Burst, d: Desc, isBefore: bool): i32 {
  const ip = Ipv4.at(d.ptr + linkLen(d));
  const t = Tuple.at(tuple);
  readTuple(ip, 0, t);
  const row = fragmentFlow(node, t, nameOf(ip, isBefore), isBefore);
  if (row == 0) return Status.Fragment;
  return turn(b, d, Conn.at(row).answer(Conn.at(row).wayOf(t, isBefore)), isBefore);
}

// What tells the packets apart that two addresses exchange, whole or in fragments.
function nameOf(ip: Ipv4, isBefore: bool): u32 {
  return ip.id | (ip.protocol << 16) | ((<u32>isBefore) << 24);
}

// True for who begins a connection again with the ports of one that has ended.
function isReopened(conn: Conn, t: Tuple, flags: u32): bool {
  if (conn.state < <u32>ConnState.Closing || (flags & (TCP_SYN | TCP_ACK)) != TCP_SYN) return false;
  return t.src == conn.original.src && t.srcPort == conn.original.srcPort;
}

// A new flow. Returns: its row, or 0 where there is no room.
function open(node: usize, d: Desc, protocol: u32, isBefore: bool): usize {
  const t = Tuple.at(tuple);
  if (!isBefore) return connAdd(node, protocol, t, t.dst, t.dstPort);
  const hook = d.port == NONE ? RuleHook.Output : RuleHook.Prerouting;
  const index = ruleFind(node, hook, protocol, t, d.port);
  if (index < 0) return connAdd(node, protocol, t, t.dst, t.dstPort);
  const rule = ruleAt(node, index);
  const toPort = rule.toPort;
  const row = connAdd(node, protocol, t, rule.toAddress, toPort != 0 ? toPort : t.dstPort);
  if (row != 0) Conn.at(row).setTargetRule(index);
  return row;
}

// Asks the rules behind routing. Returns: Ok; Martian where a masquerade has no address to give;
// NoRoom.
function chooseSource(node: usize, b: Burst, d: Desc, conn: Conn): Status {
  const protocol = conn.protocol;
  const index = ruleFind(node, RuleHook.Postrouting, protocol, Tuple.at(tuple), d.port);
  if (index < 0) {
    conn.setSourceRule(NONE);
    return Status.Ok;
  }
  const rule = ruleAt(node, index);
  const isMasquerade = rule.action == RuleAction.Masquerade;
  const address = isMasquerade ? Port.at(portAt(node, d.port)).ipv4 : rule.toAddress;
  if (address == 0) return Status.Martian;
  if (!takeSource(node, b, conn, rule, address)) return Status.NoRoom;
  conn.setSourceRule(index);
  return Status.Ok;
}

// The port that the flow has, if it may keep it; else one that is free.
function takeSource(node: usize, b: Burst, conn: Conn, rule: Rule, address: u32): bool {
  const port = conn.original.srcPort;
  const toPort = rule.toPort;
  if (toPort != 0) return connTakeSource(node, conn, address, toPort);
  const mayDraw = hasPorts(conn.protocol);
  const isDrawn = mayDraw && (rule.flags & RuleFlag.RandomPort) != 0;
  if (!isDrawn && connTakeSource(node, conn, address, port)) return true;
  return mayDraw && drawSource(node, b, conn, address);
}

function drawSource(node: usize, b: Burst, conn: Conn, address: u32): bool {
  const port = conn.original.srcPort;
  let first: u32 = 1;
  let last = LOW_LAST;
  if (conn.protocol == PROTOCOL_ICMP) last = USER_LAST;
  else if (port > SYSTEM_LAST) {
    first = USER_FIRST;
    last = USER_LAST;
  } else if (port > LOW_LAST) {
    first = SYSTEM_FIRST;
    last = SYSTEM_LAST;
  }
  let state = conn.original.addresses ^ ((<u64>conn.original.ports) << 16) ^ b.dice;
  for (let turns = DRAWS_MAX; turns > 0; turns--) {
    state = mix(state);
    const drawn = first + scale(<u32>state, last - first + 1);
    if (connTakeSource(node, conn, address, drawn)) return true;
  }
  return false;
}

// The state of a flow of which one more packet came. TCP ends by flags, and nothing leads back.
function nextState(state: u32, way: Way, flags: u32): u32 {
  if ((flags & TCP_RST) != 0) return ConnState.Closed;
  if (state >= <u32>ConnState.Closing) return state;
  if ((flags & TCP_FIN) != 0) return ConnState.Closing;
  if (way == Way.Reply) return state == ConnState.New ? <u32>ConnState.Replied : state;
  const isSure = state == ConnState.Replied && (flags & TCP_SYN) == 0;
  return isSure ? <u32>ConnState.Assured : state;
}

// Gives the packet in `d` the end that `answer` has, and sends it on.
function turn(b: Burst, d: Desc, answer: Tuple, isBefore: bool): i32 {
  if (isTurned(answer, isBefore)) return pass(b, d);
  if (!b.own(d, 0)) return Status.NoRoom;
  const ip = Ipv4.at(d.ptr + linkLen(d));
  const len = ip.isFirstFragment ? ip.payloadLen : 0;
  translate(ip, len, isBefore, endOf(answer, isBefore), portOf(answer, isBefore));
  return pass(b, d);
}

// True for a packet that has that end already.
function isTurned(answer: Tuple, isBefore: bool): bool {
  const t = Tuple.at(tuple);
  const address = endOf(answer, isBefore);
  const port = portOf(answer, isBefore);
  return isBefore ? t.dst == address && t.dstPort == port : t.src == address && t.srcPort == port;
}

function endOf(answer: Tuple, isBefore: bool): u32 {
  return isBefore ? answer.src : answer.dst;
}

function portOf(answer: Tuple, isBefore: bool): u32 {
  return isBefore ? answer.srcPort : answer.dstPort;
}

// ICMP without a flow of its own. An error about a packet of a flow goes the way of what answers
// it, and what it quotes is turned back with it (RFC 5508, section 4); whatever else passes.
function natOther(node: usize, b: Burst, d: Desc, isBefore: bool): i32 {
  const ip = Ipv4.at(d.ptr + linkLen(d));
  const icmp = Icmp.at(ip.payload);
  if (!icmp.isError || ip.isFragment) return pass(b, d);
  const status = Icmp.check(ip.payload, ip.payloadLen);
  if (status != Status.Ok) return status;
  const len = quotedLen(ip);
  const q = Tuple.at(quote);
  if (len < 0 || readTuple(Ipv4.at(icmp.payload), len, q) != Status.Ok) return pass(b, d);
  const t = Tuple.at(tuple);
  t.emitBack(q);
  const row = connFind(node, Ipv4.at(icmp.payload).protocol, t);
  if (row == 0) return pass(b, d);
  const conn = Conn.at(row);
  const way = conn.wayOf(t, isBefore);
  if (way == Way.Neither || isTurned(conn.answer(way), isBefore)) return pass(b, d);
  if (!b.own(d, 0)) return Status.NoRoom;
  turnError(Ipv4.at(d.ptr + linkLen(d)), len, conn.answer(way), isBefore);
  return pass(b, d);
}

// How much an ICMP error quotes behind a header that is whole and has ports behind it, or -1.
function quotedLen(ip: Ipv4): i32 {
  const len = ip.payloadLen - ICMP_HEADER_LEN;
  const quoted = Ipv4.at(Icmp.at(ip.payload).payload);
  if (Ipv4.checkHeader(changetype<usize>(quoted), len) != Status.Ok) return -1;
  return quoted.isFirstFragment ? min(len - quoted.headerLen, quoted.payloadLen) : -1;
}

function turnError(ip: Ipv4, len: u32, answer: Tuple, isBefore: bool): void {
  const icmp = Icmp.at(ip.payload);
  const address = endOf(answer, isBefore);
  translate(ip, 0, isBefore, address, 0);
  translate(Ipv4.at(icmp.payload), len, !isBefore, address, portOf(answer, isBefore));
  icmp.fillChecksum(ip.payloadLen);
}
