// AssemblyScript of bench/wasm to an instance, compiled when the benchmark runs.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = new URL("../../", import.meta.url); // compiled, this is dist/bench
const CONFIG = "bench/wasm/asconfig.json";

/** The exports of bench/wasm/NAME.ts. */
export async function compile(name: string): Promise<WebAssembly.Exports> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  try {
    const file = join(folder, `${name}.wasm`);
    const source = fileURLToPath(new URL(`bench/wasm/${name}.ts`, ROOT));
    const baseDir = fileURLToPath(ROOT);
    const path = source.slice(baseDir.length);
    const { error, stderr } = await asc.main([
      ...[path, "--baseDir", baseDir, "--config", CONFIG, "--outFile", file],
    ]);
    if (error !== null) throw new Error(`${name}: ${stderr.toString()}`, { cause: error });
    const { instance } = await WebAssembly.instantiate(await readFile(file), {});
    return instance.exports;
  } finally {
    await rm(folder, { recursive: true });
  }
}
