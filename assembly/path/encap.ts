// Encapsulation into VXLAN: as a datagram, for a UDP socket to carry, and as a complete frame.
//
// A datagram's eight bytes are the same for every copy of a flooded frame, so they are written in
// front of it once. A frame's outer headers differ from copy to copy: for one receiver they go in
// front of the frame, for a flood each copy is a header of its own in `spare` and the frame.
import { sum } from "../base/checksum";
import { count, nodeAt, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import { FDB_MISS, fdbFind } from "../table/fdb";
import { floodFirst, floodNext, floodPlace } from "../table/flood";
import { Port, PortFlag } from "../table/port";
import { Remote, remoteAt } from "../table/remote";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_VLAN,
  Ethernet,
  VLAN_TAG_LEN,
} from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, IPV4_LEN_MAX, Ipv4 } from "../wire/ipv4";
import { HEADROOM_LEN, UDP_IMAGE_LEN, VXLAN_IMAGE_LEN } from "../wire/overhead";
import { UDP_HEADER_LEN, Udp } from "../wire/udp";
import { VXLAN_HEADER_LEN, Vxlan } from "../wire/vxlan";
import { Burst, checkPlain, Desc, DescFlag, emitPiece, Verdict } from "./burst";
import { outerTos } from "./ecn";
import { frameHash } from "./flow";
import { beginTo, domainOf, emitOuter, outerIp, sourcePort } from "./outer";
import { answerArp } from "./resolve";

// What a datagram of 65535 bytes holds; a port's MTU may be more.
const FRAME_LEN_MAX: u32 = IPV4_LEN_MAX - IPV4_HEADER_LEN_MIN - UDP_HEADER_LEN - VXLAN_HEADER_LEN;

if (VXLAN_IMAGE_LEN != UDP_IMAGE_LEN + VXLAN_HEADER_LEN) ERROR("VXLAN rides in UDP");
if (VXLAN_IMAGE_LEN > HEADROOM_LEN) ERROR("no slot has room for the outer headers");

/** One frame into the tunnel. */
export function vxlanEncap(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const status = checkPlain(node, d, isFrame ? VXLAN_IMAGE_LEN : VXLAN_HEADER_LEN);
  if (status != Status.Ok) return status;
  if ((d.flags & DescFlag.L3) != 0) return Status.BadProtocol;
  if (Ethernet.check(d.ptr, d.len) != Status.Ok) return Status.Truncated;
  const frame = Ethernet.at(d.ptr);
  if (d.len > FRAME_LEN_MAX || packetLen(frame, d.len) > port.mtu) return Status.TooBig;
  if ((port.flags & PortFlag.ArpProxy) != 0 && frame.etherType == ETHERTYPE_ARP) {
    return answerArp(node, b, d);
  }
  const domain = domainOf(node, port, d);
  if (domain < 0) return Status.UnknownVni;
  const place = fdbFind(node, domain, frame.dst, nowSeconds(node));
  if (place == FDB_MISS) {
    if ((port.flags & PortFlag.Flood) == 0) return Status.UnknownStation;
    return flood(node, b, port, d, isFrame);
  }
  const remote = place >> 16;
  return isFrame ? sendFrame(node, b, port, d, remote) : sendDatagram(node, b, port, d, remote);
}

// A copy to every remote of the domain. The verdict is the frame's: consumed when a copy left; each
// copy that did not is counted by its reason.
function flood(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  let verdict: i32 = Status.UnknownStation;
  const domain = <u32>domainOf(node, port, d);
  for (let cursor = floodFirst(node, domain); cursor != 0; cursor = floodNext(node, cursor)) {
    const remote = floodPlace(node, cursor) >> 16;
    const sent = isFrame
      ? sendGathered(node, b, port, d, remote)
      : sendDatagram(node, b, port, d, remote);
    if (sent > 0) b.last.addFlags(DescFlag.Shared);
    if (verdict == Status.UnknownStation) verdict = sent;
    else if (min(verdict, sent) < 0) count(node, min(verdict, sent));
    verdict = max(verdict, sent);
  }
  return verdict;
}

