// Frames in VXLAN taken apart in plain JavaScript, for this one job, into the records of heddle.
import { LayerAt, LayerKind, PieceAt } from "../../bindings/core/index.ts";

const ETHERNET_LEN = 14;
const IPV4_LEN = 20;
const UDP_LEN = 8;
const VXLAN_LEN = 8;
const ETHERTYPE_AT = 12;
const ETHERTYPE_IPV4 = 0x0800;
const IPV4_PLAIN = 0x45; // version and length
const FRAGMENT_MASK = 0x3fff;
const PROTOCOL_UDP = 17;
const VXLAN_PORT = 8472;
const VXLAN_I = 0x08;

export class TwinDecoder {
  readonly #view: DataView;
  #out = 0;
  #depth = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  /** As packet_decode_bulk, for packets that have all `cap` layers. */
  decode(pieces: number, count: number, out: number): number {
    this.#out = out;
    for (let piece = pieces; piece < pieces + count * PieceAt.End; piece += PieceAt.End) {
      const first = this.#view.getUint32(piece + PieceAt.Ptr, true);
      const len = this.#view.getUint32(piece + PieceAt.Len, true);
      this.#depth = 0;
      for (let at = 0; at >= 0; ) at = this.#frame(first, at, len);
    }
    return (this.#out - out) / LayerAt.End;
  }

  /** The layers of a frame. Returns: where the frame lies that it carries, or -1. */
  #frame(first: number, at: number, end: number): number {
    const view = this.#view;
    const ip = first + at + ETHERNET_LEN;
    if (end - at < ETHERNET_LEN + IPV4_LEN + UDP_LEN) return -1;
    if (view.getUint16(first + at + ETHERTYPE_AT) !== ETHERTYPE_IPV4) return -1;
    const total = view.getUint16(ip + 2);
    if (view.getUint8(ip) !== IPV4_PLAIN || total > end - at - ETHERNET_LEN) return -1;
    if ((view.getUint16(ip + 6) & FRAGMENT_MASK) !== 0 || sumOf(view, ip) !== 0xffff) return -1;
    if (view.getUint8(ip + 9) !== PROTOCOL_UDP) return -1;
    const udp = ip + IPV4_LEN;
    const length = view.getUint16(udp + 4);
    if (length < UDP_LEN || length > total - IPV4_LEN || view.getUint16(udp + 6) !== 0) return -1;
    this.#push(LayerKind.Ethernet, at, ETHERNET_LEN, end - at);
    this.#push(LayerKind.Ipv4, ip - first, IPV4_LEN, total);
    this.#push(LayerKind.Udp, udp - first, UDP_LEN, length);
    const payload = udp - first + UDP_LEN;
    if (view.getUint16(udp + 2) !== VXLAN_PORT || length < UDP_LEN + VXLAN_LEN) {
      this.#push(LayerKind.Payload, payload, 0, length - UDP_LEN);
      return -1;
    }
    if ((view.getUint8(first + payload) & VXLAN_I) === 0) return -1;
    this.#push(LayerKind.Vxlan, payload, VXLAN_LEN, length - UDP_LEN);
    this.#depth += 1;
    return payload + VXLAN_LEN;
  }

  #push(kind: number, offset: number, headerLen: number, len: number): void {
    this.#view.setUint32(this.#out + LayerAt.Kind, kind | (this.#depth << 8), true);
    this.#view.setUint32(this.#out + LayerAt.Offset, offset, true);
    this.#view.setUint32(this.#out + LayerAt.HeaderLen, headerLen, true);
    this.#view.setUint32(this.#out + LayerAt.Len, len, true);
    this.#out += LayerAt.End;
  }
}

/** The folded sum of a header of twenty bytes. */
function sumOf(view: DataView, ip: number): number {
  let sum = 0;
  for (let at = ip; at < ip + IPV4_LEN; at += 2) sum += view.getUint16(at);
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}
