// `heddle capture`: the packets of a running agent's node, with what became of them.
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { askForBytes } from "../agent/control-client.ts";
import { socketOf } from "../agent/settings.ts";
import { addSocketFlags } from "./ask.ts";
import { WholeBlocks } from "./blocks.ts";
import { between, named, wholeBetween } from "./values.ts";

interface CaptureCommand {
  readonly seconds?: number;
  readonly snaplen: number;
  readonly socket: string;
  readonly etcdPrefix: string;
}

const DAY_SECONDS = 86_400;
const SNAP_LEN_MIN = 64;
const SNAP_LEN_MAX = 262_144;

export function addCapture(program: Command): void {
  const command = program
    .command("capture")
    .showHelpAfterError("(heddle capture --help shows what there is)")
    .description(
      "what passes through the core, as pcapng: each packet as it came in and as it went on, " +
        "and of each that was dropped the reason as a comment",
    )
    .argument("[file]", "where to, - for standard output", named, "-")
    .option("--seconds <number>", "how long; else until Ctrl-C", between(0.1, DAY_SECONDS))
    .option(
      "--snaplen <bytes>",
      "of each packet at most",
      wholeBetween(SNAP_LEN_MIN, SNAP_LEN_MAX),
      SNAP_LEN_MAX,
    );
  addSocketFlags(command).action(async (file: string, options: CaptureCommand) => {
    process.exitCode = await captureCommand(file, options);
  });
}

/** Returns the exit status. Ctrl-C is how a capture ends. */
async function captureCommand(file: string, options: CaptureCommand): Promise<number> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  try {
    const socket = options.socket || socketOf(options.etcdPrefix);
    const bytes = await askForBytes(socket, questionOf(options));
    stop.signal.addEventListener("abort", () => bytes.destroy());
    const chunks = untilAborted(bytes, stop.signal);
    await pipeline(chunks, new WholeBlocks(), outputOf(file), { end: file !== "-" });
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0; // who read it has seen enough
    process.stderr.write(`heddle capture: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

async function* untilAborted(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function outputOf(file: string): Writable {
  return file === "-" ? process.stdout : createWriteStream(file);
}

function questionOf({ seconds, snaplen }: CaptureCommand): string {
  const query = new URLSearchParams({ snaplen: String(snaplen) });
  if (seconds !== undefined) query.set("seconds", String(seconds));
  return `/capture?${query}`;
}
