// What a test needs of the machine. Without it the test is skipped, and says why and what would
// bring it; with HEDDLE_FORBID_SKIPS set, as in CI, it runs and fails.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { release } from "node:os";

export type Need =
  | "root"
  | "tun"
  | "ipv6"
  | "uso"
  | "ip"
  | "ping"
  | "tshark"
  | "ethtool"
  | "chromium"
  | "runtimes"
  | "scapy"
  | "etcd"
  | "iptables"
  | "nft"
  | "cni"
  | "busybox"
  | "net-tools"
  | "brctl"
  | "traceroute"
  | "gcc"
  | "wasm2c"
  | "valgrind";

interface Check {
  readonly isThere: () => boolean;
  /** What to do about it. */
  readonly remedy: string;
}

const CHECKS: Record<Need, Check> = {
  root: { isThere: () => process.getuid?.() === 0, remedy: "run as root" },
  tun: { isThere: () => existsSync("/dev/net/tun"), remedy: "modprobe tun" },
  ipv6: { isThere: () => existsSync("/proc/sys/net/ipv6"), remedy: "a kernel with IPv6" },
  // Devices that hand UDP over before it is cut.
  uso: { isThere: () => isKernelFrom(6, 2), remedy: "Linux 6.2" },
  ip: program("iproute2", "ip", "-V"),
  ping: program("iputils-ping", "ping", "-V"),
  tshark: program("tshark", "tshark", "-v"),
  ethtool: program("ethtool", "ethtool", "--version"),
  // Debian's own Python has it, whatever else is called python3 here.
  scapy: program("python3-scapy", "/usr/bin/python3", "-c", "import scapy"),
  etcd: program("etcd-server", "etcd", "--version"),
  iptables: program("iptables", "iptables", "--version"),
  nft: program("nftables", "nft", "--version"),
  busybox: program("busybox", "busybox", "true"),
  "net-tools": program("net-tools", "ifconfig", "--version"),
  brctl: program("bridge-utils", "brctl", "--version"),
  traceroute: program("traceroute", "traceroute", "--version"),
  gcc: program("gcc libc6-dev", "gcc", "--version"),
  wasm2c: program("wabt", "wasm2c", "--version"),
  valgrind: program("valgrind", "valgrind", "--version"),
  cni: {
    isThere: () => existsSync("/usr/lib/cni/bridge"),
    remedy: "apt-get install containernetworking-plugins",
  },
  chromium: program("chromium", "chromium", "--version"),
  runtimes: {
    isThere: () => existsSync(new URL("../../test/runtimes/node_modules/node-22", import.meta.url)),
    remedy: "npm ci --prefix test/runtimes, on Linux x64",
  },
};

/** Options for `test`: skipped with a reason unless everything needed is there. */
export function need(...needs: readonly Need[]): { skip: string | false } {
  if (process.env.HEDDLE_FORBID_SKIPS) return { skip: false };
  const missing = needs.filter((what) => !CHECKS[what].isThere());
  const reasons = missing.map((what) => `${what} (${CHECKS[what].remedy})`);
  return { skip: missing.length > 0 && `needs ${reasons.join(", ")}` };
}

function program(debian: string, name: string, ...args: readonly string[]): Check {
  return {
    isThere: () => spawnSync(name, args).status === 0,
    remedy: `apt-get install ${debian}`,
  };
}

function isKernelFrom(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = release().split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
