import { ipv4At, macAt, putIpv4, putMac, viewOf } from "./bytes.ts";

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

const ARP_LEN = 28;
const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const ADDRESS_LENS = 0x0604; // six bytes of MAC, four of IPv4

/** RFC 826, for Ethernet and IPv4. */
export interface Arp {
  readonly operation: number;
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

/** Null for what is no such ARP packet. */
export function readArp(bytes: Uint8Array): Arp | null {
  if (bytes.length < ARP_LEN) return null;
  const view = viewOf(bytes);
  const isOurs =
    view.getUint16(0) === HARDWARE_ETHERNET &&
    view.getUint16(2) === PROTOCOL_IPV4 &&
    view.getUint16(4) === ADDRESS_LENS;
  if (!isOurs) return null;
  return {
    operation: view.getUint16(6),
    senderMac: macAt(bytes, 8),
    senderAddress: ipv4At(bytes, 14),
    targetMac: macAt(bytes, 18),
    targetAddress: ipv4At(bytes, 24),
  };
}

export function writeArp(arp: Arp): Uint8Array {
  const bytes = new Uint8Array(ARP_LEN);
  const view = viewOf(bytes);
  view.setUint16(0, HARDWARE_ETHERNET);
  view.setUint16(2, PROTOCOL_IPV4);
  view.setUint16(4, ADDRESS_LENS);
  view.setUint16(6, arp.operation);
  putMac(bytes, 8, arp.senderMac);
  putIpv4(bytes, 14, arp.senderAddress);
  putMac(bytes, 18, arp.targetMac);
  putIpv4(bytes, 24, arp.targetAddress);
  return bytes;
}
