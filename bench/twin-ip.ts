// What bridge, router and the IP tunnels do, in plain JavaScript: Map and DataView, no object per
// packet. Each function takes one packet and says whether it went on; `out` has where it went.
import type { MapsByLen } from "./prefixes.ts";
import { longest } from "./prefixes.ts";

const ETHERNET_LEN = 14;
const IPV4_LEN = 20;
const UDP_LEN = 8;
const ARP_FRAME_LEN = 42;
const TYPE_IPV4 = 0x0800;
const TYPE_ARP = 0x0806;
const PROTOCOL_IPIP = 4;
const PROTOCOL_UDP = 17;
const TWO_32 = 0x100000000;

export interface TwinIpConfig {
  /** Numbers in host order; a MAC is its six bytes read little-endian. */
  readonly local: number;
  readonly mac: number;
  readonly egressMac: number;
  readonly udpPort: number;
  readonly mtu: number;
  readonly routes: MapsByLen;
  /** The outer headers of each hop, lengths, id and checksum as for no payload. */
  readonly images: readonly DataView[];
  readonly peers: ReadonlyMap<number, number>;
  readonly neighbors: Map<number, number>;
  readonly stations: Map<number, number>;
}

export class TwinIp {
  readonly view: DataView;
  /** The packet that went on last. */
  readonly out: Int32Array = new Int32Array(4); // ptr, len, remote or port, lane
  readonly #config: TwinIpConfig;
  readonly #records: DataView = new DataView(new ArrayBuffer(128));
  #id = 0;

