// Coalescing, on the way to a device with virtio headers: segments of one flow that follow each
// other in a burst leave as the super-packet that they were cut from. The rules are Linux's
// (inet_gro_receive, tcp_gro_receive), and narrower where a device could not cut the same segments
// again: the identification has to count upwards.
//
// Nothing waits: what is open when the burst ends is closed then. Nothing overtakes: a packet that
// cannot join its flow closes it, and goes behind it.
import { Status } from "../base/status";
import { ETHERTYPE_IPV4_NET, Ethernet } from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, IPV4_LEN_MAX, Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";
import { TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG, Tcp } from "../wire/tcp";
import { Udp } from "../wire/udp";
import { VIRTIO_HEADER_LEN, Virtio } from "../wire/virtio";
import { Burst, BurstFlag, emitPiece } from "./burst";
import { checkPlain, Desc, DescAt, DescFlag, Verdict } from "./desc";
import { linkLen } from "./link";
import {
  bodyHeaderLen,
  close,
  closeLike,
  findFlow,
  flowAt,
  openPieces,
  SEGMENTS_MAX,
  takeFlow,
} from "./stream";

const LONE_FLAGS: u32 = TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_URG; // nothing follows these

let floor: usize = 0; // no virtio header is written below

/** One plain packet towards a device with virtio headers. */
export function coalesce(node: usize, b: Burst, d: Desc): i32 {
  const status = checkPlain(node, d, 0);
  if (status != Status.Ok) return status;
  if (!b.hasRoom) return Status.NoRoom;
  memory.copy(changetype<usize>(b.next), changetype<usize>(d), DescAt.End);
  return deliver(b);
}

/** Says from where on the bytes in front of the packets that are delivered next are their own. */
export function setFloor(address: usize): void {
  floor = address;
}

/** Appends what `b.next` holds, or joins it to the flow that it belongs to. */
export function deliver(b: Burst): i32 {
  if ((b.flags & BurstFlag.Virtio) == 0) {
    b.commit();
    return Verdict.Consumed;
  }
  const o = b.next;
  const packet = ipv4At(o);
  const mayFlow = packet != 0 && canFlow(b, packet, <u32>(o.ptr + o.len - packet));
  if (mayFlow) {
    const flow = findFlow(packet);
    if (flow != 0) {
      if (join(b, flow, o, packet)) return Verdict.Consumed;
      close(b, flow);
    }
  } else if (packet != 0) closeLike(b, packet);
  if (!putFront(b, o)) return Status.NoRoom;
  if (mayFlow) begin(b, o, packet);
  b.commit();
  return Verdict.Consumed;
}

// Where the IPv4 packet of `o` begins, or 0.
function ipv4At(o: Desc): usize {
  const len = linkLen(o);
  if (o.len < len + IPV4_HEADER_LEN_MIN) return 0;
  const isIpv4 = len == 0 || Ethernet.at(o.ptr).etherTypeNet == ETHERTYPE_IPV4_NET;
  return isIpv4 ? o.ptr + len : 0;
}

// True for a whole packet without options that could be a segment.
function canFlow(b: Burst, packet: usize, len: u32): bool {
  const ip = Ipv4.at(packet);
  const isTcp = ip.protocol == PROTOCOL_TCP;
  if (!isTcp && (ip.protocol != PROTOCOL_UDP || (b.flags & BurstFlag.UdpL4) == 0)) return false;
  if (ip.totalLength != len || ip.optionsLen != 0 || ip.isFragment) return false;
  if (Ipv4.check(packet, len) != Status.Ok) return false;
  const bodyLen = ip.payloadLen;
  if (isTcp) return Tcp.check(ip.payload, bodyLen) == Status.Ok;
  return Udp.check(ip.payload, bodyLen) == Status.Ok && Udp.at(ip.payload).length == bodyLen;
}

// Puts a virtio header in front of the packet in `o`: over what was there, or, where another packet
// is, apart. False when there is no room.
function putFront(b: Burst, o: Desc): bool {
  const near = o.ptr - VIRTIO_HEADER_LEN;
  if (near >= floor) {
    Virtio.at(near).emit();
    o.setRange(near, VIRTIO_HEADER_LEN + o.len);
    return true;
  }
  const header = b.piecesLeft < 2 ? <usize>0 : b.takeSpare(VIRTIO_HEADER_LEN);
  if (header == 0) return false;
  Virtio.at(header).emit();
  b.gather(header, VIRTIO_HEADER_LEN, o);
  return true;
}

