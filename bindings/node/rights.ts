// What a demo on real devices needs, and in what words it says that something is missing.
import { constants } from "node:fs";
import { access, open, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { Namespaces, NetworkError } from "./netns.ts";

export interface Needs {
  /** A TAP or TUN device. */
  readonly needsTun: boolean;
  readonly needsEthtool: boolean;
}

// Bits of CapEff (capabilities(7)).
const CAPABILITIES: Readonly<Record<string, bigint>> = {
  CAP_NET_ADMIN: 12n,
  CAP_NET_RAW: 13n,
  CAP_SYS_ADMIN: 21n,
};

/** One sentence for each thing that is missing; empty when all is there. */
export async function missingRights(needs: Needs): Promise<string[]> {
  if (process.platform !== "linux") return [`this is ${process.platform}, and it takes Linux`];
  const found = await Promise.all([
    missingCapabilities(),
    missingProgram("ip", "iproute2"),
    needs.needsEthtool ? missingProgram("ethtool", "ethtool") : "",
    needs.needsTun ? missingTun() : "",
    missingSettings(),
  ]);
  const sentences = found.filter((sentence) => sentence !== "");
  if (sentences.length > 0) return sentences;
  const refused = await refusedNamespace();
  return refused === "" ? [] : [`the right to make network namespaces: ${refused}`];
}

async function missingCapabilities(): Promise<string> {
  const status = await readFile("/proc/self/status", "latin1");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const names = Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((effective >> bit) & 1n) === 0n)
    .map(([name]) => name);
  if (names.length === 0) return "";
  const who = process.geteuid?.() === 0 ? "root without" : "not root, without";
  return `the right to make network namespaces: this is ${who} ${names.join(", ")}`;
}

/** A container may have every capability and still refuse to mount what a namespace takes. */
async function refusedNamespace(): Promise<string> {
  const namespaces = new Namespaces();
  try {
    await namespaces.add("trial");
    return "";
  } catch (error) {
    if (error instanceof NetworkError) return error.message;
    throw error;
  } finally {
    await namespaces.remove();
  }
}

/** Containers often have /proc/sys read-only; then no host in them can forward. */
async function missingSettings(): Promise<string> {
  try {
    await access("/proc/sys/net/ipv4/ip_forward", constants.W_OK);
    return "";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "EROFS" ? "write access to /proc/sys/net: it is mounted read-only" : "";
  }
}

async function missingProgram(program: string, packageName: string): Promise<string> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const isThere = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return "";
  }
  return `the program \`${program}\`: apt-get install ${packageName}`;
}

async function missingTun(): Promise<string> {
  try {
    await (await open("/dev/net/tun", "r+")).close();
    return "";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENXIO" || code === "ENODEV") {
      return "the TUN driver, /dev/net/tun: modprobe tun";
    }
    return `access to /dev/net/tun (${code})`;
  }
}
