// Go modules in a process of their own: bench/peers/go. It is given a task and a file, answers each
// line with what a round took, and ends with its input.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
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
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  /** Starts `task` on these bytes. */
  constructor(task: string, input: Uint8Array) {
    this.#folder = mkdtempSync(join(tmpdir(), "heddle-bench-go-"));
    const file = join(this.#folder, "input");
    writeFileSync(file, input);
    this.#child = spawn(build(), [task, file], { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("a process without output");
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Runs the task for a round. */
  async round(): Promise<GoRound> {
    this.#child.stdin?.write("\n");
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the Go peer ended");
    const [found = Number.NaN, nsEach = Number.NaN] = value.split(" ").map(Number);
    return { found, nsEach };
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await new Promise((resolve) => this.#child.once("exit", resolve));
    this.#reader.close();
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
