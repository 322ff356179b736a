// Decapsulation from VXLAN, of the payload of a UDP socket and of complete outer frames.
//
// The order is fixed, and the first failure is the reason: length, flags, VNI, source allowed,
// inner length, inner source MAC, ECN, learning.
import { count, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import { fdbLearn } from "../table/fdb";
import { Port, PortFlag } from "../table/port";
import { remoteLearn } from "../table/remote";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_IPV6_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
  isGroupMac,
} from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, Ipv4 } from "../wire/ipv4";
import { VXLAN_HEADER_LEN, Vxlan } from "../wire/vxlan";
import { Burst } from "./burst";
import { clampFrame, needsClamp } from "./clamp";
import { deliver } from "./coalesce";
import { Desc, NONE } from "./desc";
import { innerTosAfter } from "./ecn";
import { domainOf, judgeSource, openDatagram, pathMtu } from "./outer";

const IPV6_HEADER_LEN: u32 = 40; // RFC 8200, section 3

/** One datagram out of the tunnel. */
export function vxlanDecap(node: usize, b: Burst, port: Port, d: Desc, isFrame: bool): i32 {
  const opened = openDatagram(node, b, port, d, isFrame);
  if (opened != Status.Ok) return opened;
  const o = b.next;
  const unwrapped = unwrap(port, o);
  if (unwrapped != Status.Ok) return unwrapped;
  const domain = domainOf(node, port, o);
  if (domain < 0) return Status.UnknownVni;
  const known = judgeSource(node, port, o);
  if (known != Status.Ok) return known;
  const legal = checkInner(port, o);
  if (legal != Status.Ok) return legal;
  const marked = takeMark(b, port, o);
  if (marked != Status.Ok) return marked;
  if ((port.flags & PortFlag.MssClamp) != 0 && !clamp(node, b, port, o)) return Status.NoRoom;
  const learned = learn(node, b, port, o, domain);
  if (learned != Status.Ok) return learned;
  return deliver(b);
}

// Takes the VXLAN header off.
function unwrap(port: Port, o: Desc): Status {
  const flags = port.flags;
  const isStrict = (flags & PortFlag.LinuxMode) != 0;
  const status = Vxlan.check(o.ptr, o.len, isStrict, (flags & PortFlag.Gbp) != 0);
  if (status != Status.Ok) return status;
  const header = Vxlan.at(o.ptr);
  const vni = header.vni;
  if ((flags & PortFlag.ManyVnis) == 0 && vni != port.vni) return Status.UnknownVni;
  o.setVni(vni);
  o.setRange(header.payload, o.len - VXLAN_HEADER_LEN);
  return Status.Ok;
}

// A frame that can hold its own headers, from a station that can be.
function checkInner(port: Port, o: Desc): Status {
  if (Ethernet.check(o.ptr, o.len) != Status.Ok) return Status.InnerTruncated;
  const frame = Ethernet.at(o.ptr);
  const type = frame.etherTypeNet;
  const packetLen = o.len - ETHERNET_HEADER_LEN;
  if (type == ETHERTYPE_IPV4_NET && packetLen < IPV4_HEADER_LEN_MIN) return Status.InnerTruncated;
  if (type == ETHERTYPE_IPV6_NET && packetLen < IPV6_HEADER_LEN) return Status.InnerTruncated;
  // RFC 7348, section 6.1: a tag inside is discarded unless configured otherwise. Linux keeps it.
  if (type == ETHERTYPE_VLAN_NET && (port.flags & PortFlag.LinuxMode) == 0) {
    return Status.BadProtocol;
  }
  const src = frame.src;
  if (src == 0 || isGroupMac(src) || src == port.mac) return Status.BadSourceMac;
  return Status.Ok;
}

// Carries a congestion mark of the underlay into the inner packet.
function takeMark(b: Burst, port: Port, o: Desc): Status {
  if (Ethernet.at(o.ptr).etherTypeNet != ETHERTYPE_IPV4_NET) return Status.Ok;
  const before = Ipv4.at(Ethernet.at(o.ptr).payload).tos;
  const after = innerTosAfter(port, o.tos, before);
  if (after < 0) return after;
  if (<u32>after == before) return Status.Ok;
  if (!b.own(o, 0)) return Status.NoRoom;
  Ipv4.at(Ethernet.at(o.ptr).payload).setTos(after);
  return Status.Ok;
}

// Makes room for the tunnel in what a SYN offers. False when there is none for a copy of it.
function clamp(node: usize, b: Burst, port: Port, o: Desc): bool {
  const limit = min(port.mtu, pathMtu(node, port, o.remote));
  if (!needsClamp(o.ptr, o.len, limit)) return true;
  if (!b.own(o, 0)) return false;
  clampFrame(o.ptr, o.len, limit);
  return true;
}

// Remembers behind which remote the sender lives. A source that a fixed entry places elsewhere is
// dropped, as Linux does; one that no room is left for passes unlearned.
function learn(node: usize, b: Burst, port: Port, o: Desc, domain: u32): Status {
  if ((port.flags & PortFlag.Learn) == 0) return Status.Ok;
  if (o.remote == NONE && o.peer != 0) {
    const made = remoteLearn(node, o.peer);
    if (made >= 0) o.setRemote(made);
  }
  if (o.remote == NONE) {
    count(node, Status.LearnRefused);
    return Status.Ok;
  }
  return remember(node, domain, Ethernet.at(o.ptr).src, b.port | (o.remote << 16));
}

/**
 * Learns that station `src` lives at `place`, and counts what comes of it. Returns: Ok, or Pinned
 * for a source that a fixed entry places elsewhere. Requires: as fdbLearn.
 */
export function remember(node: usize, domain: u32, src: u64, place: u32): Status {
  const status = fdbLearn(node, domain, src, place, nowSeconds(node));
  if (status == Status.Exists) return Status.Pinned;
  if (status != Status.Ok) count(node, status);
  return Status.Ok;
}
