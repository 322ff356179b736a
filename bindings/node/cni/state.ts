// What each container was added with, one file a container: it is taken away with the same, even
// when the node's subnet is another by then. Files and folder are as flannel's plugin has them, so
// either can take away what the other has added.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DelegateConfig } from "./delegate.ts";
import { ioError } from "./error.ts";
import { isObject } from "./request.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Requires: `containerId` is a name that CNI allows, as everywhere in here. Throws CniError. */
export async function saveState(
  dataDir: string,
  containerId: string,
  config: DelegateConfig,
): Promise<void> {
  const path = join(dataDir, containerId);
  // No container's name begins with a dot.
  const draft = join(dataDir, `.${randomBytes(8).toString("hex")}`);
  try {
    await mkdir(dataDir, { recursive: true, mode: FOLDER_MODE });
    await writeFile(draft, JSON.stringify(config), { mode: FILE_MODE, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw ioError(path, error);
  }
}

/** The config; null when there is none, or no longer one. Throws CniError. */
export async function loadState(
  dataDir: string,
  containerId: string,
): Promise<DelegateConfig | null> {
  const path = join(dataDir, containerId);
  try {
    const config: unknown = JSON.parse(await readFile(path, "utf8"));
    return isDelegateConfig(config) ? config : null;
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isAbsent || error instanceof SyntaxError) return null;
    throw ioError(path, error);
  }
}

export async function dropState(dataDir: string, containerId: string): Promise<void> {
  const path = join(dataDir, containerId);
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw ioError(path, error);
  }
}

/** The containers that were added to a network and not taken away. */
export async function statesOf(dataDir: string, network: string): Promise<string[]> {
  const names = await readdir(dataDir).catch(() => []); // made with the first container
  const found: string[] = [];
  for (const name of names.filter((each) => !each.startsWith("."))) {
    const config = await loadState(dataDir, name);
    if (config?.name === network) found.push(name);
  }
  return found;
}

function isDelegateConfig(value: unknown): value is DelegateConfig {
  return isObject(value) && typeof value.type === "string";
}
