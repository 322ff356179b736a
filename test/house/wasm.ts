// Just enough of the WebAssembly binary format (Core Specification 2.0, chapter 5) to walk the
// code of a module instruction by instruction.

/** A module, as far as the house asks. */
export interface Anatomy {
  readonly hasStart: boolean;
  /** Functions by export name: the index into `bodies`. */
  readonly exported: ReadonlyMap<string, number>;
  /** How often each function does `memory.grow`. */
  readonly grows: readonly number[];
}

const SECTION = { type: 1, import: 2, function: 3, export: 7, start: 8, code: 10 };
const EXPORT_FUNCTION = 0;
const MEMORY_GROW = 0x40;

/** Bytes, read from the front. */
class Reader {
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    const value = this.#bytes[this.at++];
    if (value === undefined) throw new RangeError(`no byte at ${this.at - 1}`);
    return value;
  }

  /** LEB128, unsigned; a signed one is only ever skipped, and is as long. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const part = this.byte();
      value += (part & 0x7f) * 2 ** shift;
      if ((part & 0x80) === 0) return value;
    }
  }

  numbers(count: number): void {
    for (let left = count; left > 0; left--) this.number();
  }

  name(): string {
    const len = this.number();
    this.at += len;
    return new TextDecoder().decode(this.#bytes.subarray(this.at - len, this.at));
  }

  /** The next `len` bytes on their own. */
  slice(len: number): Reader {
    this.at += len;
    return new Reader(this.#bytes, this.at - len, this.at);
  }
}

/** Requires: a valid module without imports. */
export function anatomyOf(bytes: Uint8Array): Anatomy {
  const reader = new Reader(bytes, 8);
  let hasStart = false;
  const exported = new Map<string, number>();
  const grows: number[] = [];
  while (reader.at < reader.end) {
    const id = reader.byte();
    const body = reader.slice(reader.number());
    if (id === SECTION.start) hasStart = true;
    if (id === SECTION.export) readExports(body, exported);
    if (id === SECTION.code) readCode(body, grows);
  }
  return { hasStart, exported, grows };
}

function readExports(section: Reader, exported: Map<string, number>): void {
  for (let left = section.number(); left > 0; left--) {
    const name = section.name();
    const kind = section.byte();
    const index = section.number();
    if (kind === EXPORT_FUNCTION) exported.set(name, index);
  }
}

function readCode(section: Reader, grows: number[]): void {
  for (let left = section.number(); left > 0; left--) {
    const body = section.slice(section.number());
    for (let locals = body.number(); locals > 0; locals--) body.numbers(2);
    let count = 0;
    while (body.at < body.end) if (skipInstruction(body) === MEMORY_GROW) count++;
    grows.push(count);
  }
}

/** Steps over one instruction and returns its opcode. */
function skipInstruction(body: Reader): number {
  const opcode = body.byte();
  if (opcode === 0xfc) skipBulk(body);
  else if (opcode === 0xfd) skipVector(body);
  else skipPlain(body, opcode);
  return opcode;
}

function skipPlain(body: Reader, opcode: number): void {
  if (opcode >= 0x02 && opcode <= 0x04)
    body.number(); // block, loop, if: a block type
  else if (opcode === 0x0c || opcode === 0x0d)
    body.number(); // br, br_if
  else if (opcode === 0x0e)
    body.numbers(body.number() + 1); // br_table
  else if (opcode === 0x10 || opcode === 0x12)
    body.number(); // call, return_call
  else if (opcode === 0x11 || opcode === 0x13)
    body.numbers(2); // call_indirect
  else if (opcode === 0x1c)
    body.numbers(body.number()); // select with types
  else if (opcode >= 0x20 && opcode <= 0x26)
    body.number(); // locals, globals, tables
  else if (opcode >= 0x28 && opcode <= 0x3e)
    body.numbers(2); // loads and stores: align, offset
  else if (opcode === 0x3f || opcode === MEMORY_GROW)
    body.number(); // the memory
  else if (opcode === 0x41 || opcode === 0x42)
    body.number(); // i32.const, i64.const
  else if (opcode === 0x43)
    body.slice(4); // f32.const
  else if (opcode === 0x44)
    body.slice(8); // f64.const
  else if (opcode === 0xd0 || opcode === 0xd2)
    body.number(); // ref.null, ref.func
  else if (opcode > 0xc4 && opcode !== 0xd1) throw new RangeError(`opcode ${opcode}`);
}

function skipBulk(body: Reader): void {
  const opcode = body.number();
  if (opcode <= 7) return; // saturating truncation
  const isOne = opcode === 9 || opcode === 11 || opcode === 13 || opcode > 14;
  body.numbers(isOne ? 1 : 2);
}

function skipVector(body: Reader): void {
  const opcode = body.number();
  if (opcode <= 11 || opcode === 92 || opcode === 93)
    body.numbers(2); // align, offset
  else if (opcode === 12 || opcode === 13)
    body.slice(16); // v128.const, i8x16.shuffle
  else if (opcode >= 21 && opcode <= 34)
    body.byte(); // a lane
  else if (opcode >= 84 && opcode <= 91) {
    body.numbers(2);
    body.byte(); // align, offset, lane
  }
}
