// What the store holds of a network, read and not touched.
import type { StoreFacts, TimedEntry } from "../../agent/doctor/index.ts";
import { configKey, type Store, type StoreEntry, subnetsPrefix } from "../../agent/index.ts";
import type { StoreSettings } from "../agent/settings.ts";

/** How many leases are asked for their time at once. */
const ASKED_MAX = 64;

export async function gatherStore(store: Store, settings: StoreSettings): Promise<StoreFacts> {
  const { prefix } = settings;
  const { entry } = await store.get(configKey(prefix));
  const { entries } = await store.list(subnetsPrefix(prefix));
  const config = entry?.value ?? null;
  return { prefix, tool: toolOf(settings), config, entries: await timed(store, entries) };
}

async function timed(store: Store, entries: readonly StoreEntry[]): Promise<TimedEntry[]> {
  const found: TimedEntry[] = [];
  for (let at = 0; at < entries.length; at += ASKED_MAX) {
    const some = entries.slice(at, at + ASKED_MAX);
    found.push(...(await Promise.all(some.map((entry) => timedEntry(store, entry)))));
  }
  return found;
}

/** A lease that ran out since the listing has no time left. */
async function timedEntry(store: Store, entry: StoreEntry): Promise<TimedEntry> {
  const { leaseId } = entry;
  return { ...entry, ttlS: leaseId === null ? null : ((await store.leaseTtl(leaseId)) ?? 0) };
}

/** etcdctl with what it takes to reach the same servers; a password is asked for by itself. */
function toolOf(settings: StoreSettings): readonly string[] | null {
  const { kind, endpoints, caFile, certFile, keyFile, username } = settings;
  if (kind !== "etcd") return null;
  const flags: [flag: string, value: string][] = [
    ["endpoints", endpoints.join(",")],
    ["cacert", caFile],
    ["cert", certFile],
    ["key", keyFile],
    ["user", username],
  ];
  const given = flags.filter(([, value]) => value !== "");
  return ["etcdctl", ...given.map(([flag, value]) => `--${flag}=${value}`)];
}
