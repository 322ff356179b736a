import { checksum } from "../../core/index.ts";
import { viewOf } from "./bytes.ts";

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const CODE_NET_UNREACHABLE = 0; // of ICMP_UNREACHABLE, as those that follow
export const CODE_FRAGMENTATION_NEEDED = 4;
export const CODE_PROHIBITED = 13;

const ICMP_HEADER_LEN = 8;
const ERROR_TYPES = [3, 4, 5, 11, 12];

/** RFC 792: the second word means something else for each type. */
export interface Icmp {
  readonly type: number;
  readonly code: number;
  /** An echo's identifier and sequence number; the next hop's MTU (RFC 1191). */
  readonly rest: number;
  /** An echo's data; the packet that an error is about. */
  readonly body: Uint8Array;
}

/** Null for a short message or a wrong checksum. */
export function readIcmp(bytes: Uint8Array): Icmp | null {
  if (bytes.length < ICMP_HEADER_LEN || checksum(bytes) !== 0) return null;
  const view = viewOf(bytes);
  return {
    type: view.getUint8(0),
    code: view.getUint8(1),
    rest: view.getUint32(4),
    body: bytes.subarray(ICMP_HEADER_LEN),
  };
}

export function writeIcmp(icmp: Icmp): Uint8Array {
  const bytes = new Uint8Array(ICMP_HEADER_LEN + icmp.body.length);
  const view = viewOf(bytes);
  view.setUint8(0, icmp.type);
  view.setUint8(1, icmp.code);
  view.setUint32(4, icmp.rest);
  bytes.set(icmp.body, ICMP_HEADER_LEN);
  view.setUint16(2, checksum(bytes));
  return bytes;
}

export function isIcmpError(type: number): boolean {
  return ERROR_TYPES.includes(type);
}
