// The suites want fast-check, which only this command does: nothing of them is loaded before.
import type { Command } from "commander";
import { type FuzzCommand, fuzzCommand } from "../fuzz.ts";
import { between, wholeBetween } from "./values.ts";

const WEEK_SECONDS = 604800;
const SEED_MAX = 0x7fffffff;

export function addFuzz(program: Command): void {
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
