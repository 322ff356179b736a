// The fast path out of VXLAN: frames of known remotes, from stations that live there already.
import { nowSeconds } from "../base/node";
import { cuckooValue } from "../table/cuckoo";
import { fdbLive, fdbSee } from "../table/fdb";
import { Port, PortFlag } from "../table/port";
import { Remote, RemoteFlag, remoteFind, remoteRow } from "../table/remote";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_IPV6_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
  isGroupMac,
} from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN } from "../wire/ipv4";
import { UDP_IMAGE_LEN } from "../wire/overhead";
import { VXLAN_HEADER_LEN } from "../wire/vxlan";
import { Burst } from "./burst";
import { Desc, DescAt, NONE, Verdict } from "./desc";
import { emitFast, emitRange, endsOf, fastAt, isInside, isOrdinary } from "./fast";
import { fastOuterTos, fastPayloadLen, fastPeer } from "./fast-outer";

const CHANGING: u32 = 1; // CE and ECT(1) outside have this bit, and may change the mark inside
const PAYLOAD_LEN_MIN: u32 = VXLAN_HEADER_LEN + ETHERNET_HEADER_LEN;

/**
 * Decapsulates from the descriptor at `at` on, and stops at the first that needs more, or at the
 * end. Returns: where. Requires: fastBurst.
 */
export function fastDecap(node: usize, b: Burst, port: Port, at: usize, isFrame: bool): usize {
  const end = b.inputEnd;
  const outputEnd = b.outputEnd;
  let sender: u32 = 0; // the latest one, and its index: many packets come from few
  let index: i32 = NONE;
  let o = b.next;
  for (; at < end && changetype<usize>(o) < outputEnd; at += DescAt.End) {
    const d = Desc.at(at);
    let ptr = d.ptr;
    let len = d.len;
    let peer = d.peer;
    let tos = d.tos;
    if (!isOrdinary(d, 0) || !isInside(node, ptr, len)) break;
    if (isFrame) {
      len = fastPayloadLen(node, ptr, len);
      if (len == 0) break;
      peer = fastPeer(ptr);
      tos = fastOuterTos(ptr);
      ptr += UDP_IMAGE_LEN;
    }
    if (len < PAYLOAD_LEN_MIN || !isOurs(node, ptr)) break;
    if (peer == 0 || peer == port.localIpv4) break;
    if (peer != sender) index = remoteFind(node, peer);
    sender = peer;
    if (!mayCome(port, Remote.at(remoteRow(node, index)))) break;
    const frame = ptr + VXLAN_HEADER_LEN;
    len -= VXLAN_HEADER_LEN;
    if (!isLegal(port, frame, len, tos) || !isKnown(node, b, port, frame, index)) break;
    emitRange(o, frame, len);
    emitFast(node, o, index, endsOf(port, peer), tos);
    d.setVerdict(Verdict.Consumed);
    o = Desc.at(changetype<usize>(o) + DescAt.End);
  }
  b.commitTo(changetype<usize>(o));
  return at;
}

// True for a VXLAN header of this port.
function isOurs(node: usize, header: usize): bool {
  const bits = load<u64>(header) & load<u64>(node, fastAt.VXLAN_MASK);
  return bits == load<u64>(node, fastAt.VXLAN);
}

// True for a remote that there is, and that is on the list where there has to be one.
function mayCome(port: Port, remote: Remote): bool {
  if (changetype<usize>(remote) == 0) return false;
  return (port.flags & PortFlag.StrictPeer) == 0 || (remote.flags & RemoteFlag.Allowed) != 0;
}

// True for a frame of a station that can be, which holds its headers and keeps its mark.
function isLegal(port: Port, frame: usize, len: u32, tos: u32): bool {
  const ethernet = Ethernet.at(frame);
  const src = ethernet.src;
  if (src == 0 || isGroupMac(src) || src == port.mac) return false;
  const type = ethernet.etherTypeNet;
  if (type != ETHERTYPE_IPV4_NET) return type != ETHERTYPE_IPV6_NET && type != ETHERTYPE_VLAN_NET;
  const isMarked = (tos & CHANGING) != 0 && (port.flags & PortFlag.Ecn) != 0;
  return len >= ETHERNET_HEADER_LEN + IPV4_HEADER_LEN_MIN && !isMarked;
}

// True where nothing is learned, or the sender is where it was, and was seen now.
function isKnown(node: usize, b: Burst, port: Port, frame: usize, index: u32): bool {
  if ((port.flags & PortFlag.Learn) == 0) return true;
  const key = (Ethernet.at(frame).src << 16) | port.domain;
  const nowS = nowSeconds(node);
  const entry = fdbLive(node, key, nowS, load<u32>(node, fastAt.AGE_S));
  if (entry == 0 || cuckooValue(entry) != (b.port | (index << 16))) return false;
  fdbSee(entry, nowS);
  return true;
}
