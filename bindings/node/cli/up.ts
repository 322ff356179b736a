import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";
import { UP_FLAGS } from "../agent/flags.ts";
import { settingsOf, type UpOptions } from "../agent/settings.ts";
import { addFlags, checked } from "./flags.ts";
import { packageVersion } from "./version.ts";

export function addUp(program: Command): void {
  const command = program
    .command("up")
    .showHelpAfterError("(heddle up --help shows what there is)")
    .description(
      "joins a flannel network. The flags are flanneld's, with one dash or two; each has a twin " +
        "in the environment, FLANNELD_IP_MASQ for --ip-masq",
    );
  addFlags(command, UP_FLAGS, process.env).action(async (options: UpOptions) => {
    if (options.version) {
      process.stderr.write(`${packageVersion()}\n`); // where flanneld has it
      return;
    }
    const settings = checked(command, () => settingsOf(options));
    favorSize();
    const { dryCommand, upCommand } = await import("../agent/command.ts");
    if (options.dryRun) process.exitCode = await dryCommand(settings);
    // All is closed by now, but for what gRPC began: a server that says nothing holds the process
    // for as long as the kernel tries to connect, two minutes and more.
    else process.exit(await upCommand(settings));
  });
}

/** An agent allocates little and runs for long: what V8 takes to be quick at first, it keeps. */
function favorSize(): void {
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--semi-space-growth-factor=1");
}
