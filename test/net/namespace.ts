// Network namespaces for tests, each with a Node process inside that calls what it is told to.
// Everything made here goes when the test ends, and what a killed run left goes with the next.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Answer } from "./inside.ts";

const run = promisify(execFile);

const PREFIX = "heddle-test-";
const INSIDE = fileURLToPath(new URL("./inside.js", import.meta.url));
const EXIT_MS = 10_000;
const OUTPUT_MAX = 1 << 28;

export interface Namespace {
  readonly name: string;
  /** `ip ARGS` inside; gives what it printed. */
  ip(...args: string[]): Promise<string>;
  /** A command inside; gives what it printed, and throws when it fails. */
  run(command: string, ...args: string[]): Promise<string>;
  /** Sets `net.ipv4.ip_forward` and the like; `sysctl` itself is not everywhere. */
  sysctl(name: string, value: number): Promise<void>;
  /** Calls an export of a module inside, in a process that lives as long as the namespace. */
  call<T>(module: URL, name: string, ...args: unknown[]): Promise<T>;
  close(): Promise<void>;
}

/** Opens a namespace of this test process. Its loopback device is up. */
export async function openNamespace(label: string): Promise<Namespace> {
  await sweep();
  const name = `${PREFIX}${process.pid}-${label}`;
  await run("ip", ["netns", "add", name]);
  await run("ip", ["-n", name, "link", "set", "lo", "up"]);
  const inside = new Inside(name);
  const exec = async (command: string, ...args: string[]): Promise<string> =>
    (await run("ip", ["netns", "exec", name, command, ...args], { maxBuffer: OUTPUT_MAX })).stdout;
  return {
    name,
    ip: async (...args) => (await run("ip", ["-n", name, ...args])).stdout,
    run: exec,
    sysctl: async (key, value) => {
      await exec("sh", "-c", `echo ${value} > /proc/sys/${key.replaceAll(".", "/")}`);
    },
    call: (module, method, ...args) => inside.call(module.href, method, args),
    close: async () => {
      await inside.close();
      await run("ip", ["netns", "delete", name]);
    },
  };
}

/** Joins two namespaces by a veth pair, each end with an address as `10.168.0.1/24`. */
export async function join(a: Namespace, aEnd: string, b: Namespace, bEnd: string): Promise<void> {
  await a.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", b.name);
  const ends: [Namespace, string][] = [
    [a, aEnd],
    [b, bEnd],
  ];
  for (const [end, address] of ends) {
    await end.ip("address", "add", address, "dev", "veth0");
    await end.ip("link", "set", "veth0", "up");
  }
}

/** Removes the namespaces of test processes that are no more. */
async function sweep(): Promise<void> {
  for (const name of namespaces()) {
    const pid = Number(name.slice(PREFIX.length).split("-")[0]);
    if (!isAlive(pid)) await run("ip", ["netns", "delete", name]).catch(() => {});
  }
}

function namespaces(): string[] {
  try {
    return readdirSync("/run/netns").filter((name) => name.startsWith(PREFIX));
  } catch {
    return []; // the folder comes with the first namespace
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The process inside, started by the first call. */
class Inside {
  readonly #namespace: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #child: ChildProcess | undefined;
  #calls = 0;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  async call<T>(module: string, name: string, args: unknown[]): Promise<T> {
    this.#child ??= this.#start();
    const id = ++this.#calls;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    // A process that is about to go no longer listens, before anybody hears that it went.
    this.#child.send({ id, module, name, args }, (error) => {
      if (error) this.#waiting.get(id)?.({ id, error });
    });
    const answer = await answered;
    if (answer.error === undefined) return answer.value as T;
    throw Object.assign(new Error(answer.error.message), answer.error);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), EXIT_MS);
    await exit;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.#namespace, process.execPath, INSIDE], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    child.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on("exit", (code, signal) => {
      const error = { message: `the process inside ended (${code ?? signal})`, name: "Error" };
      for (const [id, resolve] of this.#waiting) resolve({ id, error });
      this.#waiting.clear();
      if (this.#child === child) this.#child = undefined; // the next call starts another
    });
    return child;
  }
}
