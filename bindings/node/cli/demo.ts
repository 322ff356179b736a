import { type Command, InvalidArgumentError } from "commander";
import type { DemoCommand } from "../command.ts";
import { untilSignal } from "./signal.ts";
import { between, choice, named, wholeBetween } from "./values.ts";

const SECONDS_MAX = 3600;
const PINGS_MAX = 10_000;
const ROUNDS_MAX = 100;

export function addDemo(program: Command): void {
  program
    .command("demo")
    .showHelpAfterError("(heddle demo --help shows what there is)")
    .description("two hosts and a container on each: ping, a TCP stream, and what it cost")
    .addOption(choice("--backend <name>", "how packets travel", ["vxlan", "udp", "host-gw"]))
    .addOption(choice("--peer <whose>", "the second host's tunnel", ["heddle", "kernel"]))
    .addOption(choice("--datapath <name>", "what carries VXLAN", ["wasm", "kernel"]))
    .option("--store <store>", "of the leases: memory, file:PATH or etcd", storeOf, "memory")
    .addOption(choice("--mode <mode>", "where it happens", ["auto", "netns", "memory"]))
    .option("--seconds <number>", "of the TCP stream", between(0.1, SECONDS_MAX), 5)
    .option("--pings <number>", "in each direction", wholeBetween(1, PINGS_MAX), 20)
    .option("--rounds <number>", "of the comparison, 0: none", wholeBetween(0, ROUNDS_MAX), 3)
    .option("--pcap <file>", "write what the hosts send each other, as pcapng", named)
    .option("--json", "print one JSON document and nothing else", false)
    .action(async (options: DemoCommand, command: Command) => {
      const conflict = conflictOf(options);
      if (conflict) command.error(`error: ${conflict}`);
      const { demoCommand } = await import("../command.ts");
      const status = await untilSignal((signal) => demoCommand(options, signal));
      // A process that ends by itself takes its signal handlers down first, and a second Ctrl-C
      // would find it without: its status would be the signal's, as if something were left.
      process.exit(status);
    });
}

function conflictOf({ backend, datapath, mode, peer }: DemoCommand): string {
  const isMemory = mode === "memory";
  if (backend === "host-gw" && isMemory) {
    return "--backend host-gw takes devices, and --mode memory has none";
  }
  if (peer === "kernel" || datapath === "kernel") {
    const flag = peer === "kernel" ? "--peer kernel" : "--datapath kernel";
    if (backend !== "vxlan") return `${flag} takes --backend vxlan: the kernel has no other`;
    if (isMemory) return `${flag} takes devices, and --mode memory has none`;
  }
  return "";
}

function storeOf(text: string): string {
  if (text === "memory" || text === "etcd" || /^file:./.test(text)) return text;
  throw new InvalidArgumentError("It must be memory, file:PATH or etcd.");
}
