import { macAt, putMac, viewOf } from "./bytes.ts";

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERNET_HEADER_LEN = 14;

export interface Ethernet {
  readonly dst: string;
  readonly src: string;
  readonly etherType: number;
  readonly payload: Uint8Array;
}

/** Null for what is no frame. */
export function readEthernet(frame: Uint8Array): Ethernet | null {
  if (frame.length < ETHERNET_HEADER_LEN) return null;
  return {
    dst: macAt(frame, 0),
    src: macAt(frame, 6),
    etherType: viewOf(frame).getUint16(12),
    payload: frame.subarray(ETHERNET_HEADER_LEN),
  };
}

export function writeEthernet(ethernet: Ethernet): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_LEN + ethernet.payload.length);
  putMac(frame, 0, ethernet.dst);
  putMac(frame, 6, ethernet.src);
  viewOf(frame).setUint16(12, ethernet.etherType);
  frame.set(ethernet.payload, ETHERNET_HEADER_LEN);
  return frame;
}
