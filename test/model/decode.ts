// A packet taken apart the slow way: each header reads the bytes that it is given, hands on to the
// next what it carries, and afterwards claims as padding what nobody wanted.
import { foldedSum } from "./checksum.ts";
import { join } from "./packet.ts";
import { wordAt } from "./parse.ts";

export interface ModelLayer {
  readonly layer: string;
  readonly depth: number;
  readonly offset: number;
  /** Of a broken layer: the bytes that it needs. */
  readonly headerLen: number;
  /** Of a broken layer: the bytes that were there. */
  readonly len: number;
  /** "Ok", or the name of what is wrong. */
  readonly status: string;
}

const DEPTH_MAX = 15;
const TUNNELS: Record<number, string> = {
  4789: "vxlan",
  8472: "vxlan",
  6784: "vxlan",
  8285: "ipv4",
};
const PROTOCOLS: Record<number, string> = { 1: "icmp", 2: "igmp", 4: "ipv4", 6: "tcp", 17: "udp" };
const ETHER_TYPES: Record<number, string> = {
  2048: "ipv4",
  2054: "arp",
  33024: "vlan",
  34984: "vlan",
};
const ICMP_ERRORS = [3, 4, 5, 11, 12];

/** The layers of `bytes`; the last one is broken when its status is not one that can be passed. */
export function takeApart(bytes: Uint8Array, link: "ethernet" | "ip"): ModelLayer[] {
  const found: ModelLayer[] = [];
  const isIpv6 = link === "ip" && (bytes[0] ?? 0) >> 4 === 6;
  const start = link === "ethernet" ? "ethernet" : isIpv6 ? "payload" : "ipv4";
  const whole = { from: 0, to: bytes.length, depth: 0, isCut: false, ip: null };
  try {
    const end = read(bytes, start, whole, found);
    pad(found, 0, end, bytes.length);
  } catch (error) {
    if (error !== BROKEN) throw error;
  }
  return found;
}

/** Thrown when the last layer that was found is broken. */
const BROKEN: unique symbol = Symbol("broken");

/** Where a header is looked for. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  /** The end may be missing. */
  readonly isCut: boolean;
  /** The bytes of the IPv4 header in front. */
  readonly ip: Uint8Array | null;
}

/** What a header says of itself and of what it carries. */
interface Header {
  readonly headerLen: number;
  readonly end: number;
  readonly status?: string;
  readonly next: string;
  /** Where what it carries ends, when that is not its own end. */
  readonly dataEnd?: number;
  readonly isNested?: boolean;
  readonly cuts?: boolean;
  readonly ip?: Uint8Array;
}

interface Fault {
  readonly wrong: string;
  readonly needed: number;
}

type Reader = (bytes: Uint8Array, place: Place) => Header | Fault;

const READERS: Record<string, Reader> = { ethernet, vlan, arp, ipv4, icmp, igmp, udp, tcp, vxlan };

// Gives where it ends. Nothing can be wrong with payload.
function read(bytes: Uint8Array, layer: string, place: Place, found: ModelLayer[]): number {
  const { from, to, depth, isCut } = place;
  const header = READERS[layer]?.(bytes, place);
  if (header === undefined) {
    const len = to - from;
    if (len > 0) found.push({ layer, depth, offset: from, headerLen: 0, len, status: "Ok" });
    return to;
  }
  if ("wrong" in header) {
    if (isCut || header.wrong === "Unknown") return read(bytes, "payload", place, found);
    const { wrong: status, needed: headerLen } = header;
    found.push({ layer, depth, offset: from, headerLen, len: to - from, status });
    throw BROKEN;
  }
  const { headerLen, end, status = "Ok" } = header;
  found.push({ layer, depth, offset: from, headerLen, len: end - from, status });
  const isTooDeep = header.isNested === true && depth === DEPTH_MAX;
  const inner: Place = {
    from: from + headerLen,
    to: header.dataEnd ?? end,
    depth: header.isNested && !isTooDeep ? depth + 1 : depth,
    isCut: isCut || header.cuts === true,
    ip: header.ip ?? place.ip,
  };
  const reached = read(bytes, isTooDeep ? "payload" : header.next, inner, found);
  pad(found, depth, reached, end);
  return end;
}

function pad(found: ModelLayer[], depth: number, from: number, to: number): void {
  const len = to - from;
  const padding = { layer: "padding", depth, offset: from, headerLen: 0, len, status: "Ok" };
  if (len > 0) found.push(padding);
}

function short(needed: number): Fault {
  return { wrong: "Truncated", needed };
}

function ethernet(bytes: Uint8Array, { from, to }: Place): Header | Fault {
  return to - from < 14 ? short(14) : typed(bytes, from + 14, to, 14);
}

function vlan(bytes: Uint8Array, { from, to }: Place): Header | Fault {
  return to - from < 4 ? short(4) : typed(bytes, from + 4, to, 4);
}

