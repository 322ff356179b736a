// Runs test/core inside wasm, from the root of the checkout.
import { readdirSync } from "node:fs";

const specs = readdirSync("test/core", { recursive: true }).filter((name) =>
  name.endsWith(".spec.ts"),
);
if (specs.length === 0) throw new Error("test/core has no specs"); // as-pect would say Pass

export default {
  entries: specs.sort().map((name) => `test/core/${name}`),
  include: [],
  disclude: [/node_modules/],
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
