// What of a packet says to which flow it belongs, and how that is changed: an address of its IP
// header, and behind that a port of TCP and UDP or the identifier of an echo. Checksums follow
// (RFC 1624), so one that was wrong stays so.
import { updateLong } from "../base/checksum";
import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { Tuple } from "../table/tuple";
import { ICMP_ECHO, ICMP_ECHO_REPLY, Icmp } from "../wire/icmp";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";
import { TCP_HEADER_LEN_MIN, Tcp } from "../wire/tcp";
import { Udp } from "../wire/udp";

/** Where ports and identifiers end, in every header that has some. */
export const PORTS_LEN_MIN: u32 = 8;

/** True for a protocol whose flows are told apart by more than addresses. */
export function hasPorts(protocol: u32): bool {
  return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_ICMP;
}

/**
 * Writes the tuple of a packet of which `len` bytes lie behind the header. Returns: Ok; Truncated
 * where the ports are missing; NotFound for ICMP other than an echo or its reply. Requires:
 * Ipv4.checkHeader has passed.
 */
export function readTuple(ip: Ipv4, len: u32, t: Tuple): Status {
  const protocol = ip.protocol;
  const addresses = ((<u64>ip.dst) << 32) | ip.src;
  t.emit(addresses, 0);
  if (!hasPorts(protocol)) return Status.Ok;
  if (len < PORTS_LEN_MIN) return Status.Truncated;
  if (protocol != PROTOCOL_ICMP) {
    const header = Udp.at(ip.payload); // TCP begins alike
    t.emit(addresses, header.srcPort | (header.dstPort << 16));
    return Status.Ok;
  }
  const icmp = Icmp.at(ip.payload);
  const type = icmp.type;
  t.emit(addresses, type == ICMP_ECHO ? icmp.id : icmp.id << 16);
  return type == ICMP_ECHO || type == ICMP_ECHO_REPLY ? Status.Ok : Status.NotFound;
}

/**
 * Puts `address` and `port` in place of a packet's target, or of its source; `len` bytes lie behind
 * the header, and what the end of a quoted packet has lost is not looked for.
 */
export function translate(ip: Ipv4, len: u32, isTarget: bool, address: u32, port: u32): void {
  const sum = sumPtr(ip, len);
  const before = bswap<u32>(isTarget ? ip.dst : ip.src);
  ip.setEnd(isTarget, address);
  if (ip.protocol != PROTOCOL_ICMP) mend(ip, sum, before, bswap<u32>(address));
  const place = portPtr(ip, len, isTarget);
  if (place == 0) return;
  const portBefore: u32 = load<u16>(place);
  store<u16>(place, <u16>swap16(port));
  mend(ip, sum, portBefore, swap16(port));
}

// Where the checksum behind the header stands, or 0.
function sumPtr(ip: Ipv4, len: u32): usize {
  const payload = ip.payload;
  switch (ip.protocol) {
    case PROTOCOL_TCP:
      return len < TCP_HEADER_LEN_MIN ? 0 : Tcp.at(payload).checksumPtr;
    case PROTOCOL_UDP:
      return len < PORTS_LEN_MIN ? 0 : Udp.at(payload).checksumPtr;
    case PROTOCOL_ICMP:
      return len < PORTS_LEN_MIN ? 0 : Icmp.at(payload).checksumPtr;
    default:
      return 0;
  }
}

// Where the port of that end stands, or 0: an echo has the identifier of the end that asks.
function portPtr(ip: Ipv4, len: u32, isTarget: bool): usize {
  const payload = ip.payload;
  if (len < PORTS_LEN_MIN || !hasPorts(ip.protocol)) return 0;
  if (ip.protocol != PROTOCOL_ICMP) return isTarget ? payload + 2 : payload;
  const isAsking = Icmp.at(payload).type == ICMP_ECHO;
  return isAsking == isTarget ? 0 : Icmp.at(payload).idPtr;
}

// Lets the checksum at `sum` follow a word that was `from` and is `to`. UDP without one has none.
function mend(ip: Ipv4, sum: usize, from: u32, to: u32): void {
  if (sum == 0) return;
  const isUdp = ip.protocol == PROTOCOL_UDP;
  const before: u32 = load<u16>(sum);
  if (isUdp && before == 0) return;
  const after = updateLong(before, from, to);
  store<u16>(sum, <u16>(isUdp && after == 0 ? 0xffff : after));
}
