#!/usr/bin/env node
// The command `heddle`. Exit status: 0 when the thing asked for happened, 1 when it did not, 2 for
// a command line that makes no sense, 128 and the signal's number after a signal.
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type DemoCommand, demoCommand } from "./command.ts";
import { type DecodeCommand, decodeCommand } from "./decode/command.ts";
import { isHex } from "./decode/source.ts";
import { type FuzzCommand, fuzzCommand } from "./fuzz.ts";

const SECONDS_MAX = 3600;
const PINGS_MAX = 10_000;
const ROUNDS_MAX = 100;
const WEEK_SECONDS = 604800;
const SEED_MAX = 0x7fffffff;
const STATUS_MISUSE = 2;

function heddle(): Command {
  const program = new Command("heddle")
    .description("an overlay network whose datapath is a WebAssembly core")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(heddle --help shows what there is)");
  program
    .command("demo")
    .showHelpAfterError("(heddle demo --help shows what there is)")
    .description("two hosts and a container on each: ping, a TCP stream, and what it cost")
    .addOption(choice("--backend <name>", "how packets travel", ["vxlan", "udp"]))
    .addOption(choice("--peer <whose>", "the second host's tunnel", ["heddle", "kernel"]))
    .addOption(choice("--mode <mode>", "where it happens", ["auto", "netns", "memory"]))
    .option("--seconds <number>", "of the TCP stream", between(0.1, SECONDS_MAX), 5)
    .option("--pings <number>", "in each direction", wholeBetween(1, PINGS_MAX), 20)
    .option("--rounds <number>", "of the comparison, 0: none", wholeBetween(0, ROUNDS_MAX), 3)
    .option("--pcap <file>", "write what the hosts send each other, as pcapng", named)
    .option("--json", "print one JSON document and nothing else", false)
    .action(async (options: DemoCommand, command: Command) => {
      const conflict = conflictOf(options);
      if (conflict) command.error(`error: ${conflict}`);
      process.exitCode = await untilSignal((signal) => demoCommand(options, signal));
    });
  program
    .command("decode")
    .showHelpAfterError("(heddle decode --help shows what there is)")
    .description("the layers of every packet of a capture, or of one packet in hex digits")
    .argument("<packets>", "a pcap or pcapng file, - for standard input, or hex digits", named)
    .addOption(linkOption())
    .option("--json", "print one JSON array and nothing else", false)
    .action(async (input: string, options: DecodeCommand, command: Command) => {
      if (options.link !== undefined && !isHex(input)) {
        command.error("error: --link is for hex digits: a capture says its link types itself");
      }
      process.exitCode = await untilSignal((signal) => decodeCommand(input, options, signal));
    });
  addFuzz(program);
  return program;
}

// The suites want fast-check, which only this command does: nothing of them is loaded before.
function addFuzz(program: Command): void {
  program
    .command("fuzz")
    .showHelpAfterError("(heddle fuzz --help shows what there is)")
    .description("the property suites, on this machine; needs fast-check beside heddle")
    .option("--seconds <number>", "how long, in all", between(0.1, WEEK_SECONDS), 60)
    .option("--seed <number>", "of an earlier run", wholeBetween(0, SEED_MAX))
    .option("--suite <name>", "one suite, or one law of it: fdb, fdb/commands")
    .option("--path <number>", "begins at that input of the seed", wholeBetween(0, SEED_MAX))
    .option("--list", "name the suites and their laws, and run nothing", false)
    .action(async (options: FuzzCommand) => {
      process.exitCode = await fuzzCommand(options);
    });
}

function linkOption(): Option {
  const what = "what hex digits begin with (default: ethernet)";
  return new Option("--link <type>", what).choices(["ethernet", "ip"]);
}

function choice(flags: string, description: string, values: [string, ...string[]]): Option {
  return new Option(flags, description).choices(values).default(values[0]);
}

function conflictOf({ backend, mode, peer }: DemoCommand): string {
  if (peer !== "kernel") return "";
  if (backend === "udp") return "--peer kernel takes --backend vxlan: the kernel has no other";
  return mode === "memory" ? "--peer kernel takes devices, and --mode memory has none" : "";
}

function named(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It must name a file.");
}

function between(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

function wholeBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Runs `work` to its end; SIGINT and SIGTERM abort it, and it is still waited for. */
async function untilSignal(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let status = 0;
  const stop = (name: "SIGINT" | "SIGTERM" | "SIGHUP"): void => {
    status ||= 128 + constants.signals[name];
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop);
  // A reader that has gone away, or a full disk, must not cost the clean-up.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    const reason = error.code === "EPIPE" ? "nobody reads the output" : `output: ${error.message}`;
    controller.abort(new Error(reason));
  });
  process.stderr.on("error", () => {}); // then nobody can be told
  const outcome = await work(controller.signal);
  return status || outcome;
}

function packageVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

try {
  await heddle().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : STATUS_MISUSE;
}
