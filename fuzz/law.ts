// A law is what must hold for every input; a suite is the laws about one thing.
import fc from "fast-check";
import { parseData, printData } from "./data.ts";

export interface Suite {
  readonly name: string;
  readonly laws: readonly Law[];
  /** How much of the time it gets beside the others; 1 where it does not say. */
  readonly share?: number;
  /** Cases that a long session has to reach, where each is a long story. */
  readonly casesMin?: number;
  /** A canary: each of its laws is wrong, and suites are worth something only if they see it. */
  readonly mustFail?: boolean;
}

export interface Law {
  readonly name: string;
  /** Tries new inputs until the time is up or one breaks the law. */
  search(limits: Limits): Outcome | Promise<Outcome>;
  /** Tries one input, as `Broken.input` gave it. Throws, or rejects, when it breaks the law. */
  again(input: unknown): void | Promise<void>;
}

export interface Limits {
  readonly seed: number;
  readonly ms: number;
  /** Where fast-check found a failure before. */
  readonly path?: string;
  /** Whether to end with the first failure as it was found, not shrunk. */
  readonly isFirstEnough?: boolean;
}

export interface Outcome {
  readonly cases: number;
  readonly broken?: Broken;
}

export interface Broken {
  readonly error: unknown;
  readonly path: string;
  /** Plain data, shrunk. */
  readonly input: unknown;
}

const SHRINK_MS = 20000;
const CASES_MAX = 0x7fffffff; // the clock ends a search

/** A law about inputs that are plain data. */
export function law<T>(name: string, inputs: fc.Arbitrary<T>, check: (input: T) => void): Law {
  const property = fc.property(inputs, check);
  return {
    name,
    search: (limits) => search(property, limits, ([input]) => input),
    again: (input) => check(input as T),
  };
}

/** A law about inputs that are plain data, and about what happens in time. */
export function asyncLaw<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
): Law {
  const property = fc.asyncProperty(inputs, check);
  const search = async (limits: Limits): Promise<Outcome> => {
    const found = await fc.check(property, parameters(limits, limits.ms));
    if (found.counterexample === null) return { cases: found.numRuns };
    const path = pathOf(found);
    const shrunk = await fc.check(property, parameters({ ...limits, path }, SHRINK_MS));
    return broken(found, shrunk, path, ([input]) => input);
  };
  return { name, search, again: (input) => check(input as T) };
}

/** A law about each of `inputs`: every search goes through all of them, whatever the time. */
export function each<T>(name: string, inputs: readonly T[], check: (input: T) => void): Law {
  const search = ({ path }: Limits): Outcome => {
    for (let at = Number(path ?? 0); at < inputs.length; at++) {
      const input = inputs[at] as T;
      try {
        check(input);
      } catch (error) {
        return { cases: at + 1, broken: { error, path: String(at), input } };
      }
    }
    return { cases: inputs.length };
  };
  return { name, search, again: (input) => check(input as T) };
}

/** Something that is done to the model and to the core, both at once. */
export interface Operation<Model, Real> {
  readonly weight: number;
  readonly inputs: fc.Arbitrary<unknown>;
  /** Throws when the two disagree. */
  run(input: unknown, model: Model, real: Real): void;
}

export function operation<T, Model, Real>(
  weight: number,
  inputs: fc.Arbitrary<T>,
  run: (input: T, model: Model, real: Real) => void,
): Operation<Model, Real> {
  return { weight, inputs, run: (input, model, real) => run(input as T, model, real) };
}

/** A model and the core, driven in step. */
export interface Machine<Model extends object, Real> {
  readonly operations: Readonly<Record<string, Operation<Model, Real>>>;
  /** Most steps of a run. */
  readonly steps: number;
  begin(): { model: Model; real: Real };
  /** What must hold after the last step. */
  end(model: Model, real: Real): void;
}

/** The law that the core answers as the model does, whatever is done to both. */
export function commands<Model extends object, Real>(
  name: string,
  machine: Machine<Model, Real>,
): Law {
  const weighted = Object.entries(machine.operations).map(([what, { weight, inputs }]) => {
    const arbitrary = inputs.map((input) => new Step(machine, { what, input }));
    return { arbitrary, weight };
  });
  const arbitrary = fc.commands<Model, Real>([fc.oneof(...weighted)], {
    maxCommands: machine.steps,
    size: "max",
  });
  const run = (steps: Iterable<fc.Command<Model, Real>>): void => {
    const start = machine.begin();
    fc.modelRun(() => start, steps);
    machine.end(start.model, start.real);
  };
  const property = fc.property(arbitrary, run);
  return {
    name,
    search: (limits) => search(property, limits, ([steps]) => [...steps].map(deedOf)),
    again: (input) => run((input as Deed[]).map((deed) => new Step(machine, deed))),
  };
}

interface Deed {
  readonly what: string;
  readonly input: unknown;
}

class Step<Model extends object, Real> implements fc.Command<Model, Real> {
  readonly machine: Machine<Model, Real>;
  readonly deed: Deed;

  constructor(machine: Machine<Model, Real>, deed: Deed) {
    this.machine = machine;
    this.deed = deed;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    this.machine.operations[this.deed.what]?.run(this.deed.input, model, real);
  }

  toString(): string {
    return printData(this.deed);
  }
}

// fast-check wraps each command in one that prints alike; the text is all that it lets through.
function deedOf(step: object): unknown {
  return parseData(String(step));
}

function search<T extends unknown[]>(
  property: fc.IProperty<T>,
  limits: Limits,
  inputOf: (inputs: T) => unknown,
): Outcome {
  const found = fc.check(property, parameters(limits, limits.ms));
  if (found.counterexample === null) return { cases: found.numRuns };
  const path = pathOf(found);
  const shrunk = fc.check(property, parameters({ ...limits, path }, SHRINK_MS));
  return broken(found, shrunk, path, inputOf);
}

// Only the first number names an input; the others are turns of the shrinking, which the clock may
// have ended, and which commands cannot repeat from the middle.
function pathOf<T>({ counterexamplePath }: fc.RunDetails<T>): string {
  return (counterexamplePath ?? "").split(":")[0] ?? "";
}

function broken<T>(
  found: fc.RunDetails<T>,
  shrunk: fc.RunDetails<T>,
  path: string,
  inputOf: (inputs: T) => unknown,
): Outcome {
  const last = shrunk.counterexample === null ? found : shrunk;
  const input = inputOf((last.counterexample ?? found.counterexample) as T);
  return { cases: found.numRuns, broken: { error: last.errorInstance, path, input } };
}

function parameters<T>({ seed, path, ...rest }: Limits, ms: number): fc.Parameters<T> {
  const limits = {
    numRuns: CASES_MAX,
    interruptAfterTimeLimit: ms,
    markInterruptAsFailure: false,
    endOnFailure: rest.isFirstEnough ?? false,
  };
  return path === undefined ? { seed, ...limits } : { seed, path, ...limits };
}
