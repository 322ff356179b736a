import type { Command } from "commander";
import { SOCKET_FLAG, STORE_FLAGS, STORE_KIND_FLAG, UP_FLAGS } from "../agent/flags.ts";
import { socketOf, storeSettingsOf, type UpOptions } from "../agent/settings.ts";
import { addFlags, checked } from "./flags.ts";

export function addDown(program: Command): void {
  const command = program
    .command("down")
    .showHelpAfterError("(heddle down --help shows what there is)")
    .description(
      "ends the agent, and takes away its device, routes, rules and subnet.env; the lease too, " +
        "with --release",
    );
  const release = UP_FLAGS.filter(({ name }) => name === "release" || name === "net-config-path");
  const flags = [...release, ...STORE_FLAGS, STORE_KIND_FLAG, SOCKET_FLAG];
  addFlags(command, flags, process.env).action(async (options: UpOptions) => {
    const store = checked(command, () => storeSettingsOf(options));
    const socket = options.socket || socketOf(store.prefix);
    const { downCommand } = await import("../agent/down-command.ts");
    process.exitCode = await downCommand({ socket, releases: options.release, store });
  });
}
