// A program that answers each line that it is given with a line, and ends with its input.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

export class LineProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(program: string, args: readonly string[]) {
    this.#name = program;
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("a process without output");
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#name} ended before it answered`);
    return value;
  }

  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    this.#child.stdin?.end();
    if (exitCode === null && signalCode === null) {
      await new Promise((resolve) => this.#child.once("exit", resolve));
    }
    this.#reader.close();
  }
}
