// flannel's UDP backend: bare IP packets as the payload of UDP, from port to port. Both ends count
// as a router, so each takes one off the TTL.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { Hop, HopKind, hopAt } from "../table/hop";
import { Port } from "../table/port";
import { routeFind } from "../table/route";
import { IPV4_LEN_MAX, Ipv4 } from "../wire/ipv4";
import { HEADROOM_LEN, UDP_IMAGE_LEN, UDP_TUNNEL_OVERHEAD_LEN } from "../wire/overhead";
import { UDP_HEADER_LEN } from "../wire/udp";
import { Burst } from "./burst";
import { checkPlain, Desc, DescFlag, NONE, Verdict } from "./desc";
import { innerTosAfter, outerTos } from "./ecn";
import { packetHash } from "./flow";
import { beginTo, emitOuter, judgeSource, openDatagram, sealOuter } from "./outer";
import { tellUnreachable } from "./unreachable";

if (UDP_IMAGE_LEN > HEADROOM_LEN) ERROR("no slot has room for the outer headers");

const PACKET_LEN_MAX: u32 = IPV4_LEN_MAX - UDP_TUNNEL_OVERHEAD_LEN; // a port's MTU may be more
const TTL_MIN: u32 = 2; // one is taken off, and zero may not travel on

/** One IP packet into the tunnel. The route decides first, as in flannel. */
export function udpEncap(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const headroom = isFrame ? UDP_IMAGE_LEN : 0;
  const status = checkPlain(node, d, headroom);
  if (status != Status.Ok) return status;
  if ((d.flags & DescFlag.L3) == 0) return Status.BadProtocol;
  const whole = Ipv4.check(d.ptr, d.len);
  if (whole != Status.Ok) return whole;
  const ip = Ipv4.at(d.ptr);
  const index = hopTowards(node, ip.dst);
  if (index < 0) {
    if (index != Status.Blackhole) tellUnreachable(node, b, port, d, index);
    return index;
  }
  const hop = Hop.at(hopAt(node, index));
  if (ip.ttl < TTL_MIN) return Status.TtlExceeded;
  if (ip.totalLength > mtuOf(port, hop)) return Status.TooBig;
  const begun = beginTo(node, b, d, hop.remote);
  if (begun != Status.Ok) return begun;
  const o = b.next;
  o.setRange(d.ptr, ip.totalLength);
  if (!b.own(o, headroom)) return Status.NoRoom;
  Ipv4.at(o.ptr).decrementTtl();
  const hash = packetHash(load<u64>(node, nodeAt.SEED), o.ptr, o.len);
  o.setLane(hash);
  o.setTos(outerTos(port, ip.tos));
  if (isFrame) putOuter(node, port, o);
  else o.addFlags(DescFlag.L3);
  b.commit();
  return Verdict.Consumed;
}

/** One datagram out of the tunnel. */
export function udpDecap(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const opened = openDatagram(node, b, port, d, isFrame);
  if (opened != Status.Ok) return opened;
  const o = b.next;
  const known = judgeSource(node, port, o);
  if (known != Status.Ok) return known;
  const whole = Ipv4.check(o.ptr, o.len);
  if (whole != Status.Ok) return whole;
  const ip = Ipv4.at(o.ptr);
  if (ip.ttl < TTL_MIN) return Status.TtlExceeded;
  const tos = innerTosAfter(port, o.tos, ip.tos);
  if (tos < 0) return tos;
  o.setRange(o.ptr, ip.totalLength);
  if (!b.own(o, 0)) return Status.NoRoom;
  Ipv4.at(o.ptr).decrementTtl();
  Ipv4.at(o.ptr).setTos(tos);
  o.addFlags(DescFlag.L3);
  b.commit();
  return Verdict.Consumed;
}

// The hop with a remote that the routes give for `dst`, or why there is none.
function hopTowards(node: usize, dst: u32): i32 {
  const index = routeFind(node, dst);
  if (index < 0) return Status.NoRoute;
  const hop = Hop.at(hopAt(node, index));
  const kind = hop.kind;
  if (kind == HopKind.Blackhole) return Status.Blackhole;
  if (kind == HopKind.Prohibit) return Status.Prohibited;
  if (kind != HopKind.Unicast || hop.remote == NONE) return Status.NoRoute;
  return index;
}

function mtuOf(port: Port, hop: Hop): u32 {
  const mtu = hop.mtu;
  return min(mtu != 0 ? mtu : port.mtu, PACKET_LEN_MAX);
}

function putOuter(node: usize, port: Port, o: Desc): void {
  const header = o.ptr - UDP_IMAGE_LEN;
  emitOuter(node, port, o, header, o.len);
  sealOuter(port, header, UDP_HEADER_LEN, o);
  o.setRange(header, UDP_IMAGE_LEN + o.len);
}
