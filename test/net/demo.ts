// Runs `heddle` as a person would, and looks for what it leaves behind.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DemoReport } from "../../bindings/node/index.ts";

const CLI: string = fileURLToPath(new URL("../../bindings/node/cli.js", import.meta.url));
const NETNS_FOLDER = "/run/netns";
const MARK = "HEDDLE_TEST_MARK";
const DEADLINE_MS = 120_000;
/** A killed process needs a moment to be gone, on a busy machine a long one. */
const GONE_MS = 10_000;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Namespaces and processes of this run that are still there. */
  readonly left: readonly string[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs node in its own way. */
  readonly through?: readonly string[];
}

/** A run of the command, under way. */
export class Run {
  readonly child: ChildProcess;
  readonly #mark: string = randomUUID();
  readonly #closed: Promise<unknown>;
  #hasEnded = false;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], options: RunOptions = {}) {
    const words = [...(options.through ?? []), process.execPath, CLI, ...args];
    const [program = "", ...rest] = words;
    const env = { ...process.env, ...options.env, [MARK]: this.#mark };
    this.child = spawn(program, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => this.child.kill("SIGKILL"), DEADLINE_MS);
    this.#closed = once(this.child, "close").finally(() => {
      this.#hasEnded = true;
      clearTimeout(timer);
    });
    this.child.stdout?.on("data", (text) => {
      this.#stdout += text;
    });
    this.child.stderr?.on("data", (text) => {
      this.#stderr += text;
    });
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async outcome(): Promise<Outcome> {
    await this.#closed;
    const left = [...this.namespaces(), ...(await this.processesAfter())];
    return { status: this.child.exitCode, stdout: this.#stdout, stderr: this.#stderr, left };
  }

  /** Waits until what it printed so far matches; throws when it ends before. */
  async says(pattern: RegExp): Promise<void> {
    await this.until(() => pattern.test(this.#stdout));
  }

  /** Waits until something is so; throws when the run ends before. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#hasEnded) throw new Error(`it ended: ${this.#stdout}${this.#stderr}`);
      await sleep(5);
    }
  }

  namespaces(): string[] {
    return namespacesOf(this.child.pid ?? 0);
  }

  /** Its processes that are still there after a while, by their command lines. */
  async processesAfter(): Promise<string[]> {
    for (const end = performance.now() + GONE_MS; ; await sleep(20)) {
      const found = marked(this.#mark);
      if (found.length === 0 || performance.now() >= end) return found;
    }
  }
}

export async function heddle(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Run(args, options).outcome();
}

/** Runs the demo with --json and gives its document too. */
export async function demo(...args: string[]): Promise<Outcome & { report: DemoReport }> {
  const outcome = await heddle(["demo", "--json", "--mode", "netns", ...args]);
  if (outcome.stdout === "") throw new Error(`no document: ${outcome.stderr}`);
  return { ...outcome, report: JSON.parse(outcome.stdout) };
}

function namespacesOf(pid: number): string[] {
  try {
    return readdirSync(NETNS_FOLDER).filter((name) => name.startsWith(`heddle-${pid}-`));
  } catch {
    return []; // the folder comes with the first namespace
  }
}

/** The environment of a process is handed down to all that it starts. */
function marked(mark: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const isOurs = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${MARK}=${mark}`);
      return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")] : [];
    } catch {
      return []; // gone in the meantime, or not ours to read
    }
  });
}
