// From a binary to a Core: fetch or read it, instantiate it, and make sure that it is the one that
// these bindings were made for.
import { instantiate } from "@assemblyscript/loader";
import { ABI_VERSION, type Abi } from "./abi.ts";
import { Core } from "./core.ts";
import * as layout from "./layout.ts";
import { HeddleError } from "./status.ts";

/** Which binary, and how much memory. */
export interface CoreOptions {
  /** Where the binary is, or the binary. Left out: the file beside this module. */
  readonly wasm?: URL | Response | BufferSource | WebAssembly.Module;
  /** Whether to take the build with SIMD. Left out: whether this engine has it. */
  readonly simd?: boolean;
  /** The build that checks itself and fills returned slots with 0xdd. */
  readonly debug?: boolean;
  /** How much memory all nodes have together. It is claimed now and never grows: 64 MiB. */
  readonly memoryBytes?: number;
}

/** Bytes: 64 MiB. */
export const MEMORY_BYTES_DEFAULT: number = 64 << 20;

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // one type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b], // and its body
);

/** Loads the core and claims its memory. */
export async function openCore(options: CoreOptions = {}): Promise<Core> {
  const source = await sourceOf(options.wasm ?? binaryUrl(options));
  // The loader's own wrappers would double the cost of a call: only what it wraps is kept.
  const { module, instance } = await instantiate(source, {});
  checkLayout(instance.exports);
  const exports = instance.exports as unknown as Abi;
  return new Core(module, exports, options.memoryBytes ?? MEMORY_BYTES_DEFAULT);
}

/** True when this engine runs the build with SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

function binaryUrl(options: CoreOptions): URL {
  // Each in full, so that bundlers see the files.
  if (options.debug) return new URL("./core.debug.wasm", import.meta.url);
  if (options.simd ?? hasSimd()) return new URL("./core.wasm", import.meta.url);
  return new URL("./core.plain.wasm", import.meta.url);
}

type Source = Exclude<CoreOptions["wasm"], URL | undefined>;

async function sourceOf(wasm: URL | Source): Promise<Source> {
  if (wasm instanceof URL) {
    return readFile(wasm) ?? streamed(await fetch(wasm), wasm.href);
  }
  return typeof Response === "function" && wasm instanceof Response
    ? streamed(wasm, wasm.url)
    : wasm;
}

// Engines stream only what is served as application/wasm; anything else is taken as bytes.
async function streamed(response: Response, url: string): Promise<Source> {
  if (!response.ok) throw new HeddleError("BadCore", url, `a binary, not HTTP ${response.status}`);
  if (response.headers.get("content-type")?.startsWith("application/wasm")) return response;
  return response.arrayBuffer();
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

/** Throws HeddleError unless version and layout of the binary are those of layout.ts, no more. */
function checkLayout(exports: WebAssembly.Exports): void {
  const version = (exports as Partial<Pick<Abi, "abi_version">>).abi_version?.();
  if (version !== ABI_VERSION) {
    throw new HeddleError("BadCore", version, `abi_version ${ABI_VERSION}`);
  }
  const expected = new Map(
    Object.entries<Record<string, number>>(layout).flatMap(([group, members]) =>
      Object.entries(members).map(([name, value]) => [`${group}.${name}`, value]),
    ),
  );
  for (const [name, found] of Object.entries(exports)) {
    if (!(found instanceof WebAssembly.Global)) continue;
    if (expected.get(name) !== found.value) {
      throw new HeddleError("BadCore", `${name} = ${found.value}`, `${expected.get(name)}`);
    }
    expected.delete(name);
  }
  for (const [name, value] of expected) {
    throw new HeddleError("BadCore", `no ${name}`, `${name} = ${value}`);
  }
}
