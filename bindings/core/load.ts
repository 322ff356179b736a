// From a binary to a Core: fetch or read it, compile it, instantiate it.
import { instantiateSync } from "@assemblyscript/loader";
import type { Core } from "./core.ts";
import { coreOf } from "./instance.ts";
import { HeddleError } from "./status.ts";

/** Which binary. */
export interface BinaryOptions {
  /**
   * Where the binary is, or the binary. Left out: the file beside this module. A URL of the file
   * system works in Node, Deno and Bun; where code may not be compiled, a module has to be given.
   */
  readonly wasm?: URL | Response | BufferSource | WebAssembly.Module;
  /** Whether to take the build with SIMD. Left out: whether this engine has it. */
  readonly simd?: boolean;
  /** The build that checks itself and fills returned slots with 0xdd. */
  readonly debug?: boolean;
}

/** Which binary, and how much memory. */
export interface CoreOptions extends BinaryOptions {
  /** How much memory all nodes have together. It is claimed now and never grows: 64 MiB. */
  readonly memoryBytes?: number;
}

const SOURCES = "wasm: a URL, a Response, bytes or a WebAssembly.Module";
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD_PROBE = Uint8Array.of(
  ...[...MAGIC, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // one type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b], // and its body
);

/**
 * Loads the core and claims its memory. Throws HeddleError for what is no core, is another version
 * of it, or cannot have that much memory.
 */
export async function openCore(options: CoreOptions = {}): Promise<Core> {
  const source = await compileCore(options);
  // The loader's own wrappers would double the cost of a call: only what it wraps is kept. Its
  // other way in asks for Response; see below. What has been compiled is instantiated in no time.
  const { module, instance } = instantiateSync(source, {});
  return coreOf(module, instance, options.memoryBytes);
}

/**
 * Compiles the core, as it arrives where the engine can do that. The module can be given to any
 * number of `openCore`, and posted to workers.
 */
export async function compileCore(options: BinaryOptions = {}): Promise<WebAssembly.Module> {
  const { wasm = binaryUrl(options) } = options;
  if (isModule(wasm)) return wasm as WebAssembly.Module;
  if (isBytes(wasm)) return compileBytes(wasm, `${wasm.byteLength} bytes`);
  if (isUrl(wasm)) {
    const file = readFile(wasm);
    return file ? compileBytes(file, wasm.href) : compileResponse(await fetch(wasm), wasm.href);
  }
  if (isResponse(wasm)) return compileResponse(wasm, wasm.url);
  throw new HeddleError("BadCore", wasm, SOURCES);
}

/** True when this engine runs the build with SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

function binaryUrl(options: BinaryOptions): URL {
  if (import.meta.url === undefined) throw new HeddleError("BadCore", undefined, SOURCES);
  // Each in full, so that bundlers see the files.
  if (options.debug) return new URL("./core.debug.wasm", import.meta.url);
  if (options.simd ?? hasSimd()) return new URL("./core.wasm", import.meta.url);
  return new URL("./core.plain.wasm", import.meta.url);
}

// Asked first, because a host that hands a module in may have neither Response nor URL. No guard:
// to the compiler everything is a Module.
function isModule(wasm: unknown): boolean {
  return wasm instanceof WebAssembly.Module;
}

function isBytes(wasm: unknown): wasm is BufferSource {
  return ArrayBuffer.isView(wasm) || wasm instanceof ArrayBuffer;
}

function isUrl(wasm: unknown): wasm is URL {
  return typeof URL === "function" && wasm instanceof URL;
}

// Asked last: Node loads its HTTP client, five megabytes and more, for who but looks at Response.
function isResponse(wasm: unknown): wasm is Response {
  return typeof Response === "function" && wasm instanceof Response;
}

// Engines stream only what is served as application/wasm; anything else is taken as bytes.
async function compileResponse(response: Response, url: string): Promise<WebAssembly.Module> {
  if (!response.ok) throw new HeddleError("BadCore", url, `a binary, not HTTP ${response.status}`);
  const isWasm = response.headers.get("content-type")?.startsWith("application/wasm");
  return isWasm
    ? WebAssembly.compileStreaming(response)
    : compileBytes(await response.arrayBuffer(), url);
}

// Many a server answers a wrong path with a page that says 200.
function compileBytes(bytes: BufferSource, from: string): Promise<WebAssembly.Module> {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  if (MAGIC.every((byte, at) => view[at] === byte)) return WebAssembly.compile(bytes);
  throw new HeddleError("BadCore", from, "a WebAssembly binary, which begins with 00 61 73 6d");
}

interface Files {
  readFileSync(path: URL): Uint8Array<ArrayBuffer>;
}

interface Runtime {
  readonly process?: { getBuiltinModule?(name: "node:fs"): Files | undefined };
}

// Node does not fetch file: URLs. Asking it for its file system is no import, so this file stays
// loadable where there is none.
function readFile(url: URL): Uint8Array<ArrayBuffer> | undefined {
  if (url.protocol !== "file:") return undefined;
  return (globalThis as Runtime).process?.getBuiltinModule?.("node:fs")?.readFileSync(url);
}
