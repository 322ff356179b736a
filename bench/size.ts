// `npm run bench:size`: whose bytes core.wasm is made of, by what they are for.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tableOf } from "./markdown.ts";

const ROOT = new URL("../../", import.meta.url); // compiled, this is dist/bench
const CODE = /size=(\d+) <assembly\/([\w/-]+)/g;
const REST = "exports, types and data";

/** A function belongs to the first part whose sources it is from. */
const PARTS: readonly (readonly [part: string, sources: RegExp])[] = [
  ["address translation, with its rules and flows", /path\/nat|translate|(rule|conn|track|tuple)$/],
  ["offloads", /path\/(segment|coalesce|stream|virtio)|wire\/virtio/],
  ["fast paths of VXLAN", /path\/fast/],
  ["tunnels", /path\/(encap|decap|outer|tunnel|datagram|ecn|clamp)|vxlan|overhead/],
  ["routes", /(route|root|branch|span|spans|buddy|lookup|prefix|place|hop)$/],
  ["subnets and leases", /lease/],
  ["bridge, stations and floods", /bridge|fdb|flood|domain|cuckoo/],
  ["router, neighbors and ICMP errors", /path\/(resolve|error|fragment|successor)|neighbor|reach/],
  ["packets taken apart, and their headers", /path\/(decode|layer)|wire\/|bytes$|bulk$/],
  ["what all share", /./],
];

interface Linker {
  link(bytes: Uint8Array, options: { keepsNames: boolean }): Uint8Array;
}

const folder = await mkdtemp(join(tmpdir(), "heddle-size-"));
try {
  if (spawnSync("wasm-objdump", ["--version"]).status !== 0) {
    throw new Error("wasm-objdump is not installed (apt-get install wabt)");
  }
  print(await measure(folder));
} finally {
  await rm(folder, { recursive: true });
}

/** Bytes by the part that they are of. */
async function measure(folder: string): Promise<Map<string, number>> {
  const file = join(folder, "core.wasm");
  const asc = fileURLToPath(new URL("node_modules/.bin/asc", ROOT));
  execFileSync(asc, ["--target", "release", "--outFile", file], { cwd: fileURLToPath(ROOT) });
  const { link }: Linker = await import(new URL("link.mjs", ROOT).href);
  const compiled = await readFile(file);
  await writeFile(file, link(compiled, { keepsNames: true }));
  const printed = execFileSync("wasm-objdump", ["-x", "-j", "Code", file], { encoding: "latin1" });
  const sizes = new Map<string, number>();
  for (const [, size, name = ""] of printed.matchAll(CODE)) {
    const source = name.slice(0, name.lastIndexOf("/"));
    const part = PARTS.find(([, sources]) => sources.test(source))?.[0] ?? "";
    sizes.set(part, (sizes.get(part) ?? 0) + Number(size));
  }
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return sizes.set(REST, link(compiled, { keepsNames: false }).length - all);
}

function print(sizes: ReadonlyMap<string, number>): void {
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const rows = [...PARTS.map(([part]) => part), REST].map((part) => {
    const size = sizes.get(part) ?? 0;
    return [part, String(size), `${((100 * size) / all).toFixed(1)} %`];
  });
  const lines = tableOf(
    ["part of core.wasm", "bytes", "share"],
    [...rows, ["all", String(all), ""]],
  );
  console.log(lines.join("\n"));
}
