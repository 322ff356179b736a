// ICMP destination unreachable, about a packet that no route covers or that a route forbids.
//
// Two rules. Ours is RFC 1122's (section 3.2.2) and RFC 1812's (4.3.2.3, 4.3.2.7): as much of the
// offender as fits into 576 bytes, and nothing about ICMP errors, later fragments, or what went to
// or came from more than one host. flannel's own (FlannelUnreachable) is silent about all ICMP and
// about headers with every option, quotes eight bytes of payload, and sends with a TTL of 8.
import { count } from "../base/node";
import { Status } from "../base/status";
import { Port, PortFlag } from "../table/port";
import {
  ICMP_DESTINATION_UNREACHABLE,
  ICMP_HEADER_LEN,
  ICMP_NET_UNREACHABLE,
  ICMP_PROHIBITED,
  Icmp,
} from "../wire/icmp";
import {
  IPV4_HEADER_LEN_MAX,
  IPV4_HEADER_LEN_MIN,
  Ipv4,
  isBroadcast,
  isMulticast,
  PROTOCOL_ICMP,
} from "../wire/ipv4";
import { Burst } from "./burst";
import { Desc, DescFlag } from "./desc";
import { isMartian } from "./outer";

const ERROR_HEADERS_LEN: u32 = IPV4_HEADER_LEN_MIN + ICMP_HEADER_LEN;
const ERROR_LEN_MAX: u32 = 576; // RFC 1812, section 4.3.2.3
const ERROR_TTL: u32 = 64;
const FLANNEL_QUOTE_LEN: u32 = 8;
const FLANNEL_TTL: u32 = 8;

/**
 * Tells the sender of the packet in `d`, by the port it came from, that it goes nowhere: NoRoute or
 * Prohibited. Requires: Ipv4.check.
 */
export function tellUnreachable(node: usize, b: Burst, port: Port, d: Desc, why: Status): void {
  const code = why == Status.Prohibited ? ICMP_PROHIBITED : ICMP_NET_UNREACHABLE;
  if (!emitUnreachable(b, port, d, code)) count(node, Status.ErrorSuppressed);
}

function emitUnreachable(b: Burst, port: Port, d: Desc, code: u32): bool {
  const offender = Ipv4.at(d.ptr);
  const isFlannel = (port.flags & PortFlag.FlannelUnreachable) != 0;
  if (isFlannel ? !isFlannelOffender(offender) : !isOffender(offender)) return false;
  const fromTarget = (port.flags & PortFlag.UnreachableFromTarget) != 0;
  const src = fromTarget ? offender.dst : port.ipv4;
  if (src == 0) return false;
  const quoteLen = isFlannel ? flannelQuoteLen(offender) : fullQuoteLen(offender);
  const packet = b.answer(d, ERROR_HEADERS_LEN + quoteLen, DescFlag.L3);
  if (packet == 0) return false;
  const ip = Ipv4.at(packet);
  const ttl = isFlannel ? FLANNEL_TTL : ERROR_TTL;
  ip.emit(ERROR_HEADERS_LEN + quoteLen, ttl, PROTOCOL_ICMP, src, offender.src);
  const icmp = Icmp.at(ip.payload);
  memory.copy(icmp.payload, d.ptr, quoteLen);
  icmp.emitError(ICMP_DESTINATION_UNREACHABLE, code, 0, quoteLen);
  return true;
}

function isOffender(ip: Ipv4): bool {
  if (!ip.isFirstFragment || isMartian(ip.src)) return false;
  if (isMulticast(ip.dst) || isBroadcast(ip.dst)) return false;
  if (ip.protocol != PROTOCOL_ICMP) return true;
  return ip.payloadLen >= ICMP_HEADER_LEN && !Icmp.at(ip.payload).isError;
}

function isFlannelOffender(ip: Ipv4): bool {
  if (ip.protocol == PROTOCOL_ICMP || !ip.isFirstFragment) return false;
  return ip.headerLen < IPV4_HEADER_LEN_MAX && !isMartian(ip.src);
}

function fullQuoteLen(ip: Ipv4): u32 {
  return min(ip.totalLength, ERROR_LEN_MAX - ERROR_HEADERS_LEN);
}

function flannelQuoteLen(ip: Ipv4): u32 {
  return min(ip.totalLength, ip.headerLen + FLANNEL_QUOTE_LEN);
}
