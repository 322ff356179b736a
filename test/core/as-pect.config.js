// Runs test/core inside wasm, from the root of the checkout. SPEC=table/fdb runs what begins so.
//
// To compile is what takes the time, so specs share a module, but for those that claim its memory
// themselves: that can be done once.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const ROOT = "test/core";
const TOGETHER = "dist/core.spec.ts";
const CLAIMS = /from ".*\/base\/memory"/;

/** The entries for the specs that `isMeant` says. */
export function entriesFor(isMeant) {
  const chosen = process.env.SPEC ?? "";
  const specs = readdirSync(ROOT, { recursive: true })
    .filter((name) => name.endsWith(".spec.ts") && name.startsWith(chosen) && isMeant(name))
    .map((name) => `${ROOT}/${name}`)
    .sort();
  if (specs.length === 0) throw new Error(`no specs in ${ROOT}`); // as-pect would say Pass
  const alone = specs.filter((spec) => CLAIMS.test(readFileSync(spec, "utf8")));
  const together = specs.filter((spec) => !alone.includes(spec));
  mkdirSync("dist", { recursive: true });
  const lines = together.map((spec) => `import "../${spec.replace(/\.ts$/, "")}";\n`);
  writeFileSync(TOGETHER, lines.join(""));
  return together.length > 0 ? [...alone, TOGETHER] : alone;
}

export default {
  entries: entriesFor(() => true),
  include: [],
  disclude: [/node_modules/],
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
