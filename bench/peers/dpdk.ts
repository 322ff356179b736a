// DPDK as a machine has it: Debian's libdpdk-dev, of which its headers are all that is used.
import { spawnSync } from "node:child_process";
import { missingCompiler } from "./c-library.ts";

const PACKAGE = "libdpdk";

/** Why nothing of DPDK can be compiled here, or undefined. */
export function missingDpdk(): string | undefined {
  const { status } = spawnSync("pkg-config", ["--exists", PACKAGE]);
  const missing = "DPDK is not installed (apt-get install pkg-config libdpdk-dev)";
  return missingCompiler() ?? (status === 0 ? undefined : missing);
}

/** What gcc is told so that it finds the headers, and has nothing to say about them. */
export function dpdkFlags(): string[] {
  const { stdout } = spawnSync("pkg-config", ["--cflags", PACKAGE]);
  const flags = stdout.toString().trim().split(/\s+/);
  return flags
    .filter((flag) => !flag.startsWith("-march"))
    .map((flag) => flag.replace(/^-I/, "-isystem"));
}
