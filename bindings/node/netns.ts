// Network namespaces and what lies in them, by `ip` and nothing else. Arguments go through
// argument arrays or standard input; there is no shell.
//
// A namespace is named heddle-PID-START-ROLE, after the process that owns it and the time when
// that process began, in clock ticks since boot: together they name a process for good. Whoever
// comes next can tell what a killed run has left behind, and removes it.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const NETNS_FOLDER = "/run/netns";
/** Longer than any of these programs takes, the wait for a lock of the packet filter's included. */
const PROGRAM_MS_MAX = 60_000;
/** What a terminal, or whoever ends a group of processes, sends to programs about to begin. */
const GROUP_SIGNALS: ReadonlySet<unknown> = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);
const STARTS_MAX = 10;
const NAME = /^heddle-(\d+)-(\d+)-[a-zA-Z0-9]+$/;

/** A command of iproute2 that failed, in its own words. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

/** Carries out `lines` of `ip` in a namespace, in order; stops at the first that fails. */
export async function ipBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await batch("ip", namespace, lines);
}

/** The same for `bridge`, which is part of iproute2. */
export async function bridgeBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await batch("bridge", namespace, lines);
}

async function batch(program: string, namespace: string, lines: readonly string[]): Promise<void> {
  // A batch has its own quoting; no word of ours needs any.
  const strange = lines.find((line) => !/^[\w.:/ -]+$/.test(line));
  if (strange !== undefined) throw new NetworkError(`not plain words: ${strange}`);
  try {
    await run(program, ["-n", namespace, "-batch", "-"], `${lines.join("\n")}\n`);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const failed = lines[Number(/Command failed -:(\d+)/.exec(said)?.[1]) - 1];
    throw new NetworkError(failed ? `${said} (${program} ${failed})` : said);
  }
}

/** Runs a program to its end and returns what it printed. */
export async function run(program: string, words: readonly string[], input = ""): Promise<string> {
  const { printed, complaint, status } = await attempt(program, words, input);
  if (status === 0) return printed;
  const said = complaint.trim().replaceAll("\n", "; ");
  throw new NetworkError(`${program}: ${said || `ended (${status})`}`);
}

/** How a program ended: by a status or a signal, and what it said on both outputs. */
export interface Attempt {
  readonly printed: string;
  readonly complaint: string;
  readonly status: number | string;
}

/**
 * Runs a program to its end, which may be a failure, or SIGKILL after a minute. Throws when there
 * is no such program.
 */
export async function attempt(
  program: string,
  words: readonly string[],
  input = "",
): Promise<Attempt> {
  for (let starts = 1; ; starts++) {
    const outcome = await start(program, words, input);
    // Until it has its session, a signal for heddle's group ends it before it is the program.
    if (!GROUP_SIGNALS.has(outcome.status) || starts === STARTS_MAX) return outcome;
  }
}

async function start(program: string, words: readonly string[], input: string): Promise<Attempt> {
  // In a session of its own: Ctrl-C is for heddle, which needs these programs to clean up.
  const limit = { timeout: PROGRAM_MS_MAX, killSignal: "SIGKILL" } as const;
  const child = spawn(program, words, { stdio: "pipe", detached: true, ...limit });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  const exited = new Promise<number | string>((resolve) =>
    child.once("close", (status, signal) => resolve(signal ?? status ?? "")),
  );
  child.stdin.on("error", () => {}); // a program that ends early says why on stderr
  child.stdin.end(input);
  const outcome = Promise.all([text(child.stdout), text(child.stderr), exited]);
  const [printed, complaint, status] = await Promise.race([outcome, failed]);
  return { printed, complaint, status };
}

/** The namespaces that this process owns. */
export class Namespaces {
  readonly #names: string[] = [];
  readonly #adding: Promise<unknown>[] = [];
  #isClosed = false;

  static nameOf(role: string): string {
    return `heddle-${process.pid}-${startTicks(process.pid)}-${role}`;
  }

  async add(role: string): Promise<string> {
    const name = Namespaces.nameOf(role);
    if (this.#isClosed) throw new NetworkError(`${name}: the network is being removed`);
    this.#names.push(name);
    const added = run("ip", ["netns", "add", name]);
    this.#adding.push(added);
    await added;
    return name;
  }

  /** Removes them and all that lies in them. Never fails; says what could not be removed. */
  async remove(): Promise<string[]> {
    this.#isClosed = true;
    await Promise.allSettled(this.#adding.splice(0)); // or one would come after its removal
    const names = this.#names.splice(0);
    await Promise.all(names.map(removeNamespace));
    const still = names.filter((name) => namespaces().includes(name)); // was busy, or late
    const left = await Promise.all(still.map(removeNamespace));
    return left.filter((name) => name !== "");
  }
}

/**
 * Removes what runs that were killed have left behind, with processes that are still inside.
 * Returns what is gone now.
 */
export async function sweepStale(): Promise<string[]> {
  const stale = namespaces().filter((name) => isStale(name));
  const left = await Promise.all(stale.map(removeNamespace));
  return stale.filter((name) => !left.includes(name));
}

/** All namespaces that are named after heddle. */
export function namespaces(): string[] {
  try {
    return readdirSync(NETNS_FOLDER).filter((name) => NAME.test(name));
  } catch {
    return []; // the folder is made with the first namespace
  }
}

/** True for what a process that is no more has named by `Namespaces.nameOf`. */
export function isStale(name: string): boolean {
  const [, pid, ticks] = NAME.exec(name) ?? [];
  return startTicks(Number(pid)) !== ticks;
}

/** When a process began: field 22 of its stat, or "" when there is no such process. */
function startTicks(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is a name in parentheses that may hold anything, so count behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isDead = fields[0] === "Z"; // killed, and its parent has not asked for it yet
    return isDead ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

/** Returns "" when the namespace is gone, else its name. */
async function removeNamespace(name: string): Promise<string> {
  try {
    for (const pid of await processesIn(name)) killProcess(pid);
    await run("ip", ["netns", "delete", name]);
    return "";
  } catch {
    return namespaces().includes(name) ? name : "";
  }
}

async function processesIn(name: string): Promise<number[]> {
  const printed = await run("ip", ["netns", "pids", name]).catch(() => "");
  return printed.split("\n").filter(Boolean).map(Number);
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has gone by itself
  }
}
