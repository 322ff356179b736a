// ICMP errors, about packets that cannot travel on.
//
// Two rules. Ours is RFC 1122's (section 3.2.2) and RFC 1812's (4.3.2): as much of the offender as
// fits into 576 bytes, and nothing about ICMP errors, later fragments, or what went to or came from
// more than one host or station; by the port that the packet came in by, and with its address.
// flannel's own (FlannelUnreachable) speaks of missing and of prohibiting routes alone, is silent
// about all ICMP and about headers with every option, quotes eight bytes of payload, and sends with
// a TTL of 8.
//
// Of both a node sends fifty at once, and then one each millisecond, as Linux does.
import { count, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { Port, PortFlag } from "../table/port";
import { isBroadcast, isMulticast } from "../wire/address";
import { ETHERTYPE_IPV4_NET, Ethernet, isGroupMac } from "../wire/ethernet";
import {
  ICMP_DESTINATION_UNREACHABLE,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER_LEN,
  ICMP_HOST_UNREACHABLE,
  ICMP_NET_UNREACHABLE,
  ICMP_PROHIBITED,
  ICMP_TIME_EXCEEDED,
  Icmp,
} from "../wire/icmp";
import { IPV4_HEADER_LEN_MAX, IPV4_HEADER_LEN_MIN, Ipv4, PROTOCOL_ICMP } from "../wire/ipv4";
import { Burst } from "./burst";
import { Desc, DescFlag } from "./desc";
import { isNowhere, linkLen } from "./link";
import { isMartian } from "./outer";

const ERROR_HEADERS_LEN: u32 = IPV4_HEADER_LEN_MIN + ICMP_HEADER_LEN;
const ERROR_LEN_MAX: u32 = 576; // RFC 1812, section 4.3.2.3
const ERROR_TTL: u32 = 64;
const ERROR_MS: f64 = 1; // Linux's icmp_msgs_per_sec is 1000
const ERROR_BURST_MS: f64 = 50; // and icmp_msgs_burst 50
const FLANNEL_QUOTE_LEN: u32 = 8;
const FLANNEL_TTL: u32 = 8;

// An error in one number: type, code above it, and the next hop's MTU above both.
const CODE_AT: u32 = 8;
const MTU_AT: u32 = 16;
const SILENCE: u32 = 0;
const NET: u32 = ICMP_DESTINATION_UNREACHABLE | (ICMP_NET_UNREACHABLE << CODE_AT);
const HOST: u32 = ICMP_DESTINATION_UNREACHABLE | (ICMP_HOST_UNREACHABLE << CODE_AT);
const BIG: u32 = ICMP_DESTINATION_UNREACHABLE | (ICMP_FRAGMENTATION_NEEDED << CODE_AT);
const PROHIBITED: u32 = ICMP_DESTINATION_UNREACHABLE | (ICMP_PROHIBITED << CODE_AT);

/**
 * Tells the sender of the packet in `d` that it is dropped for `why`, if that is for senders to
 * know. `port` speaks; where there is none, the packet was the host's own. Requires: Ipv4.check.
 * Returns: `why`.
 */
export function refuse(node: usize, b: Burst, port: Port, d: Desc, why: i32): i32 {
  tell(node, b, port, d, errorFor(why));
  return why;
}

/** The same for a packet that is longer than `mtu`; that is told to who forbids fragments. */
export function refuseBig(node: usize, b: Burst, port: Port, d: Desc, mtu: u32): i32 {
  const isMine = Ipv4.at(d.ptr + linkLen(d)).isDontFragment;
  tell(node, b, port, d, isMine ? BIG | (mtu << MTU_AT) : SILENCE);
  return Status.TooBig;
}

function errorFor(why: i32): u32 {
  switch (why) {
    case Status.NoRoute:
      return NET;
    case Status.Unreachable:
    case Status.Unresolved:
      return HOST;
    case Status.Prohibited:
      return PROHIBITED;
    case Status.TtlExceeded:
      return ICMP_TIME_EXCEEDED;
    default:
      return SILENCE;
  }
}

function tell(node: usize, b: Burst, port: Port, d: Desc, error: u32): void {
  if (error == SILENCE || isNowhere(port)) return;
  if (!emitError(node, b, port, d, error)) count(node, Status.ErrorSuppressed);
}

function emitError(node: usize, b: Burst, port: Port, d: Desc, error: u32): bool {
  const frameLen = linkLen(d);
  const offender = Ipv4.at(d.ptr + frameLen);
  const isFlannel = (port.flags & PortFlag.FlannelUnreachable) != 0;
  if (isFlannel && error != NET && error != PROHIBITED) return false;
  if (isFlannel ? !isFlannelOffender(offender) : !isOffender(offender)) return false;
  const frame = Ethernet.at(d.ptr);
  if (frameLen != 0 && isGroupMac(frame.dst | frame.src)) return false;
  const fromTarget = (port.flags & PortFlag.UnreachableFromTarget) != 0;
  const src = fromTarget ? offender.dst : port.ipv4;
  if (src == 0 || !mayTell(node)) return false;
  const quoteLen = isFlannel ? flannelQuoteLen(offender) : fullQuoteLen(offender);
  const packetLen = ERROR_HEADERS_LEN + quoteLen;
  const answer = b.originate(d.port, frameLen + packetLen, d.flags & DescFlag.L3);
  if (answer == 0) return false;
  if (frameLen != 0) {
    Ethernet.at(answer).emit(frame.src, frame.dst, ETHERTYPE_IPV4_NET);
  }
  const ip = Ipv4.at(answer + frameLen);
  ip.emit(packetLen, isFlannel ? FLANNEL_TTL : ERROR_TTL, PROTOCOL_ICMP, src, offender.src);
  const icmp = Icmp.at(ip.payload);
  memory.copy(icmp.payload, changetype<usize>(offender), quoteLen);
  icmp.emitError(error & 0xff, error >> CODE_AT, error >> MTU_AT, quoteLen);
  return true;
}

// Each error uses a millisecond up, and at most fifty of them ahead of time.
function mayTell(node: usize): bool {
  const now = load<f64>(node, nodeAt.NOW_MS);
  const used = max(load<f64>(node, nodeAt.ERRORS_MS), now) + ERROR_MS;
  if (used > now + ERROR_BURST_MS) return false;
  store<f64>(node, used, nodeAt.ERRORS_MS);
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
