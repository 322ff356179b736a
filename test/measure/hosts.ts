// Mutants against the host's tests and the laws of fuzz/, a process for each, two at a time.
import { fork } from "node:child_process";

const PROCESSES = 2;

/** In the order in which they are asked. */
const CHILDREN = { "the host's tests": "./host.child.js", "the laws of fuzz": "./fuzz.child.js" };

// A child that takes so much longer than it does without a mutant does not end.
const MS_MIN = 60_000;
const TIMES_MAX = 10;

interface Child {
  readonly name: string;
  readonly file: string;
  readonly msMax: number;
}

/** Returns: who caught each mutant that was caught. Throws when somebody fails without one. */
export async function runHosts(mutants: readonly number[]): Promise<Map<number, string>> {
  const caught = new Map<number, string>();
  if (mutants.length === 0) return caught;
  const children = await measureChildren();
  const left = [...mutants];
  const lines = Array.from({ length: PROCESSES }, async () => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const by = await firstOf(children, mutant);
      if (by !== undefined) caught.set(mutant, by);
    }
  });
  await Promise.all(lines);
  return caught;
}

/** Both at once, as they will run. */
async function measureChildren(): Promise<Child[]> {
  const measured = Object.entries(CHILDREN).map(async ([name, file]) => {
    const began = performance.now();
    if (!(await passes({ name, file, msMax: Infinity }, 0))) {
      throw new Error(`${name} fail without a mutant`);
    }
    return { name, file, msMax: MS_MIN + TIMES_MAX * (performance.now() - began) };
  });
  return Promise.all(measured);
}

async function firstOf(children: readonly Child[], mutant: number): Promise<string | undefined> {
  for (const child of children) {
    if (!(await passes(child, mutant))) return child.name;
  }
  return undefined;
}

function passes({ file, msMax }: Child, mutant: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const started = fork(new URL(file, import.meta.url), [String(mutant)], { stdio: "ignore" });
    const timer = Number.isFinite(msMax)
      ? setTimeout(() => started.kill("SIGKILL"), msMax)
      : undefined;
    started.on("error", reject);
    started.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}
