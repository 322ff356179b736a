// A packet taken apart, layer by layer, tunnels and quotes included. One loop, and no memory but
// the records that it writes: each header says what follows it and how far that reaches.
//
// Lengths are believed only as far as bytes are there. In a fragment, and in what an ICMP error
// quotes, bytes are missing by design: there a header that cannot be read is no error but payload,
// and checksums over what is missing are not asked for.
import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { ARP_LEN, ARP_TYPES_LEN, Arp } from "../wire/arp";
import { ETHERNET_HEADER_LEN, ETHERNET_LENGTH_MAX, Ethernet, VLAN_TAG_LEN } from "../wire/ethernet";
import { ICMP_HEADER_LEN, Icmp } from "../wire/icmp";
import { IGMP_HEADER_LEN, Igmp } from "../wire/igmp";
import { IPV4_HEADER_LEN_MIN, Ipv4 } from "../wire/ipv4";
import { TCP_HEADER_LEN_MIN, Tcp } from "../wire/tcp";
import { UDP_HEADER_LEN, Udp } from "../wire/udp";
import { Vlan } from "../wire/vlan";
import { VXLAN_HEADER_LEN, Vxlan } from "../wire/vxlan";
import { DATAGRAM_HEADERS_LEN, DATAGRAM_LAYERS, openDatagram } from "./datagram";
import { Layer, LayerKind } from "./layer";
import { CUT, NESTED, nextOf, ofPort, typeOf } from "./successor";

const DEPTH_MAX: u32 = 15; // packets around a packet; what lies deeper is payload

const VERSION_6: u32 = 6;
const VERSION_SHIFT: u32 = 4;

/**
 * Writes the layers of the packet at `ptr`, at most `cap` records. The last one may be broken.
 * Returns: how many it wrote. Requires: room for `cap` records at `out`, apart from the packet.
 */
export function decode(ptr: usize, len: u32, start: i32, out: usize, cap: u32): u32 {
  let kind = isIpv6(ptr, len, start) ? LayerKind.Payload : start;
  let count: u32 = 0;
  let depth: u32 = 0;
  let at: u32 = 0; // what is left lies from here
  let end = len; // to here
  let isCut = false;
  let ip: usize = 0; // the latest IPv4 header
  while (count < cap && (kind != LayerKind.Payload || at != end)) {
    const layer = Layer.of(out, count);
    const header = ptr + at;
    let next: i32 = 0;
    const isLikely = kind == LayerKind.Ethernet && !isCut && cap - count >= DATAGRAM_LAYERS;
    const length = isLikely
      ? openDatagram(changetype<usize>(layer), header, end - at, at, depth)
      : 0;
    if (length != 0) {
      count += DATAGRAM_LAYERS;
      at += DATAGRAM_HEADERS_LEN;
      end = at - UDP_HEADER_LEN + length;
      next = ofPort(Udp.at(ptr + at - UDP_HEADER_LEN).dstPort);
      if (next == LayerKind.Vxlan && count < cap && Vxlan.check(ptr + at, end - at, false) == 0) {
        Layer.of(out, count).emit(next, depth, at, end - at);
        Layer.of(out, count).setHeaderLen(VXLAN_HEADER_LEN);
        count += 1;
        at += VXLAN_HEADER_LEN;
        next = LayerKind.Ethernet | NESTED;
      }
    } else {
      layer.emit(kind, depth, at, end - at);
      if (kind == LayerKind.Payload) {
        count += 1;
        break;
      }
      const status = open(layer, header, ip, isCut);
      if (isBroken(status) && (isCut || status == Status.BadHardware)) {
        kind = LayerKind.Payload; // which nothing can be wrong with
        continue;
      }
      layer.setStatus(status);
      count += 1;
      if (isBroken(status)) return count;
      if (kind == LayerKind.Ipv4) ip = header;
      next = nextOf(kind, header);
      end = layer.end;
      at += layer.headerLen;
      if (kind <= LayerKind.Vlan) end = at + dataLen(typeOf(kind, header), end - at);
    }
    kind = next & 0xff;
    if ((next & CUT) != 0) isCut = true;
    if ((next & NESTED) == 0) continue;
    if (depth == DEPTH_MAX) kind = LayerKind.Payload;
    else depth += 1;
  }
  return pad(out, count, cap, end, len);
}

/** True for what ends the decoding; other statuses are told, and it goes on. */
function isBroken(status: i32): bool {
  return status != Status.Ok && status != Status.BadChecksum && status != Status.BadOption;
}

// A link that carries bare IP packets may carry both versions; the core knows one.
function isIpv6(ptr: usize, len: u32, start: i32): bool {
  return start == LayerKind.Ipv4 && len != 0 && <u32>load<u8>(ptr) >> VERSION_SHIFT == VERSION_6;
}

