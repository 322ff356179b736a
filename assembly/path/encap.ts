// Encapsulation into VXLAN: as a datagram, for a UDP socket to carry, and as a complete frame.
//
// Headers go in front of the frame, in its slot. Only where others hold the same bytes, and may
// want other headers there, they are written into `spare`, and header and frame are gathered. A
// flood of datagrams needs none of that: their eight bytes are the same for every receiver.
import { nodeAt, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import { FDB_MISS, fdbFind } from "../table/fdb";
import { floodFirst, floodNext, floodPlace } from "../table/flood";
import { Port, PortFlag } from "../table/port";
import { remoteMtu } from "../table/remote";
import { ETHERNET_HEADER_LEN, ETHERTYPE_ARP_NET, Ethernet } from "../wire/ethernet";
import { Ipv4 } from "../wire/ipv4";
import { FRAME_LEN_MAX, HEADROOM_LEN, UDP_IMAGE_LEN, VXLAN_IMAGE_LEN } from "../wire/overhead";
import { UDP_HEADER_LEN } from "../wire/udp";
import { VXLAN_HEADER_LEN, Vxlan } from "../wire/vxlan";
import { Burst, withCopy } from "./burst";
import { clampFrame } from "./clamp";
import { Desc, DescFlag, Verdict } from "./desc";
import { outerTos } from "./ecn";
import { refuseBig } from "./error";
import { frameHash } from "./flow";
import { carriesIpv4, checkFrame, packetLen } from "./frame";
import { beginTo, domainOf, emitOuter, goesBack, pathMtu, sealOuter, sourcePort } from "./outer";
import { answerArp } from "./resolve";
import { sendAgain, sendDatagrams } from "./segment";
import { wireLen } from "./virtio";

if (VXLAN_IMAGE_LEN != UDP_IMAGE_LEN + VXLAN_HEADER_LEN) ERROR("VXLAN rides in UDP");
if (VXLAN_IMAGE_LEN > HEADROOM_LEN) ERROR("no slot has room for the outer headers");

/** One frame into the tunnel. */
export function vxlanEncap(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const status = checkFrame(node, b, d, isFrame ? VXLAN_IMAGE_LEN : VXLAN_HEADER_LEN);
  if (status != Status.Ok) return status;
  const frame = Ethernet.at(d.ptr);
  if (wireLen(d) > FRAME_LEN_MAX || packetLen(d) > port.mtu) return Status.TooBig;
  if ((port.flags & PortFlag.ArpProxy) != 0 && frame.etherTypeNet == ETHERTYPE_ARP_NET) {
    return answerArp(node, b, d);
  }
  const domain = domainOf(node, port, d);
  if (domain < 0) return Status.UnknownVni;
  const place = fdbFind(node, domain, frame.dst, nowSeconds(node));
  if (place == FDB_MISS) {
    if ((port.flags & PortFlag.Flood) == 0) return Status.UnknownStation;
    return flood(node, b, port, d, isFrame);
  }
  if ((place & 0xffff) != b.port) return Status.NotForUs;
  const begun = beginFrame(node, b, port, d, place >> 16);
  if (begun != Status.Ok) return begun;
  if (remoteMtu(node, place >> 16) != 0 || (port.flags & PortFlag.MssClamp) != 0) {
    const fitted = fit(node, b, port, d, place >> 16);
    if (fitted != Status.Ok) return fitted;
  }
  return send(node, b, port, d, isFrame);
}

// Keeps the sender to what the path has room for.
function fit(node: usize, b: Burst, port: Port, d: Desc, remote: u32): Status {
  const limit = min(port.mtu, pathMtu(node, port, remote));
  if (packetLen(d) > limit && isWhole(d)) return refuseBig(node, b, port, d, limit);
  if ((port.flags & PortFlag.MssClamp) != 0 && (d.flags & DescFlag.Shared) == 0) {
    clampFrame(d.ptr, d.len, limit);
  }
  return Status.Ok;
}

function beginFrame(node: usize, b: Burst, port: Port, d: Desc, remote: u32): Status {
  const begun = beginTo(node, b, d, remote);
  if (begun != Status.Ok || (port.flags & PortFlag.SplitHorizon) == 0) return begun;
  const src = carriesIpv4(d) ? Ipv4.at(Ethernet.at(d.ptr).payload).src : 0;
  return goesBack(node, src, remote) ? Status.SplitHorizon : Status.Ok;
}

// True for a legal IP packet that may not be cut.
function isWhole(d: Desc): bool {
  if (!carriesIpv4(d)) return false;
  const packet = Ethernet.at(d.ptr).payload;
  const isLegal = Ipv4.check(packet, d.len - ETHERNET_HEADER_LEN) == Status.Ok;
  return isLegal && Ipv4.at(packet).isDontFragment;
}

// A copy to every remote that the domain has behind this port. The verdict is the frame's: consumed
// when a copy left; each copy that did not is counted by its reason.
function flood(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  let verdict: i32 = Status.UnknownStation;
  const domain = <u32>domainOf(node, port, d);
  const first = changetype<usize>(b.next);
  let end = first;
  for (let cursor = floodFirst(node, domain); cursor != 0; cursor = floodNext(node, cursor)) {
    const place = floodPlace(node, cursor);
    if ((place & 0xffff) != b.port) continue;
    let sent: i32 = beginFrame(node, b, port, d, place >> 16);
    if (sent == Status.Ok) {
      b.next.addFlags(DescFlag.Shared);
      const isMade = d.gsoSize != 0 && end != first;
      sent = isMade ? sendAgain(b, first, end) : send(node, b, port, d, isFrame);
      if (end == first) end = changetype<usize>(b.next);
    }
    verdict = withCopy(node, verdict, sent);
  }
  return verdict;
}

// Puts the headers in front of the frame in `d` and appends it. Requires: beginTo has passed.
function send(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const o = b.next;
  if (d.gsoSize != 0) {
    mark(node, port, d, o);
    return sendDatagrams(node, b, d, VXLAN_HEADER_LEN);
  }
  const headerLen = isFrame ? VXLAN_IMAGE_LEN : VXLAN_HEADER_LEN;
  const isApart = ((isFrame ? o.flags : d.flags) & DescFlag.Shared) != 0;
  if (isApart && b.piecesLeft < 2) return Status.NoRoom;
  const header = isApart ? b.takeSpare(headerLen) : d.ptr - headerLen;
  if (header == 0) return Status.NoRoom;
  const hash = mark(node, port, d, o);
  Vxlan.at(header + headerLen - VXLAN_HEADER_LEN).emit(o.vni);
  if (isFrame) {
    const udp = emitOuter(node, port, o, header, VXLAN_HEADER_LEN + d.len);
    udp.setSrcPort(sourcePort(port.flags, hash));
    sealOuter(port, header, UDP_HEADER_LEN + VXLAN_HEADER_LEN, d);
  }
  if (isApart) b.gather(header, headerLen, d);
  else o.setRange(header, headerLen + d.len);
  b.commit();
  return Verdict.Consumed;
}

// What the receiver's path depends on: VNI, DS field, flow. Returns: the flow hash.
function mark(node: usize, port: Port, d: Desc, o: Desc): u32 {
  o.setVni((port.flags & PortFlag.ManyVnis) != 0 ? d.vni : port.vni);
  const innerTos = carriesIpv4(d) ? Ipv4.at(Ethernet.at(d.ptr).payload).tos : 0;
  o.setTos(outerTos(port, innerTos));
  const hash = frameHash(load<u64>(node, nodeAt.SEED), d.ptr, d.len);
  o.setLane(hash);
  return hash;
}