// Opens a flow with the packet in `o`, unless it ends one.
function begin(b: Burst, o: Desc, packet: usize): void {
  const ip = Ipv4.at(packet);
  const len = ip.payloadLen - bodyHeaderLen(ip);
  const isShared = (o.flags & DescFlag.Shared) != 0; // and its headers would change
  if (len == 0 || isShared || !mayBegin(ip)) return;
  const flow = takeFlow(b);
  store<u64>(flow, ip.addresses, flowAt.ADDRESSES);
  store<u32>(flow, Tcp.at(ip.payload).portsNet, flowAt.PORTS);
  store<u32>(flow, <u32>packet, flowAt.IP);
  store<u32>(flow, <u32>changetype<usize>(o), flowAt.OUT);
  store<u32>(flow, 0, flowAt.PIECE);
  if (ip.protocol == PROTOCOL_TCP) {
    store<u32>(flow, Tcp.at(ip.payload).sequence + len, flowAt.SEQUENCE);
  }
  store<u32>(flow, len, flowAt.LEN);
  store<u32>(flow, len | (1 << 16), flowAt.SIZE);
}

function mayBegin(ip: Ipv4): bool {
  if (ip.protocol == PROTOCOL_UDP) return Udp.at(ip.payload).checksum != 0;
  return (Tcp.at(ip.payload).flags & LONE_FLAGS) == 0;
}

// Makes the packet in `o` the next segment of its flow, if it is that.
function join(b: Burst, flow: usize, o: Desc, packet: usize): bool {
  const ip = Ipv4.at(packet);
  const headerLen = bodyHeaderLen(ip);
  const len = ip.payloadLen - headerLen;
  if (!isNext(flow, ip, len) || !isBeside(flow, o)) return false;
  const head = Ipv4.at(load<u32>(flow, flowAt.IP));
  const isSecond = load<u32>(flow, flowAt.PIECE) == 0;
  if (isSecond && !isSummed(head)) return false;
  if (!isSummed(ip) || (isSecond && !openPieces(b, flow))) return false;
  const piece = load<u32>(flow, flowAt.PIECE);
  store<u32>(flow, <u32>emitPiece(piece, ip.payload + headerLen, len), flowAt.PIECE);
  store<u32>(flow, load<u32>(flow, flowAt.LEN) + len, flowAt.LEN);
  store<u32>(flow, load<u32>(flow, flowAt.SEQUENCE) + len, flowAt.SEQUENCE);
  store<u16>(flow, load<u16>(flow, flowAt.COUNT) + 1, flowAt.COUNT);
  const isTcp = ip.protocol == PROTOCOL_TCP;
  const isEnd = isTcp && Tcp.at(head.payload).takeEnds(Tcp.at(ip.payload));
  if (isEnd || len < load<u16>(flow, flowAt.SIZE)) close(b, flow);
  return true;
}

// True when the headers, but for the sums, are those that the next segment would have.
function isNext(flow: usize, ip: Ipv4, len: u32): bool {
  const head = Ipv4.at(load<u32>(flow, flowAt.IP));
  const count: u32 = load<u16>(flow, flowAt.COUNT);
  if (len == 0 || len > load<u16>(flow, flowAt.SIZE) || count == SEGMENTS_MAX) return false;
  if (load<u32>(flow, flowAt.LEN) + ip.totalLength > IPV4_LEN_MAX) return false;
  if (ip.id != ((head.id + count) & 0xffff)) return false;
  if (ip.tos != head.tos || ip.ttl != head.ttl) return false;
  if (ip.isDontFragment != head.isDontFragment || ip.isReserved != head.isReserved) return false;
  if (ip.protocol == PROTOCOL_UDP) return Udp.at(ip.payload).checksum != 0;
  const tcp = Tcp.at(ip.payload);
  if (tcp.sequence != load<u32>(flow, flowAt.SEQUENCE)) return false;
  return tcp.isLike(Tcp.at(head.payload));
}

// True when the packet in `o` came the same way, between the same stations.
function isBeside(flow: usize, o: Desc): bool {
  const out = Desc.at(load<u32>(flow, flowAt.OUT));
  if (out.peer != o.peer || out.vni != o.vni || out.remote != o.remote) return false;
  if (out.port != o.port) return false;
  const frameLen = linkLen(o);
  if (frameLen != linkLen(out)) return false;
  if (frameLen == 0) return true;
  const first = Ethernet.at(load<u32>(flow, flowAt.IP) - frameLen);
  const frame = Ethernet.at(o.ptr);
  return first.dst == frame.dst && first.src == frame.src;
}

function isSummed(ip: Ipv4): bool {
  const pseudo = ip.pseudo();
  if (ip.protocol == PROTOCOL_UDP) return Udp.at(ip.payload).isChecksumValid(pseudo);
  return Tcp.at(ip.payload).isChecksumValid(pseudo, ip.payloadLen);
}
