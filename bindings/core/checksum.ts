/**
 * The internet checksum of bytes (RFC 1071), 0 to 65535, as a number in the order of the packet:
 * zero over bytes that hold a right one already. `seed` is a sum of 16-bit words to go on from.
 */
export function checksum(bytes: Uint8Array, seed: number = 0): number {
  let sum = seed;
  for (let at = 0; at < bytes.length; at++) {
    const octet = bytes[at] ?? 0;
    sum += at % 2 === 0 ? octet << 8 : octet;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
