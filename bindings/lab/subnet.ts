import { network, parseIpv4 } from "../core/index.ts";

/** True when a station with `len` bits of network reaches the other one without a gateway. */
export function isSameSubnet(a: string, b: string, len: number): boolean {
  return network({ address: parseIpv4(a), len }) === network({ address: parseIpv4(b), len });
}
