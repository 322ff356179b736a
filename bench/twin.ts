// The VTEP in plain JavaScript, as fast as it comes: Map, DataView, no object per packet. It does
// the work that the core does for these packets, and it is what the core is measured against.

const ETHERNET_LEN = 14;
const OUTER_LEN = 50;
const TYPE_IPV4 = 0x0800;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const TWO_32 = 0x100000000;
const PORT_MIN = 32768;
const PORT_COUNT = 28232;

export interface TwinRemote {
  /** A number in host order. */
  readonly address: number;
  /** The outer headers, 50 bytes, lengths and checksum as for no payload. */
  readonly image: Uint8Array;
}

interface Station {
  remote: number;
  seenS: number;
}

export interface TwinConfig {
  readonly local: number;
  readonly udpPort: number;
  readonly vni: number;
  readonly mtu: number;
  readonly ageS: number;
  readonly remotes: readonly TwinRemote[];
}

/** The same packets in the same places; `ptrs`, `lens`, `outs` are what descriptors are there. */
export class TwinVtep {
  readonly view: DataView;
  readonly ptrs: Uint32Array;
  readonly lens: Uint32Array;
  readonly peers: Uint32Array;
  readonly outPtrs: Uint32Array;
  readonly outLens: Uint32Array;
  readonly outRemotes: Uint16Array;
  readonly outLanes: Uint8Array;
  readonly stations: Map<number, Station> = new Map();
  readonly #config: TwinConfig;
  readonly #images: readonly DataView[];
  readonly #byAddress: Map<number, number>;
  #id = 0;

