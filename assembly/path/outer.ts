// The outer Ethernet and IPv4 headers, and UDP's for most tunnels, for links that carry complete
// frames.
import { sum } from "../base/checksum";
import { scale } from "../base/hash";
import { takeIpId } from "../base/node";
import { Status } from "../base/status";
import { domainByVni } from "../table/domain";
import { Hop, hopAt } from "../table/hop";
import { routeFind } from "../table/lookup";
import { Port, PortFlag, PortKind } from "../table/port";
import { Remote, RemoteFlag, remoteAt, remoteFind } from "../table/remote";
import { isBroadcast, isLoopback, isMulticast } from "../wire/address";
import { ETHERNET_HEADER_LEN, ETHERTYPE_IPV4_NET, Ethernet } from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, IPV4_LEN_MAX, Ipv4, PROTOCOL_IPIP, PROTOCOL_UDP } from "../wire/ipv4";
import { TUNNEL_OVERHEAD_LEN, UDP_TUNNEL_OVERHEAD_LEN } from "../wire/overhead";
import { UDP_HEADER_LEN, Udp } from "../wire/udp";
import { Burst } from "./burst";
import { checkPlain, Desc, DescFlag, NONE } from "./desc";

const IPV4_MTU_MIN: u32 = 68; // RFC 791, section 3.2
const LINUX_PORT_MIN: u32 = 32768; // ip_local_port_range as Linux ships it: 32768 to 60999
const LINUX_PORT_COUNT: u32 = 28232;
const DYNAMIC_PORT_MIN: u32 = 49152; // RFC 7348, section 5: 49152 to 65535 suggested
const DYNAMIC_PORT_COUNT: u32 = 16384;

/**
 * Writes the 34 bytes at `header` in front of `payloadLen` bytes of IP payload, to the remote that
 * `o` names and with its DS field. Returns: the outer IP header.
 */
export function emitIp(node: usize, port: Port, o: Desc, header: usize, payloadLen: u32): Ipv4 {
  const remote = Remote.at(remoteAt(node, o.remote));
  Ethernet.at(header).emit(remote.dstMac, remote.srcMac, ETHERTYPE_IPV4_NET);
  const ip = Ipv4.at(Ethernet.at(header).payload);
  const len = IPV4_HEADER_LEN_MIN + payloadLen;
  ip.emit(len, port.ttl, protocolOf(port), sourceTowards(port, remote), remote.address);
  ip.setTos(o.tos);
  ip.setId(takeIpId(node));
  if ((port.flags & PortFlag.DontFragment) != 0) ip.setDontFragment();
  o.addFlags(DescFlag.OuterFrame);
  return ip;
}

/**
 * Writes the 42 bytes at `header` in front of `payloadLen` bytes of UDP payload. Returns: the UDP
 * header, from our own port, without a checksum.
 */
export function emitOuter(node: usize, port: Port, o: Desc, header: usize, payloadLen: u32): Udp {
  const udpLen = UDP_HEADER_LEN + payloadLen;
  const udp = Udp.at(emitIp(node, port, o, header, udpLen).payload);
  const udpPort = Remote.at(remoteAt(node, o.remote)).udpPort;
  udp.emit(port.udpPort, udpPort != 0 ? udpPort : port.udpPort, udpLen);
  return udp;
}

/** Our own outer address towards `remote`. */
export function sourceTowards(port: Port, remote: Remote): u32 {
  const own = remote.ownAddress;
  return own != 0 ? own : port.localIpv4;
}

// What the outer header announces.
function protocolOf(port: Port): u32 {
  return port.kind == PortKind.Ipip ? PROTOCOL_IPIP : PROTOCOL_UDP;
}

/**
 * Computes the UDP checksum if `port` wants one. Of the datagram `nearLen` bytes lie behind the
 * outer IP header at `header`, the rest, what `inner` holds, anywhere.
 */
export function sealOuter(port: Port, header: usize, nearLen: u32, inner: Desc): void {
  if ((port.flags & PortFlag.UdpChecksum) == 0) return;
  const ip = Ipv4.at(Ethernet.at(header).payload);
  Udp.at(ip.payload).fillChecksumNear(sum(inner.ptr, inner.len, ip.pseudo()), nearLen);
}

/** The outer UDP source port of a flow, at a port with these flags. */
export function sourcePort(flags: u32, hash: u32): u32 {
  if ((flags & PortFlag.LinuxMode) != 0) return LINUX_PORT_MIN + scale(hash, LINUX_PORT_COUNT);
  return DYNAMIC_PORT_MIN + scale(hash, DYNAMIC_PORT_COUNT);
}

/**
 * Begins `b.next` for what the datagram in `d` carries: its payload, who sent it, and how it was
 * marked. With `isFrame` the outer headers are still in front of it.
 */
export function openDatagram(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): Status {
  const status = checkPlain(node, d, 0);
  if (status != Status.Ok) return status;
  if (!b.hasRoom) return Status.NoRoom;
  const o = b.next;
  o.emit(d.ptr, d.len, DescFlag.Decapped | (d.flags & DescFlag.Shared));
  o.setPort(b.port);
  if (isFrame) return openOuter(port, d, o);
  o.setRemote(d.remote);
  o.setPeer(d.peer);
  o.setTos(d.tos);
  return Status.Ok;
}

