/** The internet checksum (RFC 1071): zero over bytes that hold a right one already. */
export function checksum(bytes: Uint8Array, seed: number = 0): number {
  let sum = seed;
  for (let at = 0; at < bytes.length; at++) {
    const octet = bytes[at] ?? 0;
    sum += at % 2 === 0 ? octet << 8 : octet;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
