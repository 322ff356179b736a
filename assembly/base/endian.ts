// Packets are big-endian, memory is little-endian. Words of four bytes are turned round by bswap;
// for two it gives a narrow number, which has to be widened again wherever it is used.

/** The low two bytes of a word, turned round. */
export function swap16(word: u32): u32 {
  return ((word >> 8) & 0xff) | ((word & 0xff) << 8);
}