function sendDatagram(node: usize, b: Burst, port: Port, d: Desc, remote: u32): i32 {
  const status = beginTo(node, b, d, remote);
  if (status != Status.Ok) return status;
  const o = b.next;
  mark(node, port, d, o);
  const header = d.ptr - VXLAN_HEADER_LEN;
  Vxlan.at(header).emit(o.vni);
  o.setRange(header, VXLAN_HEADER_LEN + d.len);
  b.commit();
  return Verdict.Consumed;
}

function sendFrame(node: usize, b: Burst, port: Port, d: Desc, remote: u32): i32 {
  const status = beginTo(node, b, d, remote);
  if (status != Status.Ok) return status;
  const o = b.next;
  const header = d.ptr - VXLAN_IMAGE_LEN;
  const udp = emitHeaders(node, port, d, o, header);
  if ((port.flags & PortFlag.UdpChecksum) != 0) udp.fillChecksum(outerIp(header).pseudo());
  o.setRange(header, VXLAN_IMAGE_LEN + d.len);
  o.addFlags(DescFlag.OuterFrame);
  b.commit();
  return Verdict.Consumed;
}

function sendGathered(node: usize, b: Burst, port: Port, d: Desc, remote: u32): i32 {
  const status = beginTo(node, b, d, remote);
  if (status != Status.Ok) return status;
  if (!b.hasPieces(2)) return Status.NoRoom;
  const header = b.takeSpare(VXLAN_IMAGE_LEN);
  if (header == 0) return Status.NoRoom;
  const o = b.next;
  const udp = emitHeaders(node, port, d, o, header);
  if ((port.flags & PortFlag.UdpChecksum) != 0) {
    const seed = sum(d.ptr, d.len, outerIp(header).pseudo());
    udp.fillChecksumNear(seed, UDP_HEADER_LEN + VXLAN_HEADER_LEN);
  }
  const pieces = b.takePieces(2);
  emitPiece(pieces, 0, header, VXLAN_IMAGE_LEN);
  emitPiece(pieces, 1, d.ptr, d.len);
  o.setRange(pieces, 2);
  o.addFlags(DescFlag.OuterFrame | DescFlag.Gather);
  b.commit();
  return Verdict.Consumed;
}

// What the receiver's path depends on: VNI, DS field, flow. Returns: the flow hash.
function mark(node: usize, port: Port, d: Desc, o: Desc): u32 {
  o.setVni((port.flags & PortFlag.ManyVnis) != 0 ? d.vni : port.vni);
  o.setTos(outerTos(port, innerTos(d.ptr, d.len)));
  const hash = frameHash(load<u64>(node, nodeAt.SEED), d.ptr, d.len);
  o.setLane(hash);
  return hash;
}

// Writes all headers that go in front of the frame in `d`; `o` names the remote already.
function emitHeaders(node: usize, port: Port, d: Desc, o: Desc, header: usize): Udp {
  const hash = mark(node, port, d, o);
  const remote = Remote.at(remoteAt(node, o.remote));
  const udp = emitOuter(node, port, remote, header, VXLAN_HEADER_LEN + d.len);
  udp.setSrcPort(sourcePort(port, hash));
  outerIp(header).setTos(o.tos);
  Vxlan.at(udp.payload).emit(o.vni);
  return udp;
}

// What counts against the MTU: a tag rides on top of it, as on any Ethernet.
function packetLen(frame: Ethernet, len: u32): u32 {
  const packetLen = len - ETHERNET_HEADER_LEN;
  return frame.etherType == ETHERTYPE_VLAN ? packetLen - min(packetLen, VLAN_TAG_LEN) : packetLen;
}

function innerTos(frame: usize, len: u32): u32 {
  const ethernet = Ethernet.at(frame);
  if (ethernet.etherType != ETHERTYPE_IPV4) return 0;
  if (len < ETHERNET_HEADER_LEN + IPV4_HEADER_LEN_MIN) return 0;
  return Ipv4.at(ethernet.payload).tos;
}
