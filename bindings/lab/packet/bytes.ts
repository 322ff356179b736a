// How fields lie in a packet. Addresses are bytes there and text everywhere else in the lab.

export const MAC_BROADCAST = "ff:ff:ff:ff:ff:ff";
export const MAC_ZERO = "00:00:00:00:00:00";

/** For numbers: big-endian unless told otherwise, as packets are. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True for a MAC that means a group of stations: broadcast or multicast. */
export function isGroupMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

export function macAt(bytes: Uint8Array, at: number): string {
  const octets = Array.from(bytes.subarray(at, at + 6));
  return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

export function putMac(bytes: Uint8Array, at: number, mac: string): void {
  const octets = mac.split(":").map((octet) => Number.parseInt(octet, 16));
  bytes.set(octets, at);
}

export function ipv4At(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join(".");
}

export function putIpv4(bytes: Uint8Array, at: number, address: string): void {
  bytes.set(address.split(".").map(Number), at);
}
