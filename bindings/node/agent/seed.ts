// etcd's config is put there by its operators. A store that one machine has for itself begins
// empty, so its config comes from a file, in flannel's own form.
import { readFile } from "node:fs/promises";
import { configKey, type Log, parseNetworkConfig, type Store } from "../../agent/index.ts";
import type { LeaseRules } from "../../core/index.ts";
import type { StoreSettings } from "./settings.ts";

const CONFIG_LEN_MAX = 1 << 20;

/** Puts the file's config into a store of this machine that has none. Throws for a bad one. */
export async function seedConfig(
  store: Store,
  settings: StoreSettings,
  rules: LeaseRules,
  log: Log,
): Promise<void> {
  const { configFile, kind, prefix } = settings;
  if (kind === "etcd") return;
  const key = configKey(prefix);
  if ((await store.get(key)).entry !== null) return;
  const text = await textOf(configFile);
  if (text === null) {
    log("warn", "no network config in the store, and no file to take one from", { configFile });
    return;
  }
  parseNetworkConfig(text, rules);
  await store.create(key, text, null);
}

async function textOf(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length <= CONFIG_LEN_MAX) return text;
    throw new Error(`${path}: longer than ${CONFIG_LEN_MAX} characters`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
