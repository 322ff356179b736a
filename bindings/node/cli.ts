#!/usr/bin/env node
// The command `heddle`. Exit status: 0 when the thing asked for happened, 1 when it did not, 2 for
// a command line that makes no sense, 128 and the signal's number after a signal.
import { Command, CommanderError } from "commander";
import { addQuestions } from "./cli/ask.ts";
import { addCapture } from "./cli/capture.ts";
import { addDecode } from "./cli/decode.ts";
import { addDemo } from "./cli/demo.ts";
import { addDoctor } from "./cli/doctor.ts";
import { addDown } from "./cli/down.ts";
import { addFuzz } from "./cli/fuzz.ts";
import { addLab } from "./cli/lab.ts";
import { addUp } from "./cli/up.ts";
import { packageVersion } from "./cli/version.ts";
import { fromGo } from "./cli/words.ts";
import { addCni } from "./cni/command.ts";
import { addDockerOpts } from "./docker-opts.ts";

const STATUS_MISUSE = 2;

const COMMANDS = [
  addUp,
  addDown,
  addQuestions,
  addCapture,
  addDoctor,
  addDockerOpts,
  addCni,
  addDemo,
  addDecode,
  addFuzz,
  addLab,
];

function heddle(): Command {
  const program = new Command("heddle")
    .description("an overlay network whose datapath is a WebAssembly core")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(heddle --help shows what there is)");
  for (const add of COMMANDS) add(program);
  return program;
}

try {
  await heddle().parseAsync(fromGo(process.argv.slice(2)), { from: "user" });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : STATUS_MISUSE;
}
