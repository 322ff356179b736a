// The router (RFC 1812, section 5.2): a packet has come in, where does it go? A route decides
// first, as in Linux, then TTL, MTU and neighbor. Nothing of a packet is changed before it leaves,
// so one that waits for a neighbor can be given again as it is.
import { arena, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { Hop, HopKind, hopAt } from "../table/hop";
import { routeFind } from "../table/lookup";
import { neighborMac } from "../table/neighbor";
import { Port, portAt } from "../table/port";
import { neighborUse } from "../table/reach";
import { isBroadcast, isLoopback, isMulticast } from "../wire/address";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_ARP_NET,
  ETHERTYPE_IPV4_NET,
  Ethernet,
  isGroupMac,
  MAC_BROADCAST,
} from "../wire/ethernet";
import { IPV4_LEN_MAX, Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";
import { UDP_HEADER_LEN } from "../wire/udp";
import { Burst } from "./burst";
import { Desc, DescFlag, NONE, Verdict } from "./desc";
import { refuse, refuseBig } from "./error";
import { fragment } from "./fragment";
import { carriesFrames, checkArrival, isNowhere, linkLen } from "./link";
import { isMartian } from "./outer";
import { ask, hearArp, isForStation } from "./resolve";

const TTL_MIN: u32 = 2; // one is taken off, and zero may not travel on
const TCP_FLAGS_END: u32 = 16; // up to its flags and a bit more (RFC 1858, section 3.2.1)
const TCP_FLAGS_OFFSET: u32 = 8; // where a second fragment would hold the flags
const PREFIX_LEN_BROADCAST: u32 = 30; // longer prefixes have none (RFC 3021)

/** One frame, IP packet, or packet of the host's own. */
export function route(node: usize, b: Burst, d: Desc): i32 {
  const port = Port.at(portAt(node, d.port));
  const arrived = checkArrival(node, port, d);
  if (arrived != Status.Ok) return arrived;
  const frameLen = linkLen(d);
  if (frameLen != 0) {
    const frame = Ethernet.at(d.ptr);
    if (frame.etherTypeNet == ETHERTYPE_ARP_NET) return hearArp(node, b, port, d);
    if (!isForStation(port, frame)) return Status.NotForUs;
    if (frame.etherTypeNet != ETHERTYPE_IPV4_NET) return Status.BadProtocol;
  }
  const legal = checkPacket(d.ptr + frameLen, d.len - frameLen);
  if (legal != Status.Ok) return legal;
  const place = judgePlace(port, d);
  return place == 0 ? onward(node, b, port, d) : place;
}

// Ok for a packet that is whole, goes by our routes, and shows filters what they look at.
function checkPacket(packet: usize, len: u32): Status {
  const status = Ipv4.check(packet, len);
  if (status != Status.Ok) return status;
  const ip = Ipv4.at(packet);
  const options = ip.checkOptions();
  if (options != Status.Ok) return options;
  if (ip.hasSourceRoute) return Status.SourceRoute;
  // What reaches beyond the longest packet would begin it anew in smaller fragments.
  if (ip.fragmentOffset + ip.totalLength > IPV4_LEN_MAX) return Status.BadLength;
  return ip.isFragment && isTiny(ip) ? Status.TinyFragment : Status.Ok;
}

// RFC 1858, sections 3.2.1 and 3.2.2: a filter sees neither ports nor flags.
function isTiny(ip: Ipv4): bool {
  const protocol = ip.protocol;
  const isTcp = protocol == PROTOCOL_TCP;
  if (!ip.isFirstFragment) return isTcp && ip.fragmentOffset == TCP_FLAGS_OFFSET;
  return (
    (isTcp && ip.payloadLen < TCP_FLAGS_END) ||
    (protocol == PROTOCOL_UDP && ip.payloadLen < UDP_HEADER_LEN)
  );
}

// ForUs or a status where addresses alone decide; else 0.
function judgePlace(port: Port, d: Desc): i32 {
  const ip = Ipv4.at(d.ptr + linkLen(d));
  const src = ip.src;
  const dst = ip.dst;
  if (isLoopback(dst) || dst >> 24 == 0) return Status.Martian;
  if (isNowhere(port)) return 0;
  const isAll = isBroadcast(dst);
  if (isAll && src == 0) return Verdict.ForUs; // who has no address yet asks for one
  // A TUN may give what its own node has sent, as with Linux's accept_local; a link may not.
  const isFrame = linkLen(d) != 0;
  if (isMartian(src) || isSubnetBroadcast(port, src)) return Status.Martian;
  if (isFrame && src == port.ipv4) return Status.Martian;
  if (isAll || isSubnetBroadcast(port, dst)) return Verdict.ForUs;
  // RFC 1812, section 5.3.4; RFC 1122, section 3.3.6.
  if (isFrame && isGroupMac(Ethernet.at(d.ptr).dst) && !isMulticast(dst)) return Status.NotForUs;
  return dst == port.ipv4 ? Verdict.ForUs : 0;
}

// RFC 1812, section 5.3.5.2: all ones behind the prefix of the port.
function isSubnetBroadcast(port: Port, address: u32): bool {
  const len = port.prefixLen;
  if (len == 0 || len > PREFIX_LEN_BROADCAST) return false;
  return address == (port.ipv4 | (0xffffffff >> len));
}

function onward(node: usize, b: Burst, port: Port, d: Desc): i32 {
  const ip = Ipv4.at(d.ptr + linkLen(d));
  const dst = ip.dst;
  const towards = hopTowards(node, dst);
  if (towards < 0) return refuse(node, b, port, d, towards);
  const hop = Hop.at(towards);
  const egress = Port.at(portAt(node, hop.port));
  if (hop.kind == HopKind.Local) return Verdict.ForUs;
  if (isMulticast(dst) || isBroadcast(dst)) return Status.NotForUs; // nobody routes groups here
  if (isNowhere(egress)) return refuse(node, b, port, d, Status.NoRoute);
  if (isSubnetBroadcast(egress, dst)) return Verdict.ForUs;
  if (!isNowhere(port) && ip.ttl < TTL_MIN) return refuse(node, b, port, d, Status.TtlExceeded);
  const mtu = mtuOf(egress, hop);
  if (ip.totalLength > mtu && ip.isDontFragment) return refuseBig(node, b, port, d, mtu);
  if (!b.hasRoom) return Status.NoRoom;
  if (!carriesFrames(egress)) return leave(node, b, d, hop, 0);
  const gateway = hop.gateway;
  const nextHop = gateway != 0 ? gateway : dst;
  const used = neighborUse(node, hop.port, nextHop);
  if (used > 0) return leave(node, b, d, hop, neighborMac(used));
  if (used != Status.Ok && used != Status.Busy) return refuse(node, b, port, d, used);
  if (used == Status.Ok) ask(node, b, hop.port, nextHop, MAC_BROADCAST);
  d.setPort(hop.port);
  d.setPeer(nextHop);
  return Verdict.Waiting;
}

/** The hop that the routes give for `dst`, an address; or why a packet may not go there. */
export function hopTowards(node: usize, dst: u32): i32 {
  const index = routeFind(node, dst);
  if (index < 0) return Status.NoRoute;
  const hop = hopAt(node, index);
  switch (Hop.at(hop).kind) {
    case HopKind.Blackhole:
      return Status.Blackhole;
    case HopKind.Unreachable:
      return Status.Unreachable;
    case HopKind.Prohibit:
      return Status.Prohibited;
    default:
      return <i32>hop;
  }
}

/** The longest packet that goes by `hop` to `egress`. */
export function mtuOf(egress: Port, hop: Hop): u32 {
  const mtu = hop.mtu;
  return mtu != 0 ? mtu : egress.mtu;
}

// Sends the packet in `d` by the port of `hop`, to `mac` if that has a link. Requires: hasRoom.
function leave(node: usize, b: Burst, d: Desc, hop: Hop, mac: u64): i32 {
  const egress = Port.at(portAt(node, hop.port));
  const frontLen = carriesFrames(egress) ? ETHERNET_HEADER_LEN : 0;
  let packet = d.ptr + linkLen(d);
  const len = Ipv4.at(packet).totalLength; // behind it lies padding
  if ((d.flags & DescFlag.Shared) != 0 || !hasFront(node, packet, frontLen)) {
    const copy = b.takeSpare(frontLen + len);
    if (copy == 0) return Status.NoRoom;
    memory.copy(copy + frontLen, packet, len);
    packet = copy + frontLen;
  }
  const isOurs = d.port == NONE;
  if (!isOurs) Ipv4.at(packet).decrementTtl();
  const front = packet - frontLen;
  if (frontLen != 0) Ethernet.at(front).emit(mac, egress.mac, ETHERTYPE_IPV4_NET);
  const o = b.next;
  const flags = isOurs ? DescFlag.Originated : d.flags & DescFlag.Decapped;
  o.emit(front, frontLen + len, flags | (frontLen == 0 ? DescFlag.L3 : 0));
  o.setPort(hop.port);
  o.setRemote(d.remote);
  const mtu = mtuOf(egress, hop);
  if (len > mtu) return fragment(b, mtu) ? Verdict.Consumed : Status.NoRoom;
  b.commit();
  return Verdict.Consumed;
}

// True when the slot of a packet has `len` bytes in front of it.
function hasFront(node: usize, packet: usize, len: u32): bool {
  return <u32>(packet - arena(node)) % load<u32>(node, nodeAt.SLOT_STRIDE) >= len;
}
