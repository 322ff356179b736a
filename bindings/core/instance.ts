// From an instance to a Core: make sure that it is the binary that these bindings were made for,
// then claim its memory. Nothing here reaches for a package by its name, so that the worker of a
// page, which knows no import map, can load it.
import { ABI_VERSION, type Abi } from "./abi.ts";
import { Core } from "./core.ts";
import { ABI_LAYOUT } from "./layout.ts";
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
  const found = (exports as Partial<Pick<Abi, "abi_layout">>).abi_layout?.value;
  if (found !== ABI_LAYOUT) {
    throw new HeddleError("BadCore", `abi_layout ${found}`, `abi_layout ${ABI_LAYOUT}`);
  }
  return new Core(module, exports as unknown as Abi, memoryBytes);
}