  constructor(bytes: Uint8Array, config: TwinIpConfig) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#config = config;
  }

  /** An IP packet into a datagram of flannel's UDP backend. */
  udpEncap(ptr: number, len: number): boolean {
    const hop = this.#towards(ptr, len);
    return hop >= 0 && this.#give(ptr, len, hop, this.#flow(ptr));
  }

  /** An IP packet into a complete outer frame, with UDP where the image has it. */
  encapFrame(ptr: number, len: number): boolean {
    const hop = this.#towards(ptr, len);
    if (hop < 0) return false;
    const image = this.#config.images[hop] as DataView;
    const start = ptr - image.byteLength;
    this.#emitOuter(start, image, len + image.byteLength - ETHERNET_LEN);
    return this.#give(start, len + image.byteLength, hop, this.#flow(ptr));
  }

  /** A datagram of flannel's UDP backend into the IP packet. */
  udpDecap(ptr: number, len: number): boolean {
    if (!this.#isIpv4(ptr, len) || this.view.getUint8(ptr + 8) <= 1) return false;
    this.#age(ptr);
    return this.#give(ptr, len, 0, 0);
  }

  udpDecapFrame(ptr: number, len: number): boolean {
    const udp = this.#openOuter(ptr, len, PROTOCOL_UDP);
    if (udp === 0 || this.view.getUint16(udp + 2) !== this.#config.udpPort) return false;
    const udpLen = this.view.getUint16(udp + 4);
    if (udpLen < UDP_LEN || udpLen > len - (udp - ptr)) return false;
    return this.udpDecap(udp + UDP_LEN, udpLen - UDP_LEN);
  }

  ipipDecapFrame(ptr: number, len: number): boolean {
    const ip = this.#openOuter(ptr, len, PROTOCOL_IPIP);
    if (ip === 0) return false;
    const peer = this.#config.peers.get(this.view.getUint32(ptr + ETHERNET_LEN + 12));
    const innerLen = len - (ip - ptr);
    return peer !== undefined && this.#isIpv4(ip, innerLen) && this.#give(ip, innerLen, peer, 0);
  }

  /** Learns the sender of a frame and finds the port of its receiver. */
  bridge(ptr: number, len: number, port: number): boolean {
    if (len < ETHERNET_LEN) return false;
    const { stations } = this.#config;
    const src = this.#mac(ptr + 6);
    if (src === 0 || (src & 1) !== 0) return false;
    if (stations.get(src) !== port) stations.set(src, port);
    const to = stations.get(this.#mac(ptr));
    return to !== undefined && to !== port && this.#give(ptr, len, to, 0);
  }

  /** A frame for the router's MAC into one for the next hop. */
  route(ptr: number, len: number): boolean {
    const { view } = this;
    const { mac, egressMac, neighbors } = this.#config;
    const ip = ptr + ETHERNET_LEN;
    if (this.#mac(ptr) !== mac || view.getUint16(ptr + 12) !== TYPE_IPV4) return false;
    const hop = this.#towards(ip, len - ETHERNET_LEN);
    const next = hop < 0 ? undefined : neighbors.get(hop);
    if (next === undefined) return false;
    this.#setMac(ptr, next);
    this.#setMac(ptr + 6, egressMac);
    return this.#give(ptr, len, hop, 0);
  }

  /** Learns from an ARP request and answers it at `to`. */
  resolve(ptr: number, len: number, to: number): boolean {
    const { view } = this;
    const { local, mac, neighbors } = this.#config;
    if (len < ARP_FRAME_LEN || view.getUint16(ptr + 12) !== TYPE_ARP) return false;
    const arp = ptr + ETHERNET_LEN;
    if (view.getUint32(arp) !== 0x00010800 || view.getUint32(arp + 4) !== 0x06040001) return false;
    const sender = this.#mac(arp + 8);
    const from = view.getUint32(arp + 14);
    if (view.getUint32(arp + 24) !== local || from === 0 || (sender & 1) !== 0) return false;
    neighbors.set(from, sender);
    this.#setMac(to, sender);
    this.#setMac(to + 6, mac);
    view.setUint16(to + 12, TYPE_ARP);
    view.setUint32(to + 14, 0x00010800);
    view.setUint32(to + 18, 0x06040002);
    this.#setMac(to + 22, mac);
    view.setUint32(to + 28, local);
    this.#setMac(to + 32, sender);
    view.setUint32(to + 38, from);
    return this.#give(to, ARP_FRAME_LEN, 0, 0);
  }

  /** Writes a record for each of Ethernet, IPv4, UDP and payload. Returns how many. */
  decode(ptr: number, len: number): number {
    const { view } = this;
    this.#record(0, 1, 0, ETHERNET_LEN, len);
    const ip = ptr + ETHERNET_LEN;
    if (view.getUint16(ptr + 12) !== TYPE_IPV4 || !this.#isIpv4(ip, len - ETHERNET_LEN)) return 1;
    const total = view.getUint16(ip + 2);
    this.#record(1, 4, ETHERNET_LEN, IPV4_LEN, total);
    if (view.getUint8(ip + 9) !== PROTOCOL_UDP) return 2;
    const udpLen = view.getUint16(ip + IPV4_LEN + 4);
    if (udpLen < UDP_LEN || udpLen > total - IPV4_LEN) return 2;
    this.#record(2, 7, ETHERNET_LEN + IPV4_LEN, UDP_LEN, udpLen);
    this.#record(3, 10, ETHERNET_LEN + IPV4_LEN + UDP_LEN, 0, udpLen - UDP_LEN);
    return 4;
  }

  #record(index: number, kind: number, offset: number, headerLen: number, len: number): void {
    const at = index * 16;
    this.#records.setUint32(at, kind, true);
    this.#records.setUint32(at + 4, offset, true);
    this.#records.setUint32(at + 8, headerLen, true);
    this.#records.setUint32(at + 12, len, true);
  }

  // The hop of a packet that may go on, with one taken off its TTL; or -1.
  #towards(ip: number, len: number): number {
    if (!this.#isIpv4(ip, len) || this.view.getUint16(ip + 2) > this.#config.mtu) return -1;
    const hop = longest(this.#config.routes, this.view.getUint32(ip + 16));
    if (hop < 0 || this.view.getUint8(ip + 8) <= 1) return -1;
    this.#age(ip);
    return hop;
  }

  #isIpv4(ip: number, len: number): boolean {
    const { view } = this;
    if (len < IPV4_LEN) return false;
    const first = view.getUint8(ip);
    const headerLen = (first & 15) << 2;
    const total = view.getUint16(ip + 2);
    if (first >> 4 !== 4 || headerLen < IPV4_LEN || total < headerLen || total > len) return false;
    let sum = 0;
    for (let word = 0; word < headerLen; word += 2) sum += view.getUint16(ip + word);
    sum = (sum & 0xffff) + (sum >>> 16);
    return (sum & 0xffff) + (sum >>> 16) === 0xffff;
  }

  // RFC 1624: the word of TTL and protocol became smaller by 0x100.
  #age(ip: number): void {
    const { view } = this;
    view.setUint8(ip + 8, view.getUint8(ip + 8) - 1);
    const sum = view.getUint16(ip + 10) + 0x100;
    view.setUint16(ip + 10, (sum & 0xffff) + (sum >>> 16));
  }

  #flow(ip: number): number {
    const { view } = this;
    const ports = view.getInt32(ip + IPV4_LEN);
    const hash = Math.imul(view.getInt32(ip + 12) ^ 0x5eed, 0x9e3779b1);
    const more = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(ip + 16), 0x85ebca77);
    return Math.imul(more ^ (more >>> 13) ^ ports, 0xc2b2ae3d);
  }

  #emitOuter(at: number, image: DataView, totalLength: number): void {
    const { view } = this;
    for (let byte = 0; byte < image.byteLength; byte += 2) {
      view.setUint16(at + byte, image.getUint16(byte));
    }
    this.#id = (this.#id + 1) & 0xffff;
    view.setUint16(at + 16, totalLength);
    view.setUint16(at + 18, this.#id);
    let sum = (~image.getUint16(24) & 0xffff) + totalLength + this.#id;
    sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(at + 24, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    if (image.byteLength > ETHERNET_LEN + IPV4_LEN) view.setUint16(at + 38, totalLength - IPV4_LEN);
  }

  // What lies behind the outer IP header, or 0 for a packet that is not for us.
  #openOuter(ptr: number, len: number, protocol: number): number {
    const { view } = this;
    const ip = ptr + ETHERNET_LEN;
    if (view.getUint16(ptr + 12) !== TYPE_IPV4 || !this.#isIpv4(ip, len - ETHERNET_LEN)) return 0;
    if (view.getUint32(ip + 16) !== this.#config.local) return 0;
    if ((view.getUint16(ip + 6) & 0x3fff) !== 0 || view.getUint8(ip + 9) !== protocol) return 0;
    return ip + ((view.getUint8(ip) & 15) << 2);
  }

  #give(ptr: number, len: number, place: number, lane: number): boolean {
    this.out[0] = ptr;
    this.out[1] = len;
    this.out[2] = place;
    this.out[3] = lane & 255;
    return true;
  }

  #mac(at: number): number {
    return this.view.getUint32(at, true) + this.view.getUint16(at + 4, true) * TWO_32;
  }

  #setMac(at: number, mac: number): void {
    this.view.setUint32(at, mac % TWO_32, true);
    this.view.setUint16(at + 4, mac / TWO_32, true);
  }
}
