// `heddle cni`, for who has no `heddle-cni` at hand.
import type { Command } from "commander";
import { runCni } from "./run.ts";

/** Adds `heddle cni` to the command line. */
export function addCni(program: Command): void {
  program
    .command("cni")
    .showHelpAfterError("(heddle cni --help shows what there is)")
    .description("the CNI plugin, as a runtime calls it: CNI_COMMAND, and a config on stdin")
    .action(async () => {
      process.exitCode = await runCni();
    });
}
