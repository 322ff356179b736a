// Runs units of the specs against mutants, one after the other, each until the first that fails.
import { parentPort, workerData } from "node:worker_threads";
import { runUnit, type Unit } from "./units.ts";

/** What a worker begins with. */
export interface Work {
  readonly modules: readonly WebAssembly.Module[];
  readonly units: readonly Pick<Unit, "name" | "module" | "tests">[];
}

/** Who runs against whom: indices of units. */
export interface Task {
  readonly mutant: number;
  readonly units: readonly number[];
}

/** The unit that failed, or nobody. */
export interface Answer {
  readonly mutant: number;
  readonly by?: string;
}

const { modules, units } = workerData as Work;

parentPort?.on("message", ({ mutant, units: chosen }: Task) => {
  parentPort?.postMessage({ mutant, ...firstFailing(mutant, chosen) } satisfies Answer);
});

function firstFailing(mutant: number, chosen: readonly number[]): { by?: string } {
  for (const index of chosen) {
    const unit = units[index];
    const module = modules[unit?.module ?? -1];
    if (unit === undefined || module === undefined) throw new RangeError(`no unit ${index}`);
    try {
      runUnit(module, unit.tests, mutant);
    } catch {
      return { by: unit.name };
    }
  }
  return {};
}
