// C of bench/peers/c as a library that koffi calls: compiled for this very processor, once.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import koffi from "koffi";

const BENCH = fileURLToPath(new URL("../../../bench/", import.meta.url));
const SOURCES = `${BENCH}peers/c/`;
const HEADERS = [`${SOURCES}heddle.h`, `${BENCH}wasm2c.h`];
const FLAGS = ["-O3", "-march=native", "-std=gnu17", "-Wall", "-Wextra", "-Werror"];
const LIBRARY_FLAGS = ["-shared", "-fPIC"];

/** Why no C can be compiled here, or undefined. */
export function missingCompiler(): string | undefined {
  const { status } = spawnSync("gcc", ["--version"]);
  return status === 0 ? undefined : "gcc is not installed (apt-get install gcc)";
}

/** True when gcc takes this processor for one that has `feature`, as in -mavx2. */
export function hasFeature(feature: string): boolean {
  const { stdout } = spawnSync("gcc", ["-march=native", "-dM", "-E", "-x", "c", "/dev/null"]);
  return stdout.toString().includes(`#define __${feature.toUpperCase()}__ `);
}

/** The functions of bench/peers/c/NAME.c, by the prototypes that koffi is given. */
export class CLibrary {
  readonly #library: ReturnType<typeof koffi.load>;

  /** `flags` are gcc's, and what a library beyond the C library's wants. */
  constructor(name: string, flags: readonly string[] = []) {
    this.#library = koffi.load(compile(name, [...FLAGS, ...flags]));
  }

  /** A function whose parameters and result are numbers, addresses among them (`uintptr_t`). */
  func(prototype: string): (...args: number[]) => number {
    return this.#library.func(prototype);
  }
}

function compile(name: string, flags: readonly string[]): string {
  const source = `${SOURCES}${name}.c`;
  const target = spawnSync("gcc", ["-march=native", "-Q", "--help=target"]).stdout;
  const hash = createHash("sha256").update(target).update(flags.join(" "));
  for (const file of [source, ...HEADERS]) hash.update(readFileSync(file));
  const folder = join(tmpdir(), "heddle-bench-peers");
  const library = join(folder, `${name}-${hash.digest("hex").slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  mkdirSync(folder, { recursive: true });
  const draft = `${library}.${process.pid}`;
  execFileSync("gcc", [...flags, ...LIBRARY_FLAGS, source, "-o", draft]);
  renameSync(draft, library);
  return library;
}
