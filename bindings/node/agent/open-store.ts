// The store that the flags name.
import type { Clock, Store } from "../../agent/index.ts";
import { MemoryStore } from "../../agent/memory-store.ts";
import type { StoreSettings } from "./settings.ts";

export async function openStore(settings: StoreSettings, clock: Clock): Promise<Store> {
  if (settings.kind === "memory") return new MemoryStore({ clock });
  throw new Error(`--store ${settings.kind}: not in this version`);
}
