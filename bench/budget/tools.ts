// What instructions are counted with. Their number is exact, for one version of the first two.
import { spawnSync } from "node:child_process";

/** Versions that a count depends on. */
export interface Tools {
  readonly gcc: string;
  readonly wasm2c: string;
}

/** How to get each of them, in Debian's words. */
export const PACKAGES = { gcc: "gcc libc6-dev", wasm2c: "wabt", valgrind: "valgrind" } as const;

/** What lacks here, or undefined. */
export function missingTools(): string | undefined {
  const missing = (Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]).filter((name) => {
    return spawnSync(name, ["--version"]).status !== 0;
  });
  if (missing.length === 0) return undefined;
  const names = missing.map((name) => PACKAGES[name]).join(" ");
  return `${missing.join(", ")} (apt-get install ${names})`;
}

/** What is installed. */
export function toolsHere(): Tools {
  return { gcc: printed("gcc", "-dumpfullversion"), wasm2c: printed("wasm2c", "--version") };
}

/** In which versions the tools are others than those that a budget was counted with. */
export function mismatch(budget: Tools, here: Tools): string | undefined {
  const others = (Object.keys(budget) as (keyof Tools)[]).filter((tool) => {
    return budget[tool] !== here[tool];
  });
  if (others.length === 0) return undefined;
  const told = others.map((tool) => `${tool} ${here[tool]} where it has ${tool} ${budget[tool]}`);
  return `the budget was counted with other tools: here is ${told.join(", ")}`;
}

function printed(program: string, flag: string): string {
  return spawnSync(program, [flag], { encoding: "utf8" }).stdout.trim();
}
