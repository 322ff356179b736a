// Hashing, and the seeds of hashing.

/** A 64-bit state stepped and mixed: SplitMix64. Each of its bits moves about half of them all. */
export function mix(state: u64): u64 {
  state += 0x9e3779b97f4a7c15;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

/** Scales a 32-bit hash to [0, count) without a division. */
export function scale(hash: u32, count: u32): u32 {
  return <u32>((<u64>hash * count) >> 32);
}
