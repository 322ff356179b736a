// One instance of the core: its memory, claimed once, and the nodes that lie in it.
import { ABI_VERSION, type Abi } from "./abi.ts";
import { type Caps, checkSeed, completeCaps, RECORDS_LEN, writeCaps } from "./caps.ts";
import { type DecodedPacket, type DecodeOptions, decode } from "./decode.ts";
import { CapsAt } from "./layout.ts";
import { HeddleNode } from "./node.ts";
import { accept, HeddleError } from "./status.ts";

const LINE_LEN = 64;
const MEMORY_BYTES_MAX = 0x7ffc0000 - CapsAt.End; // every address stays below 2^31

/** A claimed memory and the functions that work in it. One serves any number of nodes. */
export class Core {
  readonly module: WebAssembly.Module;
  /** The functions as the binary has them, for hosts that count nanoseconds. */
  readonly exports: Abi;
  readonly memory: WebAssembly.Memory;
  /** All of the memory. It never grows again, so this never detaches. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly #caps: number; // behind the last byte that a node can get
  #free: number; // where the next node will lie
  readonly #nodes: number[] = []; // addresses of those that are open

  /** Claims the memory. `openCore` makes these. */
  constructor(module: WebAssembly.Module, exports: Abi, memoryBytes: number) {
    if (!(Number.isInteger(memoryBytes) && memoryBytes > 0 && memoryBytes <= MEMORY_BYTES_MAX)) {
      const expected = `memoryBytes: a whole number from 1 to ${MEMORY_BYTES_MAX}`;
      throw new HeddleError("BadCapacity", memoryBytes, expected);
    }
    const first = exports.memory_claim(memoryBytes + CapsAt.End);
    this.#free = accept(first, memoryBytes, "memoryBytes: what this engine can give");
    this.module = module;
    this.exports = exports;
    this.memory = exports.memory;
    this.bytes = new Uint8Array(exports.memory.buffer as ArrayBuffer);
    this.view = new DataView(this.bytes.buffer);
    this.#caps = this.bytes.length - CapsAt.End;
  }

  /** Bytes that nodes may still take. */
  get freeBytes(): number {
    return this.#caps - this.#free;
  }

  /** The layers of a packet: see `decode`. */
  decode(bytes: Uint8Array, options?: DecodeOptions): DecodedPacket {
    return decode(this, bytes, options);
  }

  /** Bytes that a node of these capacities takes. */
  nodeSize(caps: Partial<Caps> = {}): number {
    return this.#sizeOf(completeCaps(caps), 0n);
  }

  /**
   * Opens a network namespace. Capacities that are left out are those of CAPS_DEFAULT; `seed` has
   * to be drawn at random wherever somebody else chooses the traffic.
   */
  openNode(options: Partial<Caps> & { readonly seed: bigint }): HeddleNode {
    const { seed, ...given } = options;
    const caps = completeCaps(given);
    checkSeed(seed);
    const size = this.#sizeOf(caps, seed);
    if (size > this.freeBytes) {
      throw new HeddleError("NoMemory", size, `at most ${this.freeBytes} bytes: see memoryBytes`);
    }
    const address = accept(this.exports.node_open(this.#caps), caps, "capacities of a node");
    this.#free = address + size;
    this.#nodes.push(address);
    return new HeddleNode(this, address, size);
  }

  /**
   * Calls `use` with the address of `len` bytes, 64-aligned and zero, that no node has, and clears
   * them afterwards. Throws HeddleError when there are not that many left.
   */
  borrow<T>(len: number, use: (ptr: number) => T): T {
    if (len > this.freeBytes) {
      throw new HeddleError("NoMemory", len, `at most ${this.freeBytes} bytes: see memoryBytes`);
    }
    const ptr = this.#free;
    try {
      return use(ptr);
    } finally {
      this.bytes.fill(0, ptr, ptr + len);
    }
  }

  /** Calls `use`, and takes back the memory of the nodes that it opened: they end with it. */
  lend<T>(use: () => T): T {
    const count = this.#nodes.length;
    try {
      return use();
    } finally {
      for (const node of this.#nodes.splice(count).reverse()) {
        accept(this.exports.node_close(node), node, "the node that was opened last");
        this.bytes.fill(0, node, this.#free);
        this.#free = node;
      }
    }
  }

  // Leaves the caps record behind for `node_open`.
  #sizeOf(caps: Caps, seed: bigint): number {
    const scratch = Math.ceil(caps.scratch / LINE_LEN) * LINE_LEN + RECORDS_LEN;
    writeCaps(this.view, this.#caps, ABI_VERSION, { ...caps, scratch }, seed);
    return accept(this.exports.node_size(this.#caps), caps, "capacities that fit below 2^31");
  }
}
