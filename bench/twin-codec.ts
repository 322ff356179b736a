// The headers in plain JavaScript: what bench/wasm/codecs.ts does, with a DataView.

const STRIDE = 64;
const TWO_32 = 0x100000000;
const MAC = 0x0a4202;
const ADDRESS = 0x0a2a0000;
const BAD = 0x40000000;

export const HEADERS = 1024;
export const BYTES: number = HEADERS * STRIDE;

/** What one header comes to; BAD for one that is wrong. */
type Read = (view: DataView, at: number) => number;
type Emit = (view: DataView, at: number, number: number) => void;

export interface TwinCodec {
  readonly read: Read;
  readonly emit: Emit;
}

/** All headers read. */
export function readAll(view: DataView, read: Read): number {
  let seen = 0;
  for (let at = 0; at < BYTES; at += STRIDE) {
    const one = read(view, at);
    if (one === BAD) return BAD;
    seen = (seen + one) | 0;
  }
  return seen;
}

/** All headers written. */
export function emitAll(view: DataView, emit: Emit): number {
  for (let number = 0; number < HEADERS; number++) emit(view, number * STRIDE, number);
  return HEADERS;
}

function setMac(view: DataView, at: number, number: number): void {
  const mac = MAC + number * 0x1000000;
  view.setUint32(at, mac % TWO_32, true);
  view.setUint16(at + 4, mac / TWO_32, true);
}

function fold(view: DataView, at: number): number {
  return view.getInt32(at, true) ^ view.getUint16(at + 4, true);
}

function sum(view: DataView, at: number, len: number): number {
  let total = 0;
  for (let word = 0; word < len; word += 2) total += view.getUint16(at + word);
  total = (total & 0xffff) + (total >>> 16);
  return (total & 0xffff) + (total >>> 16);
}

export const TWIN_CODECS: Readonly<Record<string, TwinCodec>> = {
  ethernet: {
    read: (view, at) => fold(view, at) ^ fold(view, at + 6) ^ view.getUint16(at + 12),
    emit: (view, at, number) => {
      setMac(view, at, number);
      setMac(view, at + 6, number + 1);
      view.setUint16(at + 12, 0x0800);
    },
  },
  vlan: {
    read: (view, at) => {
      const tag = view.getUint16(at);
      return (tag >> 13) ^ (tag & 0xfff) ^ view.getUint16(at + 2, true) ^ ((tag >> 12) & 1);
    },
    emit: (view, at, number) => {
      view.setUint16(at, ((number & 7) << 13) | (number & 0xfff));
      view.setUint16(at + 2, 0x0800);
    },
  },
  arp: {
    read: (view, at) => {
      if (view.getUint32(at) !== 0x00010800 || view.getUint16(at + 4) !== 0x0604) return BAD;
      const operation = view.getUint16(at + 6);
      if (operation !== 1 && operation !== 2) return BAD;
      const sender = fold(view, at + 8) ^ view.getInt32(at + 14) ^ operation;
      return sender + (fold(view, at + 18) ^ view.getInt32(at + 24));
    },
    emit: (view, at, number) => {
      view.setUint32(at, 0x00010800);
      view.setUint32(at + 4, 0x06040001);
      setMac(view, at + 8, number);
      view.setUint32(at + 14, ADDRESS + number);
      view.setUint32(at + 18, 0);
      view.setUint16(at + 22, 0);
      view.setUint32(at + 24, ADDRESS + number + 1);
    },
  },
  ipv4: {
    read: (view, at) => {
      const first = view.getUint8(at);
      const headerLen = (first & 15) << 2;
      const total = view.getUint16(at + 2);
      if (first >> 4 !== 4 || headerLen < 20 || total < headerLen || total > STRIDE) return BAD;
      if (sum(view, at, headerLen) !== 0xffff) return BAD;
      const ends = view.getInt32(at + 12) ^ view.getInt32(at + 16) ^ total;
      const id = view.getUint16(at + 4) ^ ((view.getUint16(at + 6) & 0x1fff) << 3);
      const rest = view.getUint8(at + 8) ^ view.getUint8(at + 9) ^ view.getUint8(at + 1);
      return (ends ^ id) + (rest ^ headerLen);
    },
    emit: (view, at, number) => {
      view.setUint16(at, 0x4500);
      view.setUint16(at + 2, 20 + (number & 31));
      view.setUint32(at + 4, 0);
      view.setUint32(at + 8, 0x40110000);
      view.setUint32(at + 12, ADDRESS + number);
      view.setUint32(at + 16, ADDRESS + number + 1);
      view.setUint16(at + 10, ~sum(view, at, 20));
    },
  },
  icmp: {
    read: (view, at) => {
      if (sum(view, at, 8) !== 0xffff) return BAD;
      const what = view.getUint8(at) ^ view.getUint8(at + 1);
      return what ^ view.getUint16(at + 4) ^ view.getUint16(at + 6);
    },
    emit: (view, at, number) => {
      view.setUint32(at, 0x08000000);
      view.setUint32(at + 4, 0x70000 | number);
      view.setUint16(at + 2, ~sum(view, at, 8));
    },
  },
  igmp: {
    read: (view, at) => {
      if (sum(view, at, 8) !== 0xffff) return BAD;
      return view.getUint8(at) ^ view.getUint8(at + 1) ^ view.getInt32(at + 4);
    },
    emit: (view, at, number) => {
      view.setUint32(at, 0x16000000);
      view.setUint32(at + 4, 0xe0000000 + number);
      view.setUint16(at + 2, ~sum(view, at, 8));
    },
  },
  udp: {
    read: (view, at) => {
      const length = view.getUint16(at + 4);
      if (length < 8 || length > STRIDE) return BAD;
      return view.getUint16(at) ^ view.getUint16(at + 2) ^ length ^ view.getUint16(at + 6);
    },
    emit: (view, at, number) => {
      view.setUint16(at, number);
      view.setUint16(at + 2, 8472);
      view.setUint32(at + 4, (8 + (number & 31)) << 16);
    },
  },
  tcp: {
    read: (view, at) => {
      const word = view.getUint16(at + 12);
      const headerLen = (word >> 12) << 2;
      if (headerLen < 20 || headerLen > STRIDE) return BAD;
      const ports = view.getUint16(at) ^ view.getUint16(at + 2);
      const window = view.getUint16(at + 14) ^ view.getUint16(at + 18);
      const numbers = view.getInt32(at + 4) ^ view.getInt32(at + 8);
      return (ports ^ numbers) + ((word & 0x1ff) ^ window ^ headerLen);
    },
    emit: (view, at, number) => {
      view.setUint32(at, (number << 16) | 80);
      view.setUint32(at + 4, number * 1000);
      view.setUint32(at + 8, number * 3000);
      view.setUint32(at + 12, 0x501001f6);
      view.setUint32(at + 16, 0);
    },
  },
  vxlan: {
    read: (view, at) => {
      if (view.getUint32(at) !== 0x08000000 || view.getUint8(at + 7) !== 0) return BAD;
      return view.getUint32(at + 4) >>> 8;
    },
    emit: (view, at, number) => {
      view.setUint32(at, 0x08000000);
      view.setUint32(at + 4, number << 8);
    },
  },
};
