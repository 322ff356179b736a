import { type Command, InvalidArgumentError, Option } from "commander";
import type { LabCommand } from "../lab/command.ts";
import { untilSignal } from "./signal.ts";
import { choice, named, wholeBetween } from "./values.ts";

const PORT_MAX = 65_535;

/** What is printed in place of a run's report: one of them. */
const FORMS: readonly (keyof LabCommand)[] = ["json", "step", "show", "mermaid", "exportNetns"];

export function addLab(program: Command): void {
  program
    .command("lab")
    .showHelpAfterError("(heddle lab --help shows what there is)")
    .description("container networks in memory, packet by packet: run one, or all, or see the page")
    .argument("[scenario]", "its name, or all: run every one and tell which keep their word")
    .option("--list", "the scenarios, and what each shows", false)
    .option("--step", "walk hop by hop: Enter, b, q; without a terminal, print every step", false)
    .option(
      "--pcap <file>",
      "write what was seen at all devices, as pcapng; - is the output",
      named,
    )
    .option("--json", "print the whole run as one JSON document and nothing else", false)
    .addOption(
      new Option("--seed <number>", "of all chance: equal seeds give equal bytes")
        .argParser(seedOf)
        .default(1n, "1"),
    )
    .option("--variant <name>", "another form of the scenario; --list has them", named)
    .option(
      '--show <"namespace command">',
      'print a listing as it is there, as in "node1 ip route"; "3.4 node1 ip neigh" is at hop 4 ' +
        "of packet 3",
      several,
      [],
    )
    .option("--export-netns", "print the script that builds it in namespaces of the kernel", false)
    .option("--mermaid", "print the topology as a Mermaid flowchart", false)
    .option(
      '--edit <"namespace command">',
      'change a table first, as in "node1 ip route del default"; with a hop as --show has it, then',
      several,
      [],
    )
    .option("--fix", "mend what a drill has broken", false)
    .addOption(choice("--lang <language>", "of sentences", ["en", "zh"]))
    .option("--serve", "show the page of the lab", false)
    .option("--port <number>", "of --serve (default: 8080, or any)", wholeBetween(0, PORT_MAX))
    .option("--host <address>", "that --serve listens on", named, "127.0.0.1")
    .action(async (name: string | undefined, options: LabCommand, command: Command) => {
      const conflict = conflictOf(name, options);
      if (conflict !== "") command.error(`error: ${conflict}`);
      const { labCommand } = await import("../lab/command.ts");
      process.exitCode = await untilSignal((signal) => labCommand(name, options, signal));
    });
}

function conflictOf(name: string | undefined, options: LabCommand): string {
  const { list, serve, pcap, port, fix, edit, variant } = options;
  const forms = FORMS.filter((form) => isAsked(options, form)).map(flagOf);
  const [first, second] = [...forms, ...(list ? ["--list"] : []), ...(serve ? ["--serve"] : [])];
  if (second !== undefined) return `${first} and ${second} print different things`;
  if (pcap === "-" && first !== undefined) return `--pcap - and ${first} share the output`;
  if (port !== undefined && !serve) return "--port is for --serve";
  const isOne = name !== undefined && name !== "all";
  const own = [...forms, ...(pcap ? ["--pcap"] : []), ...(fix ? ["--fix"] : [])];
  const asked = [...own, ...(edit.length > 0 ? ["--edit"] : []), ...(variant ? ["--variant"] : [])];
  if (asked[0] !== undefined && !isOne) return `${asked[0]} takes the name of one scenario`;
  if (name === undefined && !list && !serve) return "a scenario, all, --list or --serve is missing";
  return name !== undefined && (list || serve) ? `${first} takes no scenario` : "";
}

function isAsked(options: LabCommand, form: keyof LabCommand): boolean {
  const value = options[form];
  return Array.isArray(value) ? value.length > 0 : value === true;
}

function flagOf(form: string): string {
  return `--${form.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function seedOf(text: string): bigint {
  if (/^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n) return BigInt(text);
  throw new InvalidArgumentError("It must be a whole number below 2 to the 64.");
}

function several(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
