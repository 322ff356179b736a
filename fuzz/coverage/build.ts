// From the plain core to a program of libFuzzer: wasm2c, then clang. What was built once of the
// same sources is taken again.
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeWorld } from "./world.ts";

const run = promisify(execFile);

/** The checkout, from dist/fuzz/coverage. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

const SOURCES = ["harness.h", "harness.c", "packets.c", "layers.c", "commands.c"];
// Every access of the core is compared with the length of its memory, in C.
const FLAGS = [
  ...["-O2", "-g", "-w", "-fno-omit-frame-pointer"],
  ...["-DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0", "-DWASM_RT_USE_STACK_DEPTH_COUNT=0"],
];
const CORE_FLAGS = [...FLAGS, "-fsanitize=fuzzer-no-link,address"];
// The harness itself is no place to look for new paths.
const HARNESS_FLAGS = [...FLAGS, "-fsanitize=address"];

/** A tool that is missing, and how to get it. */
export interface Missing {
  readonly program: string;
  readonly remedy: string;
}

/** What of the tools is not there. Debian 12 has wabt 1.0.32 and clang 14. */
export function missingTools(): Missing[] {
  const missing: Missing[] = [];
  if (spawnSync("wasm2c", ["--version"]).status !== 0) {
    missing.push({ program: "wasm2c", remedy: "apt-get install wabt" });
  }
  const input = "int LLVMFuzzerTestOneInput(const char *data, long len) { return 0; }";
  const flags = ["-fsanitize=fuzzer,address", "-x", "c", "-", "-o", "/dev/null"];
  if (spawnSync("clang", flags, { input }).status !== 0) {
    const remedy = "apt-get install clang libclang-rt-14-dev";
    missing.push({ program: "clang with libFuzzer", remedy });
  }
  return missing;
}

/** Builds the harness around a core. Returns where the program lies. */
export async function buildHarness(wasm: string): Promise<string> {
  const world = await describeWorld();
  const sources = await Promise.all(
    SOURCES.map((name) => readFile(join(ROOT, "fuzz/coverage", name), "utf8")),
  );
  const parts = [await readFile(wasm), world.image, world.header, world.calls, ...sources];
  const hash = createHash("sha256");
  for (const part of [...parts, ...CORE_FLAGS, ...HARNESS_FLAGS]) hash.update(part);
  const folder = join(tmpdir(), `heddle-coverage-${hash.digest("hex").slice(0, 16)}`);
  const program = join(folder, "fuzz");
  if (await isThere(program)) return program;
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, "image.bin"), world.image);
  await writeFile(join(draft, "world.h"), world.header);
  await writeFile(join(draft, "calls.c"), world.calls);
  await Promise.all(SOURCES.map((name, at) => writeFile(join(draft, name), sources[at] ?? "")));
  await run("wasm2c", ["-n", "core", wasm, "-o", join(draft, "core.c")]);
  const image = `-DIMAGE="${join(folder, "image.bin")}"`;
  const clang = (...args: string[]): Promise<unknown> => run("clang", args, { cwd: draft });
  await clang(...CORE_FLAGS, "-c", "core.c", "-o", "core.o");
  const harness = ["calls.c", "harness.c", "packets.c", "layers.c", "commands.c"];
  await clang(...HARNESS_FLAGS, image, "-c", ...harness);
  const objects = ["core", "calls", "harness", "packets", "layers", "commands"].map(
    (name) => `${name}.o`,
  );
  await clang("-fsanitize=fuzzer,address", ...objects, "-o", "fuzz");
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  return program;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
