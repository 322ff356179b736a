// Runs the specs of the core one at a time. as-pect's own runner runs a module as a whole; here
// each test can have an instance of its own, and be asked alone what it sees.

/** A test as the module names it: what runs in front of it, and the test. */
interface Call {
  readonly name: string;
  readonly before: readonly number[];
  readonly callback: number;
}

/** What the specs' module exports: as-pect's part, and more where more was compiled in. */
export interface Exports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  _start(): void;
  __call(callback: number): void;
}

/** Imports by module and name. */
export type Extra = Readonly<Record<string, Readonly<Record<string, WebAssembly.ImportValue>>>>;

/** One instance of the specs' module, with its tests collected. */
export class Aspect {
  readonly exports: Exports;
  readonly #calls: Call[] = [];
  #group = "";
  #before: number[] = [];
  #below: (() => void)[] = [];

  /** `extra` are the imports that as-pect does not know, by module; they may read memory. */
  constructor(module: WebAssembly.Module, extra: (exports: () => Exports) => Extra = () => ({})) {
    const imports = this.#imports(
      module,
      extra(() => this.exports),
    );
    const instance = new WebAssembly.Instance(module, imports);
    this.exports = instance.exports as Exports;
    this.exports._start();
    for (let enter = this.#below.shift(); enter !== undefined; enter = this.#below.shift()) enter();
  }

  /** The tests' names in the order of the specs: groups, then the test. */
  get names(): string[] {
    return this.#calls.map((call) => call.name);
  }

  /** Runs a test behind what its groups run in front of it. Throws when it fails. */
  run(index: number): void {
    const call = this.#calls[index];
    if (call === undefined) throw new RangeError(`there is no test ${index}`);
    for (const callback of call.before) this.exports.__call(callback);
    this.exports.__call(call.callback);
  }

  // What as-pect would report is not wanted: a failed expectation ends in `abort`.
  #imports(module: WebAssembly.Module, extra: Extra): WebAssembly.Imports {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      imports[from][name] = extra[from]?.[name] ?? this.#known(name) ?? (() => 0);
    }
    return imports;
  }

  #known(name: string): WebAssembly.ImportValue | undefined {
    if (name === "reportGroupTypeNode") return (text: number, at: number) => this.#enter(text, at);
    if (name === "reportTestTypeNode") return (text: number, at: number) => this.#add(text, at);
    if (name === "beforeEach") return (callback: number) => void this.#before.push(callback);
    if (name === "abort") return (text: number) => this.#fail(text);
    if (/^(before|after|tryCall|reportNegated|reportTodo)/.test(name)) {
      throw new Error(`the specs use as-pect's ${name}, which nobody here understands`);
    }
    return undefined;
  }

  #enter(text: number, callback: number): void {
    const name = `${this.#group}${textAt(this.exports.memory, text)}: `;
    const before = [...this.#before];
    this.#below.push(() => {
      this.#group = name;
      this.#before = before;
      this.exports.__call(callback);
    });
  }

  #add(text: number, callback: number): void {
    const name = this.#group + textAt(this.exports.memory, text);
    // The array of the group: what it runs in front may also be said behind the test.
    this.#calls.push({ name, before: this.#before, callback });
  }

  #fail(text: number): never {
    throw new Error(text === 0 ? "an expectation failed" : textAt(this.exports.memory, text));
  }
}

/** A string of AssemblyScript: UTF-16, its length in bytes in front of it. */
export function textAt(memory: WebAssembly.Memory, ptr: number): string {
  const view = new DataView(memory.buffer);
  const count = view.getUint32(ptr - 4, true) >> 1;
  const units = Array.from({ length: count }, (_, at) => view.getUint16(ptr + 2 * at, true));
  return String.fromCharCode(...units);
}
