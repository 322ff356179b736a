import { type Command, Option } from "commander";
import type { DecodeCommand } from "../decode/command.ts";
import { untilSignal } from "./signal.ts";
import { named } from "./values.ts";

export function addDecode(program: Command): void {
  program
    .command("decode")
    .showHelpAfterError("(heddle decode --help shows what there is)")
    .description("the layers of every packet of a capture, or of one packet in hex digits")
    .argument("<packets>", "a pcap or pcapng file, - for standard input, or hex digits", named)
    .addOption(linkOption())
    .option("--json", "print one JSON array and nothing else", false)
    .action(async (input: string, options: DecodeCommand, command: Command) => {
      const { decodeCommand } = await import("../decode/command.ts");
      const { isHex } = await import("../decode/source.ts");
      if (options.link !== undefined && !isHex(input)) {
        command.error("error: --link is for hex digits: a capture says its link types itself");
      }
      process.exitCode = await untilSignal((signal) => decodeCommand(input, options, signal));
    });
}

function linkOption(): Option {
  const what = "what hex digits begin with (default: ethernet)";
  return new Option("--link <type>", what).choices(["ethernet", "ip"]);
}
