// What a test needs of the machine. Without it the test is skipped, and says why; with
// HEDDLE_FORBID_SKIPS set, as in CI, it runs and fails.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export type Need = "root" | "tun" | "ip" | "ping" | "tshark" | "ethtool";

const CHECKS: Record<Need, () => boolean> = {
  root: () => process.getuid?.() === 0,
  tun: () => existsSync("/dev/net/tun"),
  ip: () => hasProgram("ip", "-V"),
  ping: () => hasProgram("ping", "-V"),
  tshark: () => hasProgram("tshark", "-v"),
  ethtool: () => hasProgram("ethtool", "--version"),
};

/** Options for `test`: skipped with a reason unless everything needed is there. */
export function need(...needs: Need[]): { skip: string | false } {
  if (process.env.HEDDLE_FORBID_SKIPS) return { skip: false };
  const missing = needs.filter((what) => !CHECKS[what]());
  return { skip: missing.length > 0 && `needs ${missing.join(", ")}` };
}

function hasProgram(name: string, ...args: string[]): boolean {
  return spawnSync(name, args).status === 0;
}
