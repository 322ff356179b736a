// Packages of npm that do the same work: bench/peers/npm, installed into the cache by its lock.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cacheOf, sourcesOf } from "./cache.ts";

const FILES = ["package.json", "package-lock.json"];

/** ip-packet: one IPv4 header, its addresses as text. */
export interface IpPacket {
  decode(state: { readonly buffer: Uint8Array; start: number; end: number }): {
    readonly length: number;
  };
}

/** longest-prefix-match: prefixes as text, and what belongs to them. */
export interface PrefixMatch {
  addPrefix(prefix: string, data: number): void;
  getMatch(prefix: string): readonly number[];
}

export interface NpmPeers {
  readonly ipPacket: IpPacket;
  readonly PrefixMatch: new () => PrefixMatch;
}

/** Why they cannot be installed, or undefined once they are. */
export function missingNpm(): string | undefined {
  try {
    openNpm();
    return undefined;
  } catch {
    return "npm ci could not install bench/peers/npm";
  }
}

/** Installs them when they are not there yet. */
export function openNpm(): NpmPeers {
  const folder = cacheOf("npm");
  for (const file of FILES) copyFileSync(join(sourcesOf("npm"), file), join(folder, file));
  if (!existsSync(join(folder, "node_modules"))) {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  const require = createRequire(join(folder, "package.json"));
  return { ipPacket: require("ip-packet"), PrefixMatch: require("longest-prefix-match") };
}
