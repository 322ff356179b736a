// Tunnels of bare IP packets, routed to a remote: flannel's UDP backend, from port to port, and IP
// in IP. In the former both ends count as a router, so each takes one off the TTL; RFC 2003,
// section 3.1, takes one off what is forwarded into the tunnel, and none where it comes out.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { Hop, HopKind } from "../table/hop";
import { Port, PortFlag, PortKind } from "../table/port";
import { Remote, remoteAt, remoteMtu } from "../table/remote";
import { ETHERNET_HEADER_LEN } from "../wire/ethernet";
import { IPV4_LEN_MAX, Ipv4 } from "../wire/ipv4";
import {
  HEADROOM_LEN,
  IPIP_IMAGE_LEN,
  UDP_IMAGE_LEN,
  UDP_TUNNEL_OVERHEAD_LEN,
} from "../wire/overhead";
import { UDP_HEADER_LEN } from "../wire/udp";
import { Burst } from "./burst";
import { clampMss } from "./clamp";
import { deliver } from "./coalesce";
import { Desc, DescFlag, NONE, Verdict } from "./desc";
import { innerTosAfter, outerTos } from "./ecn";
import { refuse, refuseBig } from "./error";
import { packetHash } from "./flow";
import {
  beginTo,
  emitIp,
  emitOuter,
  goesBack,
  isMartian,
  judgeSource,
  openDatagram,
  pathMtu,
  sealOuter,
  sourceTowards,
} from "./outer";
import { hopTowards, mtuOf } from "./route";
import { sendDatagrams } from "./segment";
import { checkOffered, wireLen } from "./virtio";

if (UDP_IMAGE_LEN > HEADROOM_LEN) ERROR("no slot has room for the outer headers");

const PACKET_LEN_MAX: u32 = IPV4_LEN_MAX - UDP_TUNNEL_OVERHEAD_LEN; // a port's MTU may be more

/** One IP packet into the UDP backend. The route decides first, as in flannel. */
export function udpEncap(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const entered = enter(node, b, port, d, isFrame ? UDP_IMAGE_LEN : 0);
  if (entered != Status.Ok) return entered;
  const o = b.next;
  if (d.gsoSize != 0) {
    o.addFlags(DescFlag.L3);
    return sendDatagrams(node, b, d, 0);
  }
  if (isFrame) putOuter(node, port, o);
  else o.addFlags(DescFlag.L3);
  b.commit();
  return Verdict.Consumed;
}

/** One IP packet into a packet of protocol 4, in a complete frame. */
export function ipipEncap(node: usize, b: Burst, port: Port, d: Desc): i32 {
  const entered = enter(node, b, port, d, IPIP_IMAGE_LEN);
  if (entered != Status.Ok) return entered;
  const o = b.next;
  const header = o.ptr - IPIP_IMAGE_LEN;
  const ip = emitIp(node, port, o, header, o.len);
  // RFC 2003, section 3.1: who may not be cut may not be cut on the way through the tunnel either.
  if (Ipv4.at(o.ptr).isDontFragment) ip.setDontFragment();
  o.setRange(header, IPIP_IMAGE_LEN + o.len);
  b.commit();
  return Verdict.Consumed;
}

