// The two builds of the core, side by side. Whatever a suite does, it does to both: both have to
// answer alike, and to leave the same bytes everywhere in memory.

import { writeCaps } from "../bindings/core/caps.ts";
import { ABI_VERSION, type Abi, type Caps, CapsAt, openCore } from "../bindings/core/index.ts";

const PAGE_LEN = 65536;

export type FunctionName = Exclude<keyof Abi, "memory">;

/** Addresses from `start` up to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export class Twins {
  /** The memory of the build with SIMD. */
  readonly bytes: Buffer;
  readonly view: DataView;
  /** The first claimed address. */
  readonly first: number;
  readonly #wide: Abi;
  readonly #plain: Abi;
  readonly #plainBytes: Buffer;
  readonly #kept: Buffer; // what `back` goes back to
  readonly #before: Buffer; // what `expectTouched` compares with

  private constructor(wide: Abi, plain: Abi, claimed: number) {
    this.#wide = wide;
    this.#plain = plain;
    this.bytes = Buffer.from(wide.memory.buffer);
    this.view = new DataView(wide.memory.buffer);
    this.first = this.bytes.length - claimed;
    this.#plainBytes = Buffer.from(plain.memory.buffer);
    this.#kept = Buffer.from(this.bytes);
    this.#before = Buffer.from(this.bytes);
  }

  /** Claims `pages` of 64 KiB in both. */
  static async open(pages: number): Promise<Twins> {
    const memoryBytes = pages * PAGE_LEN - CapsAt.End;
    const [wide, plain] = await Promise.all([
      openCore({ simd: true, memoryBytes }),
      openCore({ simd: false, memoryBytes }),
    ]);
    return new Twins(wide.exports, plain.exports, pages * PAGE_LEN);
  }

  /** The end of memory: a byte further, and an access traps. */
  get end(): number {
    return this.bytes.length;
  }

  /** Calls both, and gives what both answered. */
  call(name: FunctionName, ...args: number[]): number {
    const wide = answer(this.#wide, name, args);
    const plain = answer(this.#plain, name, args);
    if (wide === plain) return wide;
    throw new Error(`${name}(${args.join(", ")}): ${wide} with SIMD, ${plain} without`);
  }

  write(at: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, at);
    this.#plainBytes.set(bytes, at);
  }

  fill(at: number, end: number, value: number): void {
    this.bytes.fill(value, at, end);
    this.#plainBytes.fill(value, at, end);
  }

  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
    this.#plainBytes.writeUInt32LE(value, at);
  }

  read(at: number, len: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.bytes, at, at + len);
  }

  /** Opens a node in both. Returns its address. */
  openNode(caps: Caps, seed: bigint): number {
    return this.call("node_open", this.#writeCaps(caps, seed));
  }

  nodeSize(caps: Caps): number {
    return this.call("node_size", this.#writeCaps(caps, 0n));
  }

  // At the end of memory, where nothing is before the last node, and in it only packets.
  #writeCaps(caps: Caps, seed: bigint): number {
    const record = new Uint8Array(CapsAt.End);
    writeCaps(new DataView(record.buffer), 0, ABI_VERSION, caps, seed);
    this.write(this.end - CapsAt.End, record);
    return this.end - CapsAt.End;
  }

  /** Makes this the state that `back` goes back to. */
  keep(): void {
    this.bytes.copy(this.#kept);
  }

  back(): void {
    this.#kept.copy(this.bytes);
    this.#kept.copy(this.#plainBytes);
  }

  /** Makes this the state that `expectTouched` compares with. */
  watch(): void {
    this.bytes.copy(this.#before);
  }

  /** Throws unless both builds have the same bytes everywhere. */
  expectAlike(): void {
    if (this.bytes.equals(this.#plainBytes)) return;
    const at = firstDifference(this.bytes, this.#plainBytes, 0);
    throw new Error(`byte ${at}: ${this.bytes[at]} with SIMD, ${this.#plainBytes[at]} without`);
  }

  /** Throws when a byte outside of `ranges` has changed since `watch`. */
  expectTouched(ranges: readonly Range[]): void {
    let at = 0;
    for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
      this.#expectUntouched(at, start);
      at = Math.max(at, end);
    }
    this.#expectUntouched(at, this.end);
  }

  #expectUntouched(start: number, end: number): void {
    if (start >= end) return;
    if (this.bytes.compare(this.#before, start, end, start, end) === 0) return;
    const at = firstDifference(this.bytes, this.#before, start);
    throw new Error(`byte ${at} was ${this.#before[at]}, and became ${this.bytes[at]}`);
  }
}

function answer(exports: Abi, name: FunctionName, args: number[]): number {
  return (exports[name] as (...args: number[]) => number)(...args);
}

function firstDifference(a: Uint8Array, b: Uint8Array, from: number): number {
  let at = from;
  while (a[at] === b[at]) at += 1;
  return at;
}
