// Go modules in a process of their own: bench/peers/go. It is given a task and a file, and answers
// each line with what a round took.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineProcess } from "../line-process.ts";
import { cacheOf, sourcesOf } from "./cache.ts";

/** Why no Go can be compiled here, or undefined. */
export function missingGo(): string | undefined {
  const { status } = spawnSync("go", ["version"]);
  return status === 0 ? undefined : "Go is not installed (https://go.dev/dl)";
}

/** What a round found, and what it took. */
export interface GoRound {
  readonly found: number;
  readonly nsEach: number;
}

export class GoProcess {
  readonly #folder: string;
  readonly #process: LineProcess;

  /** Starts `task` on these bytes. */
  constructor(task: string, input: Uint8Array) {
    this.#folder = mkdtempSync(join(tmpdir(), "heddle-bench-go-"));
    const file = join(this.#folder, "input");
    writeFileSync(file, input);
    this.#process = new LineProcess(build(), [task, file]);
  }

  /** Runs the task for a round. */
  async round(): Promise<GoRound> {
    const answer = await this.#process.ask("");
    const [found = Number.NaN, nsEach = Number.NaN] = answer.split(" ").map(Number);
    return { found, nsEach };
  }

  async close(): Promise<void> {
    await this.#process.close();
    rmSync(this.#folder, { recursive: true });
  }
}

function build(): string {
  const program = join(cacheOf("go"), "heddle-peers");
  const env = { ...process.env, GOFLAGS: "-mod=readonly" };
  const cwd = sourcesOf("go");
  execFileSync("go", ["build", "-o", program, "."], { cwd, env, stdio: "inherit" });
  return program;
}
