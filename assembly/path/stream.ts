// The flows that are open within a burst: few, because all are looked at for each packet.
import { pseudoSeed } from "../base/checksum";
import { IPV4_HEADER_LEN_MIN, Ipv4, PROTOCOL_UDP } from "../wire/ipv4";
import { TCP_CHECKSUM_OFFSET, TCP_CWR, Tcp } from "../wire/tcp";
import { UDP_CHECKSUM_OFFSET, UDP_HEADER_LEN, Udp } from "../wire/udp";
import { VIRTIO_GSO_ECN, VIRTIO_GSO_TCPV4, VIRTIO_GSO_UDP_L4, Virtio } from "../wire/virtio";
import { Burst, emitPiece, PieceAt } from "./burst";
import { Desc, DescFlag } from "./desc";
import { linkLen } from "./link";

const FLOWS: usize = 8; // open at once
const PIECES: u32 = 65; // the virtio header, and a payload for each segment
const ALONE_PIECES: u32 = 2; // of a packet that is none: its virtio header may lie apart

/** Most segments of a flow. */
export const SEGMENTS_MAX: u32 = 64;

if (PIECES != SEGMENTS_MAX + 1) ERROR("a flow has pieces for its segments");

/** A flow that is open. */
export namespace flowAt {
  export const ADDRESSES: usize = 0; // u64
  export const PORTS: usize = 8; // u32, as they lie
  export const IP: usize = 12; // the header of its first packet; 0 where no flow is
  export const OUT: usize = 16; // the descriptor of that packet
  export const PIECE: usize = 20; // where the next piece goes; 0 while there is one packet
  export const SEQUENCE: usize = 24; // of TCP, what comes next
  export const LEN: usize = 28; // bytes of payload
  export const SIZE: usize = 32; // u16, of them in each segment but the last
  export const COUNT: usize = 34; // u16, segments
  export const END: usize = 40;
}

const flows: usize = memory.data(<i32>(FLOWS * flowAt.END), 8);

/** Ends every flow, behind each burst. */
export function closeFlows(b: Burst): void {
  for (let flow = flows; flow < flows + FLOWS * flowAt.END; flow += flowAt.END) close(b, flow);
}

/** The open flow that a packet belongs to, or 0. Requires: ports behind an IP header. */
export function findFlow(packet: usize): usize {
  const ip = Ipv4.at(packet);
  const ports = Tcp.at(ip.payload).portsNet; // UDP's are in the same place
  for (let flow = flows; flow < flows + FLOWS * flowAt.END; flow += flowAt.END) {
    if (isBetween(flow, ip) && load<u32>(flow, flowAt.PORTS) == ports) return flow;
  }
  return 0;
}

/** Ends the flows that a packet without ports may be a part of. */
export function closeLike(b: Burst, packet: usize): void {
  for (let flow = flows; flow < flows + FLOWS * flowAt.END; flow += flowAt.END) {
    if (isBetween(flow, Ipv4.at(packet))) close(b, flow);
  }
}

// True for an open flow of the same protocol between the same two.
function isBetween(flow: usize, ip: Ipv4): bool {
  if (load<u64>(flow, flowAt.ADDRESSES) != ip.addresses) return false;
  const head = Ipv4.at(load<u32>(flow, flowAt.IP));
  return changetype<usize>(head) != 0 && head.protocol == ip.protocol;
}

/** A free place, or that of the flow that is open longest. */
export function takeFlow(b: Burst): usize {
  let oldest = flows;
  for (let flow = flows; flow < flows + FLOWS * flowAt.END; flow += flowAt.END) {
    if (load<u32>(flow, flowAt.IP) == 0) return flow;
    if (load<u32>(flow, flowAt.OUT) < load<u32>(oldest, flowAt.OUT)) oldest = flow;
  }
  close(b, oldest);
  return oldest;
}

/**
 * Gives a flow its own pieces, as many as it can ever have. Two are left for each packet that may
 * still come out.
 */
export function openPieces(b: Burst, flow: usize): bool {
  const others = (b.outCap - b.outCount) * ALONE_PIECES;
  if (b.piecesLeft < PIECES + others) return false;
  const out = Desc.at(load<u32>(flow, flowAt.OUT));
  const pieces = b.takePieces(PIECES);
  let next: usize = 0;
  if ((out.flags & DescFlag.Gather) == 0) next = emitPiece(pieces, out.ptr, out.len);
  else {
    memory.copy(pieces, out.ptr, ALONE_PIECES * PieceAt.End);
    next = pieces + ALONE_PIECES * PieceAt.End;
  }
  out.setRange(pieces, 0);
  out.addFlags(DescFlag.Gather);
  store<u32>(flow, <u32>next, flowAt.PIECE);
  return true;
}

/** Ends a flow: of more than one packet a super-packet is made. */
export function close(b: Burst, flow: usize): void {
  const packet = <usize>load<u32>(flow, flowAt.IP);
  const end = <usize>load<u32>(flow, flowAt.PIECE);
  store<u32>(flow, 0, flowAt.IP);
  if (packet == 0 || end == 0) return;
  const out = Desc.at(load<u32>(flow, flowAt.OUT));
  const pieces = out.ptr;
  out.setRange(pieces, <u32>(end - pieces) / PieceAt.End);
  b.returnPieces(pieces + PIECES * PieceAt.End, end);
  const ip = Ipv4.at(packet);
  const front = linkLen(out) + IPV4_HEADER_LEN_MIN;
  const headerLen = bodyHeaderLen(ip);
  const bodyLen = headerLen + load<u32>(flow, flowAt.LEN);
  ip.setTotalLength(IPV4_HEADER_LEN_MIN + bodyLen);
  const isTcp = ip.protocol != PROTOCOL_UDP;
  const seed = ip.pseudo() + pseudoSeed(ip.protocol, bodyLen);
  const virtio = Virtio.at(load<u32>(pieces, PieceAt.Ptr));
  if (isTcp) {
    const tcp = Tcp.at(ip.payload);
    tcp.setPartial(seed);
    const ecn = (tcp.flags & TCP_CWR) != 0 ? VIRTIO_GSO_ECN : 0;
    virtio.setSuper(VIRTIO_GSO_TCPV4 | ecn, front + headerLen, load<u16>(flow, flowAt.SIZE));
  } else {
    Udp.at(ip.payload).setPartial(seed, bodyLen);
    virtio.setSuper(VIRTIO_GSO_UDP_L4, front + headerLen, load<u16>(flow, flowAt.SIZE));
  }
  virtio.setCsum(front, isTcp ? TCP_CHECKSUM_OFFSET : UDP_CHECKSUM_OFFSET);
}

/** Bytes of the TCP or UDP header. */
export function bodyHeaderLen(ip: Ipv4): u32 {
  return ip.protocol == PROTOCOL_UDP ? UDP_HEADER_LEN : Tcp.at(ip.payload).headerLen;
}
