// Without a twin: frames in VXLAN taken apart in bursts, and the internet checksum.
import type { Item } from "./measure.ts";
import { openMeasured } from "./opening.ts";
import { LAYERS, Packets } from "./peers/packets.ts";
import { dice, PACKETS } from "./workload.ts";

const SUM_LENS = [64, 1400];
const SUMS = 64; // in a run, each from another place on
const STEP = 32;
const SUMMED_LEN = 4096;

export async function* bulkItems(): AsyncGenerator<Item> {
  const packets = await Packets.open();
  yield { name: "decode in bulk, 8 layers", items: PACKETS, expected: LAYERS, wasm: packets.all };
  const core = await openMeasured({ memoryBytes: 65536 });
  const { checksum_sum } = core.exports;
  // Nobody else has this core: what is lent stays where it was.
  const first = core.borrow(SUMMED_LEN, (ptr) => ptr);
  const roll = dice(1);
  const bytes = Uint8Array.from({ length: SUMMED_LEN }, () => Math.floor(roll() * 256));
  core.bytes.set(bytes, first);
  for (const len of SUM_LENS) {
    const wasm = (): number => {
      let sums = 0;
      for (let at = 0; at < SUMS; at++) sums += checksum_sum(first + at * STEP, len, 0);
      return sums;
    };
    yield { name: `internet checksum, ${len}`, items: SUMS, expected: wasm(), wasm };
  }
}
