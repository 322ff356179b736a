// From an instance to a Core: make sure that it is the binary that these bindings were made for,
// then claim its memory. Nothing here reaches for a package by its name, so that the worker of a
// page, which knows no import map, can load it.
import { ABI_VERSION, type Abi } from "./abi.ts";
import { Core } from "./core.ts";
import * as layout from "./layout.ts";
import { HeddleError } from "./status.ts";

/** Bytes: 64 MiB. */
export const MEMORY_BYTES_DEFAULT: number = 64 << 20;

/**
 * Claims the memory of an instance. Throws HeddleError unless version and layout of the binary are
 * those of layout.ts, no more, and when there is not that much memory.
 */
export function coreOf(
  module: WebAssembly.Module,
  { exports }: WebAssembly.Instance,
  memoryBytes: number = MEMORY_BYTES_DEFAULT,
): Core {
  const version = (exports as Partial<Pick<Abi, "abi_version">>).abi_version?.();
  if (version !== ABI_VERSION) {
    throw new HeddleError("BadCore", version, `abi_version ${ABI_VERSION}`);
  }
  checkLayout(exports);
  return new Core(module, exports as unknown as Abi, memoryBytes);
}

function checkLayout(exports: WebAssembly.Exports): void {
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