  constructor(bytes: Uint8Array, burst: number, config: TwinConfig) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.ptrs = new Uint32Array(burst);
    this.lens = new Uint32Array(burst);
    this.peers = new Uint32Array(burst);
    this.outPtrs = new Uint32Array(burst);
    this.outLens = new Uint32Array(burst);
    this.outRemotes = new Uint16Array(burst);
    this.outLanes = new Uint8Array(burst);
    this.#config = config;
    this.#images = config.remotes.map(({ image }) => new DataView(image.slice().buffer));
    this.#byAddress = new Map(config.remotes.map(({ address }, index) => [address, index]));
  }

  /** Frames into complete outer frames. Returns how many. */
  encapFrame(count: number, nowS: number): number {
    let outCount = 0;
    for (let at = 0; at < count; at++) {
      const ptr = this.ptrs[at] as number;
      const len = this.lens[at] as number;
      const remote = this.#target(ptr, len, nowS);
      if (remote < 0) continue;
      this.#emitOuter(ptr - OUTER_LEN, remote, len, this.#flowHash(ptr, len));
      this.outPtrs[outCount] = ptr - OUTER_LEN;
      this.outLens[outCount] = len + OUTER_LEN;
      this.outRemotes[outCount] = remote;
      outCount += 1;
    }
    return outCount;
  }

  /** Frames into VXLAN datagrams. Returns how many. */
  encap(count: number, nowS: number): number {
    const { vni } = this.#config;
    let outCount = 0;
    for (let at = 0; at < count; at++) {
      const ptr = this.ptrs[at] as number;
      const len = this.lens[at] as number;
      const remote = this.#target(ptr, len, nowS);
      if (remote < 0) continue;
      this.view.setUint32(ptr - 8, 0x08000000);
      this.view.setUint32(ptr - 4, vni << 8);
      this.outPtrs[outCount] = ptr - 8;
      this.outLens[outCount] = len + 8;
      this.outRemotes[outCount] = remote;
      this.outLanes[outCount] = this.#flowHash(ptr, len);
      outCount += 1;
    }
    return outCount;
  }

  /** Complete outer frames into inner frames. Returns how many. */
  decapFrame(count: number, nowS: number): number {
    let outCount = 0;
    for (let at = 0; at < count; at++) {
      const ptr = this.ptrs[at] as number;
      const len = this.lens[at] as number;
      const udp = this.#openOuter(ptr, len);
      if (udp === 0) continue;
      const payloadLen = this.view.getUint16(udp + 4) - 8;
      const peer = this.view.getUint32(ptr + ETHERNET_LEN + 12);
      if (!this.#unwrap(udp + 8, payloadLen, peer, nowS)) continue;
      this.outPtrs[outCount] = udp + 16;
      this.outLens[outCount] = payloadLen - 8;
      outCount += 1;
    }
    return outCount;
  }

  /** VXLAN datagrams into inner frames. Returns how many. */
  decap(count: number, nowS: number): number {
    let outCount = 0;
    for (let at = 0; at < count; at++) {
      const ptr = this.ptrs[at] as number;
      const len = this.lens[at] as number;
      if (!this.#unwrap(ptr, len, this.peers[at] as number, nowS)) continue;
      this.outPtrs[outCount] = ptr + 8;
      this.outLens[outCount] = len - 8;
      outCount += 1;
    }
    return outCount;
  }

  #target(ptr: number, len: number, nowS: number): number {
    const { mtu, ageS } = this.#config;
    if (len < ETHERNET_LEN || len - ETHERNET_LEN > mtu) return -1;
    const mac = this.view.getUint32(ptr, true) + this.view.getUint16(ptr + 4, true) * TWO_32;
    const station = this.stations.get(mac);
    if (station === undefined || nowS - station.seenS >= ageS) return -1;
    return station.remote;
  }

  #flowHash(ptr: number, len: number): number {
    const { view } = this;
    if (view.getUint16(ptr + 12) !== TYPE_IPV4 || len < ETHERNET_LEN + 20) return 0;
    const ip = ptr + ETHERNET_LEN;
    const headerLen = (view.getUint8(ip) & 15) << 2;
    const protocol = view.getUint8(ip + 9);
    const isFragment = (view.getUint16(ip + 6) & 0x3fff) !== 0;
    const hasPorts = (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) && !isFragment;
    const fits = len >= ETHERNET_LEN + headerLen + 4;
    const ports = hasPorts && fits ? view.getInt32(ip + headerLen) : 0;
    let hash = Math.imul(view.getInt32(ip + 12) ^ 0x5eed, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(ip + 16), 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 13) ^ ports, 0xc2b2ae3d);
    return (Math.imul(hash ^ (hash >>> 16) ^ protocol, 0x27d4eb2f) ^ (hash >>> 15)) >>> 0;
  }

  #emitOuter(at: number, remote: number, len: number, hash: number): void {
    const { view } = this;
    const image = this.#images[remote] as DataView;
    for (let word = 0; word < 48; word += 4) view.setInt32(at + word, image.getInt32(word));
    view.setUint16(at + 48, image.getUint16(48));
    this.#id = (this.#id + 1) & 0xffff;
    const totalLength = 36 + len;
    view.setUint16(at + 16, totalLength);
    view.setUint16(at + 18, this.#id);
    // The image's own sum was taken with both of them zero.
    let sum = (~image.getUint16(24) & 0xffff) + totalLength + this.#id;
    sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(at + 24, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    view.setUint16(at + 34, PORT_MIN + Math.floor((hash / TWO_32) * PORT_COUNT));
    view.setUint16(at + 38, totalLength - 20);
  }

  // The address of the UDP header, or 0 for a packet that is not for us.
  #openOuter(ptr: number, len: number): number {
    const { view } = this;
    const { local, udpPort } = this.#config;
    if (len < 42 || view.getUint16(ptr + 12) !== TYPE_IPV4) return 0;
    const ip = ptr + ETHERNET_LEN;
    const first = view.getUint8(ip);
    const headerLen = (first & 15) << 2;
    const totalLength = view.getUint16(ip + 2);
    if (first >> 4 !== 4 || headerLen < 20 || totalLength < headerLen) return 0;
    if (totalLength > len - ETHERNET_LEN) return 0;
    let sum = 0;
    for (let word = 0; word < headerLen; word += 2) sum += view.getUint16(ip + word);
    sum = (sum & 0xffff) + (sum >>> 16);
    if ((sum & 0xffff) + (sum >>> 16) !== 0xffff) return 0;
    const src = view.getUint32(ip + 12);
    if (view.getUint32(ip + 16) !== local || src === local || isMartian(src)) return 0;
    if ((view.getUint16(ip + 6) & 0x3fff) !== 0 || view.getUint8(ip + 9) !== PROTOCOL_UDP) return 0;
    const udp = ip + headerLen;
    const room = totalLength - headerLen;
    if (room < 8 || view.getUint16(udp + 2) !== udpPort) return 0;
    const udpLen = view.getUint16(udp + 4);
    // These packets carry no UDP checksum, which is what VXLAN recommends.
    return udpLen < 8 || udpLen > room || view.getUint16(udp + 6) !== 0 ? 0 : udp;
  }

  #unwrap(ptr: number, len: number, peer: number, nowS: number): boolean {
    const { view } = this;
    if (len < 8 || view.getUint32(ptr) !== 0x08000000) return false;
    const last = view.getUint32(ptr + 4);
    if (last >>> 8 !== this.#config.vni || (last & 255) !== 0) return false;
    const remote = this.#byAddress.get(peer);
    if (remote === undefined || len < 8 + ETHERNET_LEN) return false;
    if (view.getUint16(ptr + 20) === TYPE_IPV4 && len < 8 + ETHERNET_LEN + 20) return false;
    const mac = view.getUint32(ptr + 14, true) + view.getUint16(ptr + 18, true) * TWO_32;
    if (mac === 0 || (mac & 1) !== 0) return false;
    this.#learn(mac, remote, nowS);
    return true;
  }

  #learn(mac: number, remote: number, nowS: number): void {
    const station = this.stations.get(mac);
    if (station === undefined) this.stations.set(mac, { remote, seenS: nowS });
    else {
      station.remote = remote;
      station.seenS = nowS;
    }
  }
}

function isMartian(address: number): boolean {
  const first = address >>> 24;
  return first === 0 || first === 127 || (first >= 224 && first < 240) || address === 0xffffffff;
}
