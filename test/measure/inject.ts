// Puts the core that holds every mutant in the place of each core that this process instantiates.
import { readFileSync } from "node:fs";
import { CORE_FILE, type Schemata } from "./schemata.ts";

/** From here on, every core is the one with mutants, and this mutant is alive in it; 0 is none. */
export function inject(mutant: number): void {
  const module = new WebAssembly.Module(readFileSync(CORE_FILE));
  const plain = WebAssembly.instantiate.bind(WebAssembly);
  const instantiate = async (source: unknown, imports: WebAssembly.Imports): Promise<unknown> => {
    const instance = await plain(module, imports);
    // As many turns as can be counted: laws run long.
    (instance.exports as Schemata).mutant_set(mutant, 0);
    return source instanceof WebAssembly.Module ? instance : { module, instance };
  };
  Object.assign(WebAssembly, { instantiate });
}
