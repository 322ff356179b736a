// What most packets begin with, in one step: Ethernet, IPv4 without options or fragments, and UDP.
// It says nothing that `decode` would not say header by header, and leaves to it whatever is odd.
import { ETHERNET_HEADER_LEN, ETHERTYPE_IPV4_NET, Ethernet } from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, Ipv4, PROTOCOL_UDP } from "../wire/ipv4";
import { PlainIpv4 } from "../wire/plain";
import { UDP_HEADER_LEN, Udp } from "../wire/udp";
import { Layer, LayerKind } from "./layer";

const IPV4_AT: u32 = ETHERNET_HEADER_LEN;
const UDP_AT: u32 = IPV4_AT + IPV4_HEADER_LEN_MIN;

export const DATAGRAM_LAYERS: u32 = 3;
export const DATAGRAM_HEADERS_LEN: u32 = UDP_AT + UDP_HEADER_LEN;

/**
 * Writes the three layers of a frame of `room` bytes at `ptr`, which lies at `offset` of its packet
 * and as deep as `depth`. Returns: the UDP length, or 0 for a frame of another kind.
 */
export function openDatagram(out: usize, ptr: usize, room: u32, offset: u32, depth: u32): u32 {
  if (room < DATAGRAM_HEADERS_LEN) return 0;
  if (Ethernet.at(ptr).etherTypeNet != ETHERTYPE_IPV4_NET) return 0;
  const ip = Ipv4.at(ptr + IPV4_AT);
  const total = PlainIpv4.at(ptr + IPV4_AT).totalLength();
  if (total < UDP_AT - IPV4_AT || total > room - IPV4_AT || ip.protocol != PROTOCOL_UDP) return 0;
  const udp = Udp.at(ptr + UDP_AT);
  const length = udp.length;
  if (length < UDP_HEADER_LEN || length > total - IPV4_HEADER_LEN_MIN) return 0;
  if (udp.hasChecksum && !udp.isChecksumValid(ip.pseudo())) return 0;
  Layer.of(out, 0).emitWhole(LayerKind.Ethernet, depth, offset, ETHERNET_HEADER_LEN, room);
  Layer.of(out, 1).emitWhole(LayerKind.Ipv4, depth, offset + IPV4_AT, IPV4_HEADER_LEN_MIN, total);
  Layer.of(out, 2).emitWhole(LayerKind.Udp, depth, offset + UDP_AT, UDP_HEADER_LEN, length);
  return length;
}
