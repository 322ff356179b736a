// The options of a TCP header that Linux sends, in its order (RFC 9293, RFC 7323, RFC 2018).
import { parseHex } from "../../../core/index.ts";
import { viewOf } from "../../packet/bytes.ts";

export interface TcpOptions {
  /** Of a SYN: the longest data that may be sent here in one segment. */
  readonly mss?: number;
  /** The sender's clock, and what it heard of the other's. */
  readonly stamps?: readonly [number, number];
  /** Of a SYN: how many bits the window is shifted by. */
  readonly windowShift?: number;
}

/** Bytes that every segment behind the SYN has for its stamps. */
export const STAMPS_LEN = 12;

const KIND = { end: 0, nop: 1, mss: 2, windowShift: 3, sackPermitted: 4, stamps: 8 } as const;
const STAMPS_OPTION_LEN = 10;

export function encodeOptions({ mss, stamps = [0, 0], windowShift }: TcpOptions): Uint8Array {
  const isSyn = mss !== undefined;
  const bytes = new Uint8Array(isSyn ? 20 : STAMPS_LEN);
  const view = viewOf(bytes);
  const head = isSyn ? [KIND.mss, 4, 0, 0, KIND.sackPermitted, 2] : [KIND.nop, KIND.nop];
  bytes.set([...head, KIND.stamps, STAMPS_OPTION_LEN]);
  if (isSyn) view.setUint16(2, mss);
  const at = head.length + 2;
  view.setUint32(at, stamps[0]);
  view.setUint32(at + 4, stamps[1]);
  if (isSyn) bytes.set([KIND.nop, KIND.windowShift, 3, windowShift ?? 0], at + 8);
  return bytes;
}

/** What is not understood is passed over; what is cut ends the list. */
export function parseOptions(hex: string): TcpOptions {
  const bytes = parseHex(hex);
  const view = viewOf(bytes);
  let options: TcpOptions = {};
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at];
    if (kind === KIND.end) break;
    const len = kind === KIND.nop ? 1 : (bytes[at + 1] ?? 0);
    if (len === 0 || at + len > bytes.length) break;
    if (kind === KIND.mss && len === 4) options = { ...options, mss: view.getUint16(at + 2) };
    if (kind === KIND.windowShift && len === 3) {
      options = { ...options, windowShift: view.getUint8(at + 2) };
    }
    if (kind === KIND.stamps && len === STAMPS_OPTION_LEN) {
      options = { ...options, stamps: [view.getUint32(at + 2), view.getUint32(at + 6)] };
    }
    at += len;
  }
  return options;
}