// Begins `b.next` with the packet in `d` as the tunnel carries it, `headroom` bytes in front of it,
// or says why there is none.
function enter(node: usize, b: Burst, port: Port, d: Desc, headroom: u32): i32 {
  const status = checkOffered(node, b, d, headroom);
  if (status != Status.Ok) return status;
  if ((d.flags & DescFlag.L3) == 0) return Status.BadProtocol;
  const whole = Ipv4.check(d.ptr, d.len);
  if (whole != Status.Ok) return whole;
  const ip = Ipv4.at(d.ptr);
  const towards = hopTowards(node, ip.dst);
  if (towards < 0) return refuse(node, b, port, d, towards);
  const hop = Hop.at(towards);
  const kind = hop.kind;
  if (kind == HopKind.Local) return Verdict.ForUs;
  if (kind != HopKind.Unicast || hop.remote == NONE) {
    return refuse(node, b, port, d, Status.NoRoute);
  }
  if (hop.port != NONE && hop.port != b.port) return Status.NotForUs;
  const isIpip = port.kind == PortKind.Ipip;
  const isForwarded = !isIpip || (d.flags & DescFlag.Originated) == 0;
  if (ip.ttl <= (isForwarded ? 1 : 0)) return refuse(node, b, port, d, Status.TtlExceeded);
  const mtu = min(mtuOf(port, hop), PACKET_LEN_MAX);
  const len = min(ip.totalLength, wireLen(d));
  if (len > mtu) return refuseBig(node, b, port, d, mtu);
  const begun = beginTo(node, b, d, hop.remote);
  if (begun != Status.Ok) return begun;
  const hasHorizon = (port.flags & PortFlag.SplitHorizon) != 0;
  if (hasHorizon && goesBack(node, ip.src, hop.remote)) return Status.SplitHorizon;
  if (isIpip && isLoop(port, Remote.at(remoteAt(node, hop.remote)), ip)) return Status.TunnelLoop;
  let limit = mtu;
  if (remoteMtu(node, hop.remote) != 0) {
    limit = min(mtu, pathMtu(node, port, hop.remote));
    if (len > limit && ip.isDontFragment) return refuseBig(node, b, port, d, limit);
  }
  const o = b.next;
  o.setRange(d.ptr, ip.totalLength);
  if (!b.own(o, headroom)) return Status.NoRoom;
  if (isForwarded) Ipv4.at(o.ptr).decrementTtl();
  if ((port.flags & PortFlag.MssClamp) != 0) clampMss(o.ptr, limit);
  const hash = packetHash(load<u64>(node, nodeAt.SEED), o.ptr, o.len);
  o.setLane(hash);
  o.setTos(outerTos(port, ip.tos));
  return Status.Ok;
}

// True for a packet that one of the tunnel's own ends sent, or is to get: it went round (RFC 2003,
// section 4).
function isLoop(port: Port, remote: Remote, ip: Ipv4): bool {
  const src = ip.src;
  const end = remote.address;
  return src == sourceTowards(port, remote) || src == end || ip.dst == end;
}

/** One packet out of the tunnel. */
export function leaveTunnel(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const opened = openDatagram(node, b, port, d, isFrame);
  if (opened != Status.Ok) return opened;
  const o = b.next;
  const known = judgeSource(node, port, o);
  if (known != Status.Ok) return known;
  const whole = Ipv4.check(o.ptr, o.len);
  if (whole != Status.Ok) return whole;
  const ip = Ipv4.at(o.ptr);
  const isIpip = port.kind == PortKind.Ipip;
  if (isIpip && (isMartian(ip.src) || ip.src == port.localIpv4)) return Status.Martian;
  if (ip.ttl <= (isIpip ? 0 : 1)) return Status.TtlExceeded;
  const tos = innerTosAfter(port, o.tos, ip.tos);
  if (tos < 0) return tos;
  o.setRange(o.ptr, ip.totalLength);
  if (!b.own(o, ETHERNET_HEADER_LEN)) return Status.NoRoom; // a router may put one in front
  if (!isIpip) Ipv4.at(o.ptr).decrementTtl();
  Ipv4.at(o.ptr).setTos(tos);
  if ((port.flags & PortFlag.MssClamp) != 0) {
    clampMss(o.ptr, min(port.mtu, pathMtu(node, port, o.remote)));
  }
  o.addFlags(DescFlag.L3);
  return deliver(b);
}

function putOuter(node: usize, port: Port, o: Desc): void {
  const header = o.ptr - UDP_IMAGE_LEN;
  emitOuter(node, port, o, header, o.len);
  sealOuter(port, header, UDP_HEADER_LEN, o);
  o.setRange(header, UDP_IMAGE_LEN + o.len);
}
