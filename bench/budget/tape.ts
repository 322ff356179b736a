// What an item does to the core, on record: the memory that it begins with, and each call with what
// the host wrote before it and what came back. Whoever has the core in another form can play that.
import { CapsAt, type Core, type CoreOptions, compileCore } from "../../bindings/core/index.ts";
import { coreOf } from "../../bindings/core/instance.ts";

/** Memory goes on record in pages of so many bytes. */
export const PAGE_LEN = 4096;

export interface Page {
  readonly ptr: number;
  readonly bytes: Uint8Array;
}

export interface Step {
  /** What the host wrote since the step before. */
  readonly pages: readonly Page[];
  readonly call: string;
  readonly args: readonly number[];
  readonly answer: number;
}

/** The steps of one run. */
export interface Recording {
  /** What `memory_claim` was given. */
  readonly claimLen: number;
  /** How nodes came to be open, which is not in memory alone. */
  readonly opening: readonly Step[];
  readonly steps: readonly Step[];
}

type Call = (...args: number[]) => number;

/** A core that can be listened to. It is the plain build, which C can be made of. */
export class Tape {
  readonly core: Core;
  readonly #claimLen: number;
  readonly #opening: Step[] = [];
  /** Memory as it was after the latest of them. */
  #opened: Uint8Array;
  #steps: Step[] | undefined;
  /** Memory as it was after the latest step. */
  #known: Uint8Array;

  static async open({ memoryBytes = 0 }: CoreOptions): Promise<Tape> {
    const module = await compileCore({ simd: false });
    const { exports } = await WebAssembly.instantiate(module, {});
    return new Tape(module, exports, memoryBytes);
  }

  private constructor(
    module: WebAssembly.Module,
    exports: WebAssembly.Exports,
    memoryBytes: number,
  ) {
    const heard = Object.entries(exports).map(([name, value]) => {
      return [name, typeof value === "function" ? this.#hear(name, value as Call) : value];
    });
    this.#claimLen = memoryBytes + CapsAt.End;
    this.core = coreOf(module, { exports: Object.fromEntries(heard) }, memoryBytes);
    this.#opened = new Uint8Array(this.core.bytes.length);
    this.#known = this.#opened;
  }

  /** What `run` makes of the core. */
  record(run: () => unknown): Recording {
    const steps: Step[] = [];
    this.#known = this.#opened;
    this.#steps = steps;
    run();
    this.#steps = undefined;
    return { claimLen: this.#claimLen, opening: [...this.#opening], steps };
  }

  #hear(call: string, original: Call): Call {
    if (/^node_(open|close)$/.test(call)) {
      return (...args) => {
        this.#known = this.#opened;
        this.#opening.push(this.#step(call, original, args));
        this.#opened = this.#known;
        return this.#opening.at(-1)?.answer ?? 0;
      };
    }
    return (...args) => {
      if (this.#steps === undefined) return original(...args);
      const step = this.#step(call, original, args);
      this.#steps.push(step);
      return step.answer;
    };
  }

  #step(call: string, original: Call, args: readonly number[]): Step {
    const pages = this.#changed();
    const answer = original(...args);
    this.#known = this.core.bytes.slice();
    return { pages, call, args, answer };
  }

  /** The pages that are not as after the latest call; before the first, all that are not zero. */
  #changed(): Page[] {
    const { bytes } = this.core;
    const pages: Page[] = [];
    if (Buffer.compare(bytes, this.#known) === 0) return pages;
    for (let ptr = 0; ptr < bytes.length; ptr += PAGE_LEN) {
      const page = bytes.subarray(ptr, ptr + PAGE_LEN);
      const before = this.#known.subarray(ptr, ptr + PAGE_LEN);
      if (Buffer.compare(page, before) !== 0) pages.push({ ptr, bytes: page.slice() });
    }
    return pages;
  }
}
