// `heddle decode`: the layers of every packet, as a tree or as JSON. What could be read is printed;
// what could not is told on standard error.
import { openCore } from "../../core/index.ts";
import { CaptureError, type LinkType } from "../../lab/index.ts";
import { documentOf } from "./document.ts";
import { type Findings, findingsOf, printError } from "./findings.ts";
import { Output } from "./output.ts";
import { isHex, nameOf, type Specimen, specimenOf, specimensOf } from "./source.ts";
import { treeOf } from "./tree.ts";

export interface DecodeCommand {
  /** Of a packet in hex. */
  readonly link?: LinkType;
  readonly json: boolean;
}

/** Prints what `input` holds. Returns the exit status: 0 when all of it was read. */
export async function decodeCommand(
  input: string,
  options: DecodeCommand,
  signal: AbortSignal,
): Promise<number> {
  const printing = new Printing(new Output(process.stdout, signal), options.json);
  const failures: string[] = [];
  try {
    const core = await openCore();
    for await (const specimen of sourceOf(input, options)) {
      await printing.print(findingsOf(core, specimen));
    }
  } catch (error) {
    failures.push(signal.aborted ? messageOf(signal.reason) : complaintOf(error, nameOf(input)));
  }
  try {
    if (!signal.aborted) await printing.end();
  } catch (error) {
    failures.push(messageOf(signal.aborted ? signal.reason : error));
  }
  failures.push(...printing.failures());
  for (const failure of failures) process.stderr.write(`heddle decode: ${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

function sourceOf(
  input: string,
  { link = "ethernet" }: DecodeCommand,
): Iterable<Specimen> | AsyncIterable<Specimen> {
  return isHex(input) ? [specimenOf(input, link)] : specimensOf(input);
}

/** The packets as they come, and what is to be said of them behind the last. */
class Printing {
  readonly #output: Output;
  readonly #isJson: boolean;
  #count = 0;
  #brokenCount = 0;
  #firstBroken = "";

  constructor(output: Output, isJson: boolean) {
    this.#output = output;
    this.#isJson = isJson;
  }

  async print(findings: Findings): Promise<void> {
    const { error, specimen } = findings;
    const before = this.#count === 0 ? "[\n" : ",\n";
    await this.#output.write(this.#isJson ? before + documentOf(findings) : treeOf(findings));
    this.#count += 1;
    if (error === undefined) return;
    if (this.#brokenCount === 0)
      this.#firstBroken = `packet ${specimen.index}: ${printError(error)}`;
    this.#brokenCount += 1;
  }

  async end(): Promise<void> {
    if (this.#isJson) await this.#output.write(this.#count === 0 ? "[]\n" : "\n]\n");
    await this.#output.flush();
  }

  failures(): string[] {
    if (this.#brokenCount === 0) return [];
    const count = `${this.#brokenCount} of ${this.#count} packets`;
    return [`${count} could not be read to the end; the first is ${this.#firstBroken}`];
  }
}

function complaintOf(error: unknown, name: string): string {
  if (error instanceof CaptureError) {
    const { at, expected, found } = error;
    return `${name}: broken at byte ${at}: found ${found}, expected ${expected}`;
  }
  if ((error as NodeJS.ErrnoException).code === "EISDIR") return `${name}: a folder, not a capture`;
  if (isMissing(error, name)) return `${name}: no such file, and not a packet in hex digits`;
  return `${name}: ${messageOf(error)}`;
}

function isMissing(error: unknown, file: string): boolean {
  const { code, path } = error as NodeJS.ErrnoException;
  return code === "ENOENT" && path === file;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
