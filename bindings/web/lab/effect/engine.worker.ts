// The thread of the engine: it runs recipes on the core, and hands each trace over whole.
import { type Core, openCore } from "../../../core/index.ts";
import { runScenario } from "../../../lab/engine/run.ts";
import type { Scenario } from "../../../lab/scenario.ts";
import { SCENARIOS } from "../../../lab/scenarios/index.ts";
import type { Trace } from "../../../lab/trace/trace.ts";
import { Refusal } from "../../../lab/words/index.ts";
import { catalogueOf } from "../state/catalogue.ts";
import type { Recipe } from "../state/state.ts";
import type { Greeting, Reply, Request } from "./message.ts";

// The parts of a worker's global scope that are used: no library of types has both it and a page's.
interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply | Greeting, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
// A browser that knows the colours of the page knows SIMD.
const opening: Promise<Core> = openCore({ simd: true });

async function run({ scenario: slug, variant, seed, edits }: Recipe): Promise<Trace> {
  const core = await opening;
  const scenario = scenarioOf(slug);
  const form = variant === null ? {} : { variant };
  return runScenario(core, scenario, { seed: BigInt(seed), edits, ...form });
}

function scenarioOf(slug: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.slug === slug);
  if (found === undefined) throw new RangeError(`scenario: one of the picker, got "${slug}"`);
  return found;
}

scope.onmessage = ({ data: { id, recipe } }) => {
  run(recipe).then(
    (trace) => scope.postMessage({ id, trace }, [trace.bytes.buffer as ArrayBuffer]),
    (error: Error) =>
      scope.postMessage({ id, failure: error.message, isRefused: error instanceof Refusal }),
  );
};

scope.postMessage({ catalogue: catalogueOf(SCENARIOS) });
