// Crates behind C functions, that koffi calls: bench/peers/rust, built by cargo for this processor.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import koffi from "koffi";
import { cacheOf, sourcesOf } from "./cache.ts";

const RUSTFLAGS = "-C target-cpu=native";

/** Why no Rust can be compiled here, or undefined. */
export function missingCargo(): string | undefined {
  const { status } = spawnSync("cargo", ["--version"]);
  return status === 0 ? undefined : "cargo is not installed (https://rustup.rs)";
}

/** A function of the library by its prototype, whose parameters and result are numbers. */
export type RustFunction = (prototype: string) => (...args: number[]) => number;

export function openRust(): RustFunction {
  const target = cacheOf("rust");
  const args = ["build", "--release", "--locked", "--quiet", "--target-dir", target];
  const env = { ...process.env, RUSTFLAGS };
  const cwd = sourcesOf("rust");
  execFileSync("cargo", args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  const library = koffi.load(join(target, "release", "libheddle_peers.so"));
  return (prototype) => library.func(prototype);
}
