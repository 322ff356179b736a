// The store that the flags name. Only that one is loaded: gRPC alone takes longer than the rest of
// a command that asks an agent for its state.
import type { Clock, Log, Store } from "../../agent/index.ts";
import { MemoryStore } from "../../agent/memory-store.ts";
import type { StoreSettings } from "./settings.ts";

/** Does not wait for a store that is away. Throws what is wrong with the settings. */
export async function openStore(settings: StoreSettings, clock: Clock, log: Log): Promise<Store> {
  if (settings.kind === "memory") return new MemoryStore({ clock });
  if (settings.kind === "file") {
    const { FileStore } = await import("./store/file-store.ts");
    return FileStore.open({ path: settings.path, clock });
  }
  const { EtcdStore } = await import("./store/etcd-store.ts");
  const { caFile, certFile, endpoints, keyFile, password, username } = settings;
  return EtcdStore.open({
    endpoints: endpoints.join(","),
    caFile: caFile || undefined,
    certFile: certFile || undefined,
    keyFile: keyFile || undefined,
    username: username || undefined,
    password: password || undefined,
    log,
  });
}
