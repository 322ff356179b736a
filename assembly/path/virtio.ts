// What a device with virtio headers hands over: packets whose checksum is not finished, and
// super-packets of TCP or UDP, which leave in as many segments as their header asks for.
//
// A header that does not fit its packet is refused, never mended. hdr_len is a hint of the device's
// and not looked at.
import { sumLong } from "../base/checksum";
import { Status } from "../base/status";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
  VLAN_TAG_LEN,
} from "../wire/ethernet";
import { Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";
import { TCP_CHECKSUM_OFFSET, Tcp } from "../wire/tcp";
import { UDP_CHECKSUM_OFFSET, UDP_HEADER_LEN, Udp } from "../wire/udp";
import {
  VIRTIO_GSO_NONE,
  VIRTIO_GSO_TCPV4,
  VIRTIO_GSO_UDP_L4,
  VIRTIO_HEADER_LEN,
  Virtio,
} from "../wire/virtio";
import { Vlan } from "../wire/vlan";
import { Burst, BurstFlag } from "./burst";
import { checkPlain, Desc } from "./desc";
import { linkLen } from "./link";

const CSUM_OFFSET_MAX: u32 = 0xff; // what a descriptor can say
const NO_IPV4: u32 = 0xffffffff;

/**
 * Ok for an ordinary packet in the arena, with `headroom` bytes in front of it; at the side of a
 * device with virtio headers for a legal super-packet as well, which has a GSO size from here on,
 * and for an unfinished checksum, which is finished here.
 */
export function checkOffered(node: usize, b: Burst, d: Desc, headroom: u32): Status {
  if ((b.flags & BurstFlag.Virtio) == 0) return checkPlain(node, d, headroom);
  d.setOffload(0, 0, 0, 0);
  const status = checkPlain(node, d, max(headroom, VIRTIO_HEADER_LEN));
  if (status != Status.Ok) return status;
  const header = Virtio.at(d.ptr - VIRTIO_HEADER_LEN);
  if (!b.own(d, headroom)) return Status.NoRoom;
  const type = header.gsoType;
  if (!header.needsCsum) return type == VIRTIO_GSO_NONE ? Status.Ok : Status.BadOffload;
  const legal = header.checkCsum(linkLen(d), d.len);
  if (legal != Status.Ok) return legal;
  if (header.csumOffset > CSUM_OFFSET_MAX) return Status.BadOffload;
  d.setOffload(header.gsoSize, header.csumStart, header.csumOffset, type);
  if (type != VIRTIO_GSO_NONE) {
    const whole = checkSuper(d);
    if (whole != Status.Ok) return whole;
    if (d.len > headersLen(d) + d.gsoSize) return Status.Ok;
  }
  complete(d);
  return Status.Ok;
}

/** Bytes of the headers of a super-packet, the link's among them. */
export function headersLen(d: Desc): u32 {
  const start = d.csumStart;
  const isTcp = d.gsoType == VIRTIO_GSO_TCPV4;
  return start + (isTcp ? Tcp.at(d.ptr + start).headerLen : UDP_HEADER_LEN);
}

/** Bytes of the packet in `d` on the way: of a super-packet, the longest segment's. */
export function wireLen(d: Desc): u32 {
  return d.gsoSize == 0 ? d.len : headersLen(d) + d.gsoSize;
}

// Ok for a packet of the protocol that its virtio header says, as long as its own headers say, with
// the checksum where that protocol has it.
function checkSuper(d: Desc): Status {
  const isTcp = d.gsoType == VIRTIO_GSO_TCPV4;
  if (!isTcp && d.gsoType != VIRTIO_GSO_UDP_L4) return Status.NeedsOffload;
  if (d.gsoSize == 0) return Status.BadOffload;
  const front = frontLen(d);
  if (front > d.len) return Status.NeedsOffload;
  const whole = Ipv4.check(d.ptr + front, d.len - front);
  if (whole != Status.Ok) return whole;
  const ip = Ipv4.at(d.ptr + front);
  if (ip.totalLength != d.len - front || ip.isFragment) return Status.BadOffload;
  if (ip.protocol != (isTcp ? PROTOCOL_TCP : PROTOCOL_UDP)) return Status.BadOffload;
  if (d.csumStart != front + ip.headerLen) return Status.BadOffload;
  if (d.csumOffset != (isTcp ? TCP_CHECKSUM_OFFSET : UDP_CHECKSUM_OFFSET)) return Status.BadOffload;
  if (isTcp) return Tcp.check(ip.payload, ip.payloadLen);
  const udp = Udp.check(ip.payload, ip.payloadLen);
  if (udp != Status.Ok) return udp;
  return Udp.at(ip.payload).length == ip.payloadLen ? Status.Ok : Status.BadOffload;
}

/** Bytes in front of the IPv4 header, a tag's among them; more than there are where it has none. */
export function frontLen(d: Desc): u32 {
  const len = linkLen(d);
  if (len == 0) return 0;
  if (d.len < len + VLAN_TAG_LEN) return NO_IPV4;
  const frame = Ethernet.at(d.ptr);
  const type = frame.etherTypeNet;
  if (type == ETHERTYPE_IPV4_NET) return ETHERNET_HEADER_LEN;
  if (type != ETHERTYPE_VLAN_NET) return NO_IPV4;
  const isIpv4 = Vlan.at(frame.payload).etherTypeNet == ETHERTYPE_IPV4_NET;
  return isIpv4 ? ETHERNET_HEADER_LEN + VLAN_TAG_LEN : NO_IPV4;
}

// Finishes the checksum: the device has put the sum of the pseudo header in its place. Zero would
// say that there is none, so it is written as all ones, whatever the protocol, as Linux does.
function complete(d: Desc): void {
  const start = d.csumStart;
  const offset = d.csumOffset;
  d.setOffload(0, 0, 0, 0);
  const ptr = d.ptr + start;
  const checksum = sumLong(ptr, d.len - start, 0) ^ 0xffff;
  store<u16>(ptr + offset, <u16>(checksum == 0 ? 0xffff : checksum));
}
