// MSS clamping: the largest segment that a SYN offers is cut down to what the tunnel has room for,
// so that a connection whose path hides its MTU works at all. Both SYNs of a connection are looked
// at, wherever they enter or leave. A SYN without the option stays so: its sender means 536 bytes
// (RFC 9293, section 3.7.1), and those fit.
import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { ETHERNET_HEADER_LEN, ETHERTYPE_IPV4_NET, Ethernet } from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, Ipv4, PROTOCOL_TCP } from "../wire/ipv4";
import { TCP_HEADER_LEN_MIN, Tcp } from "../wire/tcp";

const HEADERS_LEN: u32 = IPV4_HEADER_LEN_MIN + TCP_HEADER_LEN_MIN;

/** Clamps a packet to what fits into `mtu`. Requires: Ipv4.check. */
export function clampMss(packet: usize, mtu: u32): void {
  const ptr = largeMss(packet, mtu);
  if (ptr != 0) Tcp.at(Ipv4.at(packet).payload).setMss(ptr, mtu - HEADERS_LEN);
}

/** The same for a frame, if it carries a legal packet. Requires: Ethernet.check. */
export function clampFrame(frame: usize, len: u32, mtu: u32): void {
  if (needsClamp(frame, len, mtu)) clampMss(Ethernet.at(frame).payload, mtu);
}

/** True for a frame that clampFrame would change. */
export function needsClamp(frame: usize, len: u32, mtu: u32): bool {
  const ethernet = Ethernet.at(frame);
  if (ethernet.etherTypeNet != ETHERTYPE_IPV4_NET) return false;
  if (Ipv4.check(ethernet.payload, len - ETHERNET_HEADER_LEN) != Status.Ok) return false;
  return largeMss(ethernet.payload, mtu) != 0;
}

// Where a SYN offers more than fits, or 0.
function largeMss(packet: usize, mtu: u32): usize {
  const ip = Ipv4.at(packet);
  if (ip.protocol != PROTOCOL_TCP || !ip.isFirstFragment || mtu < HEADERS_LEN) return 0;
  if (Tcp.check(ip.payload, ip.payloadLen) != Status.Ok) return 0;
  const ptr = Tcp.at(ip.payload).mssPtr;
  return ptr != 0 && swap16(load<u16>(ptr)) > mtu - HEADERS_LEN ? ptr : 0;
}
