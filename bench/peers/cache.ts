// Where peers are built: outside of the checkout, a folder for each, kept for the next time.
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder of the cache. */
export function cacheOf(name: string): string {
  const folder = join(tmpdir(), "heddle-bench-peers", name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The sources of a peer: bench/peers/NAME. */
export function sourcesOf(name: string): string {
  return fileURLToPath(new URL(`../../../bench/peers/${name}/`, import.meta.url));
}