/** Begins `b.next` for a packet to `remote`, or says why there is none. */
export function beginTo(node: usize, b: Burst, d: Desc, remote: u32): Status {
  const peer = Remote.at(remoteAt(node, remote));
  if (changetype<usize>(peer) == 0) return Status.BadRemote;
  if ((d.flags & DescFlag.Decapped) != 0 && d.remote == remote) return Status.SplitHorizon;
  if (!b.hasRoom) return Status.NoRoom;
  const o = b.next;
  o.emit(0, 0, d.flags & DescFlag.Shared);
  o.setPort(b.port);
  o.setRemote(remote);
  o.setPeer(peer.address);
  return Status.Ok;
}

/** True when the routes lead back to `remote` from where it is to go: `src` lives there. */
export function goesBack(node: usize, src: u32, remote: u32): bool {
  const hop = src == 0 ? Status.NotFound : routeFind(node, src);
  return hop >= 0 && Hop.at(hopAt(node, hop)).remote == remote;
}

/** The longest inner packet for the path to the remote at `index`, as far as that is known. */
export function pathMtu(node: usize, port: Port, index: u32): u32 {
  const remote = Remote.at(remoteAt(node, index));
  const mtu = changetype<usize>(remote) != 0 ? remote.mtu : 0;
  return mtu == 0 ? IPV4_LEN_MAX : max(mtu, IPV4_MTU_MIN + overheadOf(port)) - overheadOf(port);
}

function overheadOf(port: Port): u32 {
  switch (port.kind) {
    case PortKind.Vxlan:
      return TUNNEL_OVERHEAD_LEN;
    case PortKind.Ipip:
      return IPV4_HEADER_LEN_MIN;
    default:
      return UDP_TUNNEL_OVERHEAD_LEN;
  }
}

/** Ok when `port` may take packets from the peer of `o`; names the remote if there is one. */
export function judgeSource(node: usize, port: Port, o: Desc): Status {
  const peer = o.peer;
  if (peer != 0) {
    if (peer == port.localIpv4) return Status.Martian;
    const found = remoteFind(node, peer);
    o.setRemote(found < 0 ? NONE : found);
  }
  const remote = Remote.at(remoteAt(node, o.remote));
  const isKnown = changetype<usize>(remote) != 0;
  if (!isKnown) o.setRemote(NONE);
  if ((port.flags & PortFlag.StrictPeer) == 0) return Status.Ok;
  const isAllowed = isKnown && (remote.flags & RemoteFlag.Allowed) != 0;
  return isAllowed ? Status.Ok : Status.SourceDenied;
}

/** The domain that a packet at `port` belongs to, or NotFound where there is none. */
export function domainOf(node: usize, port: Port, d: Desc): i32 {
  if ((port.flags & PortFlag.ManyVnis) != 0) return domainByVni(node, d.vni);
  const domain = port.domain;
  return domain == NONE ? Status.NotFound : <i32>domain;
}

/**
 * Reads the outer headers of the frame in `d` and leaves payload, peer and DS field in `o`. Ok
 * when the datagram is whole, legal and meant for `port`; outer IP options are skipped, an outer
 * TTL says nothing to the station that it reached.
 */
function openOuter(port: Port, d: Desc, o: Desc): Status {
  if (Ethernet.check(d.ptr, d.len) != Status.Ok) return Status.Truncated;
  const ethernet = Ethernet.at(d.ptr);
  if (ethernet.etherTypeNet != ETHERTYPE_IPV4_NET) return Status.BadProtocol;
  const ipStatus = Ipv4.check(ethernet.payload, d.len - ETHERNET_HEADER_LEN);
  if (ipStatus != Status.Ok) return ipStatus;
  const ip = Ipv4.at(ethernet.payload);
  if (ip.dst != port.localIpv4) return Status.NotForUs;
  if (isMartian(ip.src) || ip.src == port.localIpv4) return Status.Martian;
  if (ip.isFragment) return Status.Fragment;
  const protocol = protocolOf(port);
  if (ip.protocol != protocol) return Status.BadProtocol;
  o.setRange(ip.payload, ip.payloadLen);
  o.setPeer(ip.src);
  o.setTos(ip.tos);
  if (protocol != PROTOCOL_UDP) return Status.Ok;
  const udpStatus = Udp.check(ip.payload, ip.payloadLen);
  if (udpStatus != Status.Ok) return udpStatus;
  const udp = Udp.at(ip.payload);
  if (udp.dstPort != port.udpPort) return Status.NotForUs;
  if (!udp.isChecksumValid(ip.pseudo())) return Status.BadChecksum;
  o.setRange(udp.payload, udp.payloadLen);
  return Status.Ok;
}

/** True for an address that no packet can come from (RFC 1812, section 5.3.7). */
export function isMartian(src: u32): bool {
  return src >> 24 == 0 || isLoopback(src) || isMulticast(src) || isBroadcast(src);
}
