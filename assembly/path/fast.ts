// The fast path: ordinary packets of a burst, one after the other, in one loop without calls.
//
// What the packets of a burst have in common is worked out once and laid into the node. A packet
// that needs anything else is left to its element, which asks every question anew and has the last
// word: what takes the fast path comes out as the element would have made it, to the last byte.
import { swap16 } from "../base/endian";
import { arena, arenaEnd, nodeAt } from "../base/node";
import { domainAge } from "../table/domain";
import { Port, PortFlag, TosMode } from "../table/port";
import { ETHERNET_HEADER_LEN } from "../wire/ethernet";
import { PROTOCOL_UDP } from "../wire/ipv4";
import { FRAME_LEN_MAX } from "../wire/overhead";
import { Vxlan } from "../wire/vxlan";
import { Burst } from "./burst";
import { Desc, DescAt, DescFlag, NONE } from "./desc";

/** What the packets of a burst have in common, beside their port. */
export namespace fastAt {
  export const FIRST: usize = nodeAt.FAST; // u32, where a packet may begin
  export const END: usize = nodeAt.FAST + 4; // u32, and where it has to end
  export const OUT: usize = nodeAt.FAST + 8; // u32, port and flags of what comes out
  export const AGE_S: usize = nodeAt.FAST + 12; // u32, of what was learned in the domain
  export const PACKET_MAX: usize = nodeAt.FAST + 16; // u32, bytes behind an Ethernet header
  export const TOS: usize = nodeAt.FAST + 20; // u32, the outer DS field, but for the bits of
  export const TOS_MASK: usize = nodeAt.FAST + 24; // u32, which it has from the inner one
  export const ECT_0: usize = nodeAt.FAST + 28; // u32, 1 where a mark leaves as ECT(0)
  export const VXLAN: usize = nodeAt.FAST + 32; // u64, a header as it lies
  export const VXLAN_MASK: usize = nodeAt.FAST + 40; // u64, the bits that all have in common
  export const LOCAL_NET: usize = nodeAt.FAST + 48; // u32, the port's address, as it lies
  export const UDP_PORT_NET: usize = nodeAt.FAST + 52; // u32
  export const TTL: usize = nodeAt.FAST + 56; // u32, from the fragment's place to the protocol
  export const LAST: usize = nodeAt.FAST + 60;
}

// A port that has one of these is no ordinary one.
const PORT_SPECIAL: u32 =
  PortFlag.ManyVnis |
  PortFlag.SplitHorizon |
  PortFlag.MssClamp |
  PortFlag.UdpChecksum |
  PortFlag.ArpProxy;

const DESC_SPECIAL: u32 =
  DescFlag.CsumPartial | DescFlag.Shared | DescFlag.Gather | DescFlag.UdpGro;
const ECN: u32 = 3;
const DONT_FRAGMENT_NET: u32 = 0x0040; // 0x4000

if (fastAt.LAST > nodeAt.END) ERROR("fast: the node has no room");
if (DescAt.Flags != DescAt.Port + 2) ERROR("fast: port and flags are read as one");
if (DescAt.Verdict != DescAt.Port + 4) ERROR("fast: port, flags and verdict are read as one");
if (DescAt.Remote != DescAt.Port + 6) ERROR("fast: the remote ends their word");
if (DescAt.Vni != DescAt.Peer + 4) ERROR("fast: peer and VNI are written as one");
if (DescAt.Tos != DescAt.GsoSize + 6) ERROR("fast: the DS field is before the last byte");
if (DescAt.Lane != DescAt.Tos + 1) ERROR("fast: the lane is the last byte");

/**
 * Works out what the packets of a burst have in common, each with `headroom` in front of it and
 * `flags` when it leaves. Returns: whether the port is an ordinary one.
 */
