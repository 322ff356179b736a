// The parent's side of an endpoint process.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Order, Orders } from "./endpoint.ts";

type Argument<Name extends keyof Orders> = Parameters<Orders[Name]>;
type Value<Name extends keyof Orders> = Awaited<ReturnType<Orders[Name]>>;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

const PROGRAM = fileURLToPath(new URL("./endpoint.js", import.meta.url));
const LEAVE_TIMEOUT_MS = 1500;

/** A process inside a namespace that does what it is told. */
export class Member {
  readonly name: string;
  readonly ready: Promise<unknown>;
  /** Settles when the process is gone, with how it went. */
  readonly ended: Promise<Error>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #orderCount = 0;
  #complaint = "";

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(this.#end(error.message)));
      child.once("exit", (status, signal) => {
        const settle = (): void => resolve(this.#end(`ended (${signal ?? status})`));
        if (!child.stderr || child.stderr.closed) settle();
        else child.stderr.once("close", settle); // its last words may still be on their way
      });
    });
    child.stderr?.on("data", (text) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-2000);
    });
    child.on("message", (answer: Answer) => this.#settle(answer));
    this.ready = this.#await(0);
    this.ready.catch(() => {}); // the one who waits for it hears of it
  }

  /** Starts the process; `ready` settles when it listens. */
  static spawn(namespace: string, name: string): Member {
    const words = ["netns", "exec", namespace, process.execPath, PROGRAM];
    const stdio = ["ignore", "ignore", "pipe", "ipc"] as const;
    // In a session of its own: what Ctrl-C means is for the parent to decide.
    return new Member(name, spawn("ip", words, { stdio: [...stdio], detached: true }));
  }

  call<Name extends keyof Orders>(name: Name, ...argument: Argument<Name>): Promise<Value<Name>> {
    const number = ++this.#orderCount;
    const order: Order = { number, name, argument: argument[0] };
    const answer = this.#await<Value<Name>>(number);
    this.#child.send(order, (error) => error && this.#end(error.message));
    return answer;
  }

  /** Ends the process: it is asked first. */
  async leave(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  #await<T>(number: number): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
    });
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.number);
    this.#pending.delete(answer.number);
    if ("error" in answer) pending?.reject(new Error(`${this.name}: ${answer.error}`));
    else pending?.resolve(answer.value as never);
  }

  /** No answer will come any more. */
  #end(reason: string): Error {
    const complaint = this.#complaint.trim();
    const error = new Error(`${this.name}: ${reason}${complaint && `: ${complaint}`}`);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    return error;
  }
}
