import type { Command } from "commander";
import { SOCKET_FLAG, STORE_FLAGS, STORE_KIND_FLAG, UP_FLAGS } from "../agent/flags.ts";
import { SettingsError, type StoreOptions, socketOf, storeSettingsOf } from "../agent/settings.ts";
import { addFlags } from "./flags.ts";
import { wholeBetween } from "./values.ts";

interface DoctorOptions extends StoreOptions {
  readonly subnetFile: string;
  readonly socket: string;
  readonly publicIp: string;
  readonly iface: readonly string[];
  readonly probes: number;
  readonly json: boolean;
}

const PROBES_MAX = 10_000;
const HOST_FLAGS: ReadonlySet<string> = new Set(["iface", "public-ip", "subnet-file"]);

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .showHelpAfterError("(heddle doctor --help shows what there is)")
    .description(
      "compares this host with what the leases imply, and names what is missing, stale or " +
        "contradictory, with the commands that mend it; flanneld's hosts as well as heddle's",
    )
    .option("--json", "print one JSON document and nothing else", false)
    .option(
      "--probes <number>",
      "how many peers to ping for the path's MTU",
      wholeBetween(0, PROBES_MAX),
      8,
    );
  const hostFlags = UP_FLAGS.filter(({ name }) => HOST_FLAGS.has(name));
  addFlags(command, [...STORE_FLAGS, STORE_KIND_FLAG, ...hostFlags, SOCKET_FLAG], process.env);
  command.action(async (options: DoctorOptions) => {
    const store = checked(command, options);
    const { subnetFile, socket, publicIp, iface, probes, json } = options;
    const { doctorCommand } = await import("../doctor/command.ts");
    process.exitCode = await doctorCommand({
      ...{ store, subnetFile, probedPeers: probes, printsJson: json },
      socket: socket || socketOf(store.prefix),
      publicIp: publicIp || null,
      iface: iface[0] ?? null,
    });
  });
}

function checked(command: Command, options: DoctorOptions): ReturnType<typeof storeSettingsOf> {
  try {
    const settings = storeSettingsOf(options);
    if (settings.kind !== "memory") return settings;
    throw new SettingsError("--store memory: nobody but the agent itself can look into it");
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}