export function fastBurst(node: usize, b: Burst, port: Port, headroom: u32, flags: u32): bool {
  if ((port.flags & PORT_SPECIAL) != 0 || port.domain == NONE) return false;
  store<u32>(node, <u32>arena(node) + headroom, fastAt.FIRST);
  store<u32>(node, <u32>arenaEnd(node), fastAt.END);
  store<u32>(node, b.port | (flags << 16), fastAt.OUT);
  store<u32>(node, domainAge(node, port.domain), fastAt.AGE_S);
  store<u32>(node, min(port.mtu, FRAME_LEN_MAX - ETHERNET_HEADER_LEN), fastAt.PACKET_MAX);
  layTos(node, port);
  layHeaders(node, port);
  return true;
}

// What outerTos does, in masks.
function layTos(node: usize, port: Port): void {
  const flags = port.flags;
  const isInherited = port.tosMode == TosMode.Inherit;
  const ecn = (flags & PortFlag.Ecn) != 0 ? ECN : 0;
  store<u32>(node, isInherited ? 0 : port.tos & ~ECN, fastAt.TOS);
  store<u32>(node, isInherited ? ~ECN | ecn : ecn, fastAt.TOS_MASK);
  store<u32>(node, (flags & PortFlag.LinuxMode) != 0 ? 1 : 0, fastAt.ECT_0);
}

function layHeaders(node: usize, port: Port): void {
  const flags = port.flags;
  const isStrict = (flags & PortFlag.LinuxMode) != 0;
  Vxlan.at(node + fastAt.VXLAN).emit(port.vni);
  store<u64>(node, Vxlan.mask(isStrict, (flags & PortFlag.Gbp) != 0), fastAt.VXLAN_MASK);
  store<u32>(node, bswap<u32>(port.localIpv4), fastAt.LOCAL_NET);
  store<u32>(node, swap16(port.udpPort), fastAt.UDP_PORT_NET);
  const fragment = (flags & PortFlag.DontFragment) != 0 ? DONT_FRAGMENT_NET : 0;
  store<u32>(node, fragment | ((port.ttl & 0xff) << 16) | (PROTOCOL_UDP << 24), fastAt.TTL);
}

/** The outer DS field over an inner one. */
export function fastTos(node: usize, innerTos: u32): u32 {
  const tos = load<u32>(node, fastAt.TOS) | (innerTos & load<u32>(node, fastAt.TOS_MASK));
  return tos ^ (tos & (tos >> 1) & load<u32>(node, fastAt.ECT_0));
}

/** True for one packet that has no verdict yet and none of `flags`, with nothing left to do. */
export function isOrdinary(d: Desc, flags: u32): bool {
  const special = ((<u64>(DESC_SPECIAL | flags)) << 16) | ((<u64>0xffff) << 32);
  const word = load<u64>(changetype<usize>(d), DescAt.Port);
  return ((word & special) | <u64>d.gsoSize) == 0;
}

/** True for `len` bytes that lie where packets do. */
export function isInside(node: usize, ptr: usize, len: u32): bool {
  const isBehind = ptr >= <usize>load<u32>(node, fastAt.FIRST);
  return isBehind && <u64>ptr + len <= <u64>load<u32>(node, fastAt.END);
}

/** Writes where the bytes of what comes out lie. */
export function emitRange(o: Desc, ptr: usize, len: u32): void {
  store<u64>(changetype<usize>(o), ((<u64>len) << 32) | <u64>ptr, DescAt.Ptr);
}

/** Writes what comes out, but for where its bytes lie: `remote`, `ends` and DS field and lane. */
export function emitFast(node: usize, o: Desc, remote: u32, ends: u64, mark: u32): void {
  const self = changetype<usize>(o);
  store<u64>(self, ((<u64>remote) << 48) | load<u32>(node, fastAt.OUT), DescAt.Port);
  store<u64>(self, ends, DescAt.Peer);
  store<u64>(self, (<u64>mark) << 48, DescAt.GsoSize);
}

/** Peer and VNI of what comes out. */
export function endsOf(port: Port, peer: u32): u64 {
  return ((<u64>port.vni) << 32) | peer;
}
