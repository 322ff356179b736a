/** True when a station with `prefixLen` bits of network reaches the other one without a gateway. */
export function isSameSubnet(a: string, b: string, prefixLen: number): boolean {
  const hostBits = 32 - prefixLen;
  return hostBits === 32 || number(a) >>> hostBits === number(b) >>> hostBits;
}

function number(address: string): number {
  return address.split(".").reduce((value, octet) => (value << 8) | Number(octet), 0);
}
