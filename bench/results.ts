// What benchmarks leave behind: a file of JSON for each suite, in the checkout's bench/results.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FOLDER = new URL("../../bench/results/", import.meta.url); // compiled, from dist/bench

export function keepResults(name: string, results: object): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(results, null, 2)}\n`);
}

/** Throws where there are none. */
export function resultsOf<Results>(name: string): Results {
  return JSON.parse(readFileSync(fileOf(name), "utf8"));
}

function fileOf(name: string): URL {
  return new URL(`${name}.json`, FOLDER);
}
