// Mutants against specs, in two threads. One that does not come back in time is caught: a mutant
// that never ends is seen by everybody.
import { Worker } from "node:worker_threads";
import type { Answer, Task, Work } from "./specs.worker.ts";

const THREADS = 2;
const TASK_MS_MAX = 60_000;

/** Runs all tasks. Returns: who caught each mutant that was caught. */
export async function runTasks(work: Work, tasks: readonly Task[]): Promise<Map<number, string>> {
  const left = [...tasks];
  const caught = new Map<number, string>();
  const threads = Array.from({ length: THREADS }, async () => {
    let worker = start(work);
    for (let task = left.shift(); task !== undefined; task = left.shift()) {
      const by = await answerOf(worker, task);
      if (by !== undefined) caught.set(task.mutant, by);
      if (by !== TOO_LONG) continue;
      await worker.terminate();
      worker = start(work);
    }
    await worker.terminate();
  });
  await Promise.all(threads);
  return caught;
}

const TOO_LONG = "the clock";

function start(work: Work): Worker {
  return new Worker(new URL("./specs.worker.js", import.meta.url), { workerData: work });
}

function answerOf(worker: Worker, task: Task): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(TOO_LONG), TASK_MS_MAX);
    worker.removeAllListeners();
    worker.on("error", reject);
    worker.on("message", ({ by }: Answer) => {
      clearTimeout(timer);
      resolve(by);
    });
    worker.postMessage(task);
  });
}