// Bytes of data that an Ethernet header or a tag with this EtherType leaves of `room`.
function dataLen(typeNet: u32, room: u32): u32 {
  const length = swap16(typeNet);
  return length <= ETHERNET_LENGTH_MAX ? min(length, room) : room;
}

// Judges the header at `ptr`, and writes into the layer how long it is and how far it reaches, or
// the bytes that it needs.
function open(layer: Layer, ptr: usize, ip: usize, isCut: bool): i32 {
  const room = layer.len;
  switch (layer.kind) {
    case LayerKind.Ethernet:
      layer.setHeaderLen(ETHERNET_HEADER_LEN);
      return Ethernet.check(ptr, room);
    case LayerKind.Vlan:
      layer.setHeaderLen(VLAN_TAG_LEN);
      return Vlan.check(ptr, room);
    case LayerKind.Arp:
      return openArp(layer, ptr);
    case LayerKind.Ipv4:
      return openIpv4(layer, ptr, isCut);
    case LayerKind.Icmp:
      layer.setHeaderLen(ICMP_HEADER_LEN);
      return told(Icmp.check(ptr, room), isCut);
    case LayerKind.Igmp:
      layer.setHeaderLen(IGMP_HEADER_LEN);
      return told(Igmp.check(ptr, room), isCut);
    case LayerKind.Udp:
      return openUdp(layer, ptr, ip, isCut);
    case LayerKind.Tcp:
      return openTcp(layer, ptr, ip, isCut);
    case LayerKind.Vxlan:
      layer.setHeaderLen(VXLAN_HEADER_LEN);
      return Vxlan.check(ptr, room, false);
    default:
      return Status.Ok;
  }
}

// The checksum of what is cut cannot be right.
function told(status: i32, isCut: bool): i32 {
  return isCut && status == Status.BadChecksum ? Status.Ok : status;
}

function openArp(layer: Layer, ptr: usize): i32 {
  const room = layer.len;
  layer.setHeaderLen(ARP_LEN);
  if (room >= ARP_TYPES_LEN && !Arp.at(ptr).isForIpv4) return Status.BadHardware;
  if (room < ARP_LEN) return Status.Truncated;
  layer.setLen(ARP_LEN);
  return Status.Ok;
}

function openIpv4(layer: Layer, ptr: usize, isCut: bool): i32 {
  const room = layer.len;
  layer.setHeaderLen(IPV4_HEADER_LEN_MIN);
  const status = Ipv4.checkHeader(ptr, room);
  if (room < IPV4_HEADER_LEN_MIN || (isBroken(status) && status != Status.Truncated)) return status;
  const header = Ipv4.at(ptr);
  const length = header.totalLength;
  if (status == Status.Truncated || (length > room && !isCut)) {
    layer.setHeaderLen(length);
    return Status.Truncated;
  }
  layer.setHeaderLen(header.headerLen);
  layer.setLen(min(length, room));
  return header.isChecksumValid ? header.checkOptions() : Status.BadChecksum;
}

function openUdp(layer: Layer, ptr: usize, ip: usize, isCut: bool): i32 {
  const room = layer.len;
  layer.setHeaderLen(UDP_HEADER_LEN);
  if (room < UDP_HEADER_LEN) return Status.Truncated;
  const header = Udp.at(ptr);
  const length = header.length;
  if (length < UDP_HEADER_LEN) return Status.BadLength;
  if (length > room && !isCut) {
    layer.setHeaderLen(length);
    return Status.Truncated;
  }
  layer.setLen(min(length, room));
  if (isCut || header.isChecksumValid(Ipv4.at(ip).pseudo())) return Status.Ok;
  return Status.BadChecksum;
}

function openTcp(layer: Layer, ptr: usize, ip: usize, isCut: bool): i32 {
  const room = layer.len;
  layer.setHeaderLen(TCP_HEADER_LEN_MIN);
  const status = Tcp.check(ptr, room);
  if (room < TCP_HEADER_LEN_MIN || status == Status.BadLength) return status;
  const header = Tcp.at(ptr);
  layer.setHeaderLen(header.headerLen);
  if (status != Status.Ok) return status;
  const isWhole = isCut || header.isChecksumValid(Ipv4.at(ip).pseudo(), room);
  return isWhole ? header.checkOptions() : Status.BadChecksum;
}

// Appends what lies behind `end`, which the layers reach, up to the end of each that claims more:
// from the innermost outwards, and at last what no layer claims.
function pad(out: usize, count: u32, cap: u32, end: u32, len: u32): u32 {
  if (end == len) return count;
  for (let i = count; i > 0 && count < cap; i--) {
    const layer = Layer.of(out, i - 1);
    if (layer.end <= end) continue;
    Layer.of(out, count).emit(LayerKind.Padding, layer.depth, end, layer.end - end);
    end = layer.end;
    count += 1;
  }
  if (end == len || count == cap) return count;
  Layer.of(out, count).emit(LayerKind.Padding, 0, end, len - end);
  return count + 1;
}
