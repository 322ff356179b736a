import { parseIpv4 } from "../../core/index.ts";

/** Docker's rule for what it gives an address: 02:42, and the address. */
export function dockerMac(address: string): string {
  const octets = [24, 16, 8, 0].map((shift) => (parseIpv4(address) >>> shift) & 0xff);
  return [0x02, 0x42, ...octets].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}
