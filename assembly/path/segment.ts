// Segmentation of super-packets: headers of its own for each segment, written into `spare`, and a
// slice of the packet behind them. Of the payload no byte is copied, and each is summed once.
//
// Segments are what Linux makes of them (inet_gso_segment, tcp_gso_segment, __udp_gso_segment): the
// identification counts upwards from the packet's, and what a segment does not have to itself is
// the packet's.
import { pseudoSeed } from "../base/checksum";
import { swap16 } from "../base/endian";
import { count } from "../base/node";
import { Status } from "../base/status";
import { IPV4_LEN_MAX, Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";
import { UDP_TUNNEL_OVERHEAD_LEN } from "../wire/overhead";
import { segmentFlags, Tcp } from "../wire/tcp";
import { Udp } from "../wire/udp";
import { VIRTIO_GSO_TCPV4 } from "../wire/virtio";
import { Vxlan } from "../wire/vxlan";
import { Burst, emitPiece, PieceAt } from "./burst";
import { Desc, DescAt, DescFlag, Verdict } from "./desc";
import { checkOffered, frontLen, headersLen } from "./virtio";

const SEND_COUNT_MAX: u32 = 64; // datagrams that Linux takes in one call, by UDP_SEGMENT
const SEND_LEN_MAX: u32 = IPV4_LEN_MAX - UDP_TUNNEL_OVERHEAD_LEN; // and their bytes
const PIECES: u32 = 2; // of a segment
const COPY_LEN: u32 = 16;
const HALF_LEN: u32 = 8;

/** One packet of a device with virtio headers, as plain ones. */
export function segment(node: usize, b: Burst, d: Desc): i32 {
  const status = checkOffered(node, b, d, 0);
  if (status != Status.Ok) return status;
  if (!b.hasRoom) return Status.NoRoom;
  if (d.gsoSize == 0) {
    b.pass(d);
    return Verdict.Consumed;
  }
  memory.copy(changetype<usize>(b.next), changetype<usize>(d), DescAt.End);
  b.next.setOffload(0, 0, 0, 0);
  return sendSegments(node, b, d, 0, 1);
}

/** The same as datagrams, with a VXLAN header of `tunnelLen` bytes or with none. */
export function sendDatagrams(node: usize, b: Burst, d: Desc, tunnelLen: u32): i32 {
  return sendSegments(node, b, d, tunnelLen, SEND_COUNT_MAX);
}

// Appends the super-packet in `d` with what `b.next` says of it already, at most `most` segments in
// a descriptor.
function sendSegments(node: usize, b: Burst, d: Desc, tunnelLen: u32, most: u32): i32 {
  const headers = tunnelLen + headersLen(d);
  const size = d.gsoSize;
  const total = (tunnelLen + d.len - headers + size - 1) / size;
  const slotLen = toSlot(headers);
  const made = min(total, min(b.spareRuns(slotLen), b.piecesLeft / PIECES));
  const slots = made == 0 ? <usize>0 : b.takeSpare(made * slotLen);
  if (slots == 0) return Status.NoRoom;
  if (tunnelLen != 0) Vxlan.at(slots).emit(b.next.vni);
  memory.copy(slots + tunnelLen, d.ptr, headers - tunnelLen);
  const pieces = b.takePieces(made * PIECES);
  emitSegments(d, tunnelLen, slots, pieces, made);
  const run = max(1, min(most, SEND_LEN_MAX / (headers + size)));
  const sent = sendRuns(b, pieces, made, headers + size, run);
  if (sent < total) count(node, Status.NoRoom);
  return Verdict.Consumed;
}

// Writes the pieces of the first `made` segments, and the headers of each into its slot: what all
// have in common is in the first one.
function emitSegments(d: Desc, tunnelLen: u32, slots: usize, pieces: usize, made: u32): void {
  const headers = tunnelLen + headersLen(d);
  const slotLen = toSlot(headers);
  const ipAt = tunnelLen + frontLen(d);
  const bodyAt = tunnelLen + d.csumStart;
  const isTcp = d.gsoType == VIRTIO_GSO_TCPV4;
  const ip = Ipv4.at(slots + ipAt);
  const tcp = Tcp.at(slots + bodyAt);
  const id = ip.id;
  const flags = isTcp ? tcp.offsetFlagsNet : 0;
  let sequence = isTcp ? tcp.sequence : 0;
  const pseudo = ip.pseudo() + pseudoSeed(isTcp ? PROTOCOL_TCP : PROTOCOL_UDP, 0);
  const common = isTcp ? tcp.toCommon(pseudo) : Udp.at(slots + bodyAt).toCommon(pseudo);
  const ipCommon = ip.toCommon();
  const end = d.ptr + d.len;
  let payload = d.ptr + headers - tunnelLen;
  for (let at: u32 = 0, slot = slots; at < made; at++, slot += slotLen) {
    const len = min(d.gsoSize, <u32>(end - payload));
    if (at != 0) copySlot(slot, slots, slotLen);
    Ipv4.at(slot + ipAt).emitSegment(ipCommon, headers - ipAt + len, id + at);
    const seed = common + swap16(headers - bodyAt + len); // the pseudo header's length
    if (isTcp) {
      const own = segmentFlags(flags, at == 0, payload + len == end);
      Tcp.at(slot + bodyAt).emitSegment(seed, sequence, own, payload, len);
      sequence += len;
    } else Udp.at(slot + bodyAt).emitSegment(seed, payload, len);
    pieces = emitPiece(emitPiece(pieces, slot, headers), payload, len);
    payload += len;
  }
}

// Appends `made` segments, `most` of them in each descriptor. Returns: how many there was room for.
function sendRuns(b: Burst, pieces: usize, made: u32, datagramLen: u32, most: u32): u32 {
  const first = b.next;
  let sent: u32 = 0;
  while (sent < made && b.hasRoom) {
    const run = min(most, made - sent);
    const o = b.next;
    if (sent != 0) memory.copy(changetype<usize>(o), changetype<usize>(first), DescAt.End);
    o.setRange(pieces + sent * PIECES * PieceAt.End, run * PIECES);
    o.setGsoSize(run == 1 ? 0 : datagramLen);
    o.addFlags(DescFlag.Gather);
    b.commit();
    sent += run;
  }
  return sent;
}

/** Appends once more what the descriptors up to `end` hold, for the remote that `b.next` names. */
export function sendAgain(b: Burst, from: usize, end: usize): i32 {
  const remote = b.next.remote;
  const peer = b.next.peer;
  for (; from < end; from += DescAt.End) {
    if (!b.hasRoom) return Status.NoRoom;
    const o = b.next;
    memory.copy(changetype<usize>(o), from, DescAt.End);
    o.setRemote(remote);
    o.setPeer(peer);
    b.commit();
  }
  return Verdict.Consumed;
}

// Headers are copied in whole vectors, so that each slot ends with one.
function toSlot(headers: u32): u32 {
  return (headers + COPY_LEN - 1) & ~(COPY_LEN - 1);
}

function copySlot(to: usize, from: usize, len: u32): void {
  for (const end = from + len; from < end; from += COPY_LEN, to += COPY_LEN) {
    if (ASC_FEATURE_SIMD) v128.store(to, v128.load(from));
    else {
      store<u64>(to, load<u64>(from));
      store<u64>(to + HALF_LEN, load<u64>(from + HALF_LEN));
    }
  }
}
