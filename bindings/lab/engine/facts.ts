// A scenario's assertions, held against its trace.
import type { Core } from "../../core/index.ts";
import type { Assertion, Erratum, Run } from "../scenario.ts";
import type { Fact, FoundErratum, Trace } from "../trace/trace.ts";
import { runOf } from "./run-of.ts";
import type { Form } from "./variant.ts";

/** What its own words say of a run. */
export function judge(core: Core, form: Form, trace: Trace): Pick<Trace, "facts" | "errata"> {
  const run = runOf(core, trace);
  const facts = form.assertions.map((assertion) => factOf(assertion, run));
  return { facts, errata: form.errata.flatMap((erratum) => proofOf(erratum, run)) };
}

function proofOf({ id, proof }: Erratum, run: Run): FoundErratum[] {
  try {
    return [{ id, proof: proof(run) }];
  } catch {
    return []; // what would disprove it is not there
  }
}

function factOf({ name: { en: name }, check }: Assertion, run: Run): Fact {
  try {
    const { isHeld, found, at = null } = check(run);
    return { name, isHeld, found, at };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { name, isHeld: false, found, at: null };
  }
}
