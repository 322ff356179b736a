// The outer headers below VXLAN on the fast path, read and written in words of eight bytes.
import { fold } from "../base/checksum";
import { swap16 } from "../base/endian";
import { takeIpId } from "../base/node";
import { Port } from "../table/port";
import { Remote } from "../table/remote";
import { ETHERNET_HEADER_LEN, ETHERTYPE_IPV4_NET } from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, PROTOCOL_UDP } from "../wire/ipv4";
import { UDP_IMAGE_LEN } from "../wire/overhead";
import { UDP_HEADER_LEN } from "../wire/udp";
import { Desc } from "./desc";
import { fastAt } from "./fast";
import { isMartian, sourcePort } from "./outer";

// Ethernet, IPv4 without options, UDP: where the words begin that both directions share.
namespace at {
  export const DST_MAC: usize = 0;
  export const SRC_MAC: usize = 6;
  export const TYPE: usize = 12; // EtherType, version, DS field, length, identification
  export const TOS: usize = 15;
  export const TTL: usize = 20; // fragment, TTL, protocol, checksum; then two bytes of the source
  export const ENDS: usize = 26; // both addresses
  export const PORTS: usize = 34; // both ports, length, checksum
  export const END: usize = 42;
}

const TYPE_NET: u64 = ETHERTYPE_IPV4_NET | (0x45 << 16); // IPv4 and a header of twenty bytes
const TYPE_MASK: u64 = 0xffffff;
const TTL_MASK: u64 = 0xffffffffffff; // without the source
const PLAIN_NET: u64 = PROTOCOL_UDP << 24; // UDP, and no fragment
const PLAIN_MASK: u64 = 0xff00ff3f;

if (at.END != <usize>UDP_IMAGE_LEN) ERROR("the outer headers are 42 bytes");

/** Writes the headers of `o`, which begins with them, towards `remote`, as emitOuter does. */
export function emitFastOuter(node: usize, port: Port, remote: Remote, o: Desc, hash: u32): void {
  const header = o.ptr;
  const ipLen = o.len - ETHERNET_HEADER_LEN;
  const lens = ((<u64>swap16(ipLen)) << 32) | ((<u64>swap16(takeIpId(node))) << 48);
  const type = TYPE_NET | ((<u64>o.tos) << 24) | lens;
  const own = remote.ownAddressNet;
  const src = <u64>(own != 0 ? own : load<u32>(node, fastAt.LOCAL_NET));
  const dst = <u64>remote.addressNet;
  const ttl = <u64>load<u32>(node, fastAt.TTL);
  const checksum = ~fold((type >> 16) + ttl + src + dst) & 0xffff;
  store<u64>(header, remote.dstMac, at.DST_MAC);
  store<u64>(header, remote.srcMac, at.SRC_MAC);
  store<u64>(header, type, at.TYPE);
  store<u64>(header, ttl | ((<u64>checksum) << 32), at.TTL);
  store<u64>(header, src | (dst << 32), at.ENDS);
  const theirs = remote.udpPort;
  const dstPort = theirs != 0 ? swap16(theirs) : load<u32>(node, fastAt.UDP_PORT_NET);
  const srcPort = swap16(sourcePort(port.flags, hash));
  const udpLen = swap16(ipLen - IPV4_HEADER_LEN_MIN);
  store<u64>(header, ((<u64>udpLen) << 32) | (dstPort << 16) | srcPort, at.PORTS);
}

/**
 * The length of what an ordinary datagram for this port carries, behind 42 bytes at `frame`: no
 * options, no fragment, no UDP checksum. 0 for any other.
 */
export function fastPayloadLen(node: usize, frame: usize, len: u32): u32 {
  if (len < UDP_IMAGE_LEN) return 0;
  const type = load<u64>(frame, at.TYPE);
  const ttl = load<u64>(frame, at.TTL) & TTL_MASK;
  const ends = load<u64>(frame, at.ENDS);
  const ports = load<u64>(frame, at.PORTS);
  if ((type & TYPE_MASK) != TYPE_NET || (ttl & PLAIN_MASK) != PLAIN_NET) return 0;
  if (<u32>(ends >> 32) != load<u32>(node, fastAt.LOCAL_NET)) return 0;
  if (fold((type >> 16) + ttl + (ends & 0xffffffff) + (ends >> 32)) != 0xffff) return 0;
  const dstPort = <u32>(ports >> 16) & 0xffff;
  if (dstPort != load<u32>(node, fastAt.UDP_PORT_NET) || ports >> 48 != 0) return 0;
  const ipLen = swap16(<u32>(type >> 32));
  const udpLen = swap16(<u32>(ports >> 32));
  if (ipLen > len - ETHERNET_HEADER_LEN || ipLen < IPV4_HEADER_LEN_MIN + udpLen) return 0;
  return udpLen < UDP_HEADER_LEN || isMartian(fastPeer(frame)) ? 0 : udpLen - UDP_HEADER_LEN;
}

/** Who sent it. */
export function fastPeer(frame: usize): u32 {
  return bswap<u32>(load<u32>(frame, at.ENDS));
}

/** How it is marked. */
export function fastOuterTos(frame: usize): u32 {
  return load<u8>(frame, at.TOS);
}
