// The internet checksum by arithmetic alone: end-around carry is counting modulo 0xffff, with zero
// only where nothing was added (RFC 1071).

const MODULUS = 0xffffn;

/** The folded sum of the bytes as little-endian words, on top of `seed`; an odd end is padded. */
export function foldedSum(bytes: Uint8Array, seed = 0): number {
  let total = BigInt(seed);
  bytes.forEach((byte, at) => {
    total += BigInt(byte) << (at % 2 === 0 ? 0n : 8n);
  });
  return total === 0n ? 0 : Number(((total - 1n) % MODULUS) + 1n);
}

/** What is stored in a header over `bytes`, its own two counted as zero. As it lies. */
export function checksum(bytes: Uint8Array): number {
  return foldedSum(bytes) ^ 0xffff;
}

/** The header with one word replaced, its checksum at `sumAt` following by RFC 1624, equation 3. */
export function withWord(header: Uint8Array, at: number, word: number, sumAt: number): Uint8Array {
  const copy = Uint8Array.from(header);
  const view = new DataView(copy.buffer);
  const parts = [~view.getUint16(sumAt), ~view.getUint16(at), word];
  let sum = parts.reduce((total, part) => total + (part & 0xffff), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  view.setUint16(at, word);
  view.setUint16(sumAt, ~sum & 0xffff);
  return copy;
}