// IEEE 802.3: up to 1500, a type is the length of the data.
function typed(bytes: Uint8Array, data: number, end: number, headerLen: number): Header {
  const type = wordAt(bytes, data - 2);
  const dataEnd = type <= 1500 ? Math.min(end, data + type) : end;
  return { headerLen, end, dataEnd, next: ETHER_TYPES[type] ?? "payload" };
}

function arp(bytes: Uint8Array, { from, to }: Place): Header | Fault {
  const kind = [...bytes.subarray(from, from + 6)].join(" ");
  if (to - from >= 8 && kind !== "0 1 8 0 6 4") return { wrong: "Unknown", needed: 0 };
  return to - from < 28 ? short(28) : { headerLen: 28, end: from + 28, next: "payload" };
}

function ipv4(bytes: Uint8Array, { from, to, isCut }: Place): Header | Fault {
  const room = to - from;
  if (room < 20) return short(20);
  const [first = 0] = bytes.subarray(from);
  if (first >> 4 !== 4) return { wrong: "BadVersion", needed: 20 };
  const headerLen = (first & 15) * 4;
  const length = wordAt(bytes, from + 2);
  if (headerLen < 20 || length < headerLen) return { wrong: "BadLength", needed: 20 };
  if (headerLen > room || (length > room && !isCut)) return short(length);
  const header = bytes.subarray(from, from + headerLen);
  const options = areOptions(header.subarray(20)) ? "Ok" : "BadOption";
  const fragment = wordAt(bytes, from + 6);
  const isLater = (fragment & 0x1fff) !== 0;
  const protocol = isLater ? 255 : (bytes[from + 9] ?? 0);
  return {
    headerLen,
    end: from + Math.min(length, room),
    status: foldedSum(header) === 0xffff ? options : "BadChecksum",
    next: PROTOCOLS[protocol] ?? "payload",
    isNested: protocol === 4,
    cuts: (fragment & 0x2000) !== 0,
    ip: header,
  };
}

function areOptions(list: Uint8Array): boolean {
  const [kind, length = 0] = list;
  if (kind === undefined || kind === 0) return true;
  if (kind === 1) return areOptions(list.subarray(1));
  return length >= 2 && length <= list.length && areOptions(list.subarray(length));
}

// ICMP and IGMP: eight bytes, and a sum over everything.
function summed(bytes: Uint8Array, { from, to, isCut }: Place): Header | Fault {
  if (to - from < 8) return short(8);
  const isRight = isCut || foldedSum(bytes.subarray(from, to)) === 0xffff;
  return { headerLen: 8, end: to, status: isRight ? "Ok" : "BadChecksum", next: "payload" };
}

function icmp(bytes: Uint8Array, place: Place): Header | Fault {
  const header = summed(bytes, place);
  const isError = ICMP_ERRORS.includes(bytes[place.from] ?? 0);
  return "wrong" in header || !isError
    ? header
    : { ...header, next: "ipv4", isNested: true, cuts: true };
}

function igmp(bytes: Uint8Array, place: Place): Header | Fault {
  return summed(bytes, place);
}

function udp(bytes: Uint8Array, { from, to, isCut, ip }: Place): Header | Fault {
  const room = to - from;
  if (room < 8) return short(8);
  const length = wordAt(bytes, from + 4);
  if (length < 8) return { wrong: "BadLength", needed: 8 };
  if (length > room && !isCut) return short(length);
  const end = from + Math.min(length, room);
  const isRight = isCut || wordAt(bytes, from + 6) === 0 || sums(bytes.subarray(from, end), ip, 17);
  const tunnel = TUNNELS[wordAt(bytes, from + 2)];
  return {
    headerLen: 8,
    end,
    status: isRight ? "Ok" : "BadChecksum",
    next: tunnel ?? "payload",
    isNested: tunnel === "ipv4",
  };
}

function tcp(bytes: Uint8Array, { from, to, isCut, ip }: Place): Header | Fault {
  const room = to - from;
  if (room < 20) return short(20);
  const headerLen = ((bytes[from + 12] ?? 0) >> 4) * 4;
  if (headerLen < 20) return { wrong: "BadLength", needed: 20 };
  if (headerLen > room) return short(headerLen);
  const options = areOptions(bytes.subarray(from + 20, from + headerLen)) ? "Ok" : "BadOption";
  const isRight = isCut || sums(bytes.subarray(from, to), ip, 6);
  return { headerLen, end: to, status: isRight ? options : "BadChecksum", next: "payload" };
}

// RFC 768 and RFC 9293, section 3.1: the sum goes over addresses, protocol and length too.
function sums(bytes: Uint8Array, ip: Uint8Array | null, protocol: number): boolean {
  const { length } = bytes;
  const rest = Uint8Array.of(0, protocol, length >> 8, length & 255);
  return foldedSum(join(ip?.subarray(12, 20) ?? new Uint8Array(), rest, bytes)) === 0xffff;
}

function vxlan(bytes: Uint8Array, { from, to }: Place): Header | Fault {
  if (to - from < 8) return short(8);
  if (((bytes[from] ?? 0) & 8) === 0) return { wrong: "BadFlags", needed: 8 };
  return { headerLen: 8, end: to, next: "ethernet", isNested: true };
}
