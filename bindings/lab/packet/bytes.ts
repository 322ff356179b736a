// How fields lie in a packet. Addresses are bytes there and text everywhere else in the lab.
import { parseMac, printIpv4, printMac } from "../../core/index.ts";

export const MAC_BROADCAST = "ff:ff:ff:ff:ff:ff";
export const MAC_ZERO = "00:00:00:00:00:00";

/** For numbers: big-endian unless told otherwise, as packets are. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function macAt(bytes: Uint8Array, at: number): string {
  const view = viewOf(bytes);
  return printMac(view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32);
}

export function putMac(bytes: Uint8Array, at: number, text: string): void {
  const mac = parseMac(text);
  viewOf(bytes).setUint32(at, mac % 2 ** 32, true);
  viewOf(bytes).setUint16(at + 4, mac / 2 ** 32, true);
}

export function ipv4At(bytes: Uint8Array, at: number): string {
  return printIpv4(viewOf(bytes).getUint32(at));
}
