// The core's checksum, as often as one likes in one call.
import { sumLong } from "../../assembly/base/checksum";

/** Sums `len` bytes `times` times over. Returns: the sum of the sums. */
export function checksum_times(ptr: usize, len: u32, times: u32): u32 {
  let all: u32 = 0;
  for (let i: u32 = 0; i < times; i++) all += sumLong(ptr, len, 0);
  return all;
}
