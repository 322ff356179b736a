// The core itself as C: translated by wasm2c, compiled by gcc as its rivals are. Beside it heddle
// shows what an engine makes of the same instructions, and C by hand what there was to gain.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ElementName, HeddleNode } from "../../bindings/core/index.ts";
import { addressOf } from "../../bindings/node/libc.ts";
import { CLibrary } from "./c-library.ts";

const CORE = fileURLToPath(new URL("../../bindings/core/core.plain.wasm", import.meta.url));
// As in an engine, no access is compared with the length of memory. And wasm2c makes warnings.
const FLAGS = ["-w", "-DWASM_RT_MEMCHECK_SIGNAL_HANDLER=1"];

/** Whether wasm2c is installed (Debian: wabt). */
export function canTranslate(): boolean {
  return spawnSync("wasm2c", ["--version"]).status === 0;
}

/**
 * An element of the core without SIMD, translated, in the memory of this node. Requires: the node
 * is the only one there; `canTranslate`.
 */
export function translated(node: HeddleNode, element: ElementName): (burst: number) => number {
  const library = compile();
  const open = library.func("int32_t engine_open(uintptr_t base, uint32_t len)");
  const run = library.func(`int32_t engine_${element}(uint32_t node, uint32_t burst)`);
  const found = open(addressOf(node.bytes), node.bytes.length);
  if (found !== node.address) throw new Error(`the translated core has its node at ${found}`);
  return (burst) => run(node.address, burst);
}

function compile(): CLibrary {
  const hash = createHash("sha256").update(readFileSync(CORE)).digest("hex").slice(0, 16);
  const folder = join(tmpdir(), "heddle-bench-peers", `core-${hash}`);
  if (!existsSync(folder)) translateTo(folder);
  return new CLibrary("engine", [...FLAGS, `-I${folder}`]);
}

function translateTo(folder: string): void {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  execFileSync("wasm2c", ["-n", "core", CORE, "-o", join(draft, "core.c")]);
  renameSync(draft, folder);
}
