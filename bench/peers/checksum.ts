// The internet checksum beside C: as its RFC has it, as gcc vectorises best, and AVX2 by hand.
import { addressOf } from "../../bindings/node/libc.ts";
import { compile } from "../compile.ts";
import { dice } from "../workload.ts";
import { CLibrary, hasFeature, missingCompiler } from "./c-library.ts";
import type { Contest, Rival, Suite } from "./contest.ts";
import { timed } from "./rounds.ts";

const LENS = [20, 64, 1400, 65536];
const PTR = 1 << 16; // behind what the module itself has
const BYTES = 1 << 17; // that many in one run
const FULL_LEN_MIN = 1000; // below, what is compared is the way there
const PLAIN = { must: 1.25, aim: 1.4 };
const AVX2 = { must: 0.55, aim: 0.7 };

type Sum = (ptr: number, len: number, times: number) => number;

export const checksums: Suite = { missing: missingCompiler, contests };

async function* contests(): AsyncGenerator<Contest> {
  const { memory, checksum_times } = await compile("checksum");
  const wasm = checksum_times as Sum;
  const bytes = grow(memory as WebAssembly.Memory);
  const roll = dice(1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(roll() * 256);
  const base = addressOf(bytes);
  for (const len of LENS) {
    const times = Math.ceil(BYTES / len);
    const expected = wasm(PTR, len, times) >>> 0;
    const contender = (sum: Sum, ptr: number): (() => number) => {
      if (sum(ptr, len, times) >>> 0 !== expected) throw new Error(`${len} bytes: another sum`);
      return timed(times, () => sum(ptr, len, times));
    };
    const rivals = peers(len).map(({ sum, ...rival }): Rival => {
      return { ...rival, round: contender(sum, base + PTR) };
    });
    yield {
      name: `internet checksum, ${len} bytes`,
      heddle: { name: "heddle", round: contender(wasm, PTR) },
      rivals,
    };
  }
}

function grow(memory: WebAssembly.Memory): Uint8Array {
  memory.grow(2);
  return new Uint8Array(memory.buffer);
}

function peers(len: number): (Omit<Rival, "round"> & { readonly sum: Sum })[] {
  const library = new CLibrary("checksum");
  const func = (name: string): Sum =>
    library.func(`uint32_t ${name}(uintptr_t at, uint32_t len, uint32_t times)`);
  const bounds = (of: object): object => (len < FULL_LEN_MIN ? {} : of);
  const found = [
    { name: "C, RFC 1071's", sum: func("checksum_plain"), ...bounds(PLAIN) },
    { name: "C, words of 32 bits", sum: func("checksum_words") },
  ];
  if (!hasFeature("avx2")) return found;
  return [...found, { name: "C, AVX2 by hand", sum: func("checksum_avx2"), ...bounds(AVX2) }];
}
