// The network's config, for which a node waits as long as it takes.
import type { LeaseRules } from "../../core/lease.ts";
import { HeddleError } from "../../core/status.ts";
import type { Clock } from "../clock.ts";
import { type NetworkConfig, parseNetworkConfig } from "../config.ts";
import { configKey } from "../key.ts";
import type { Log } from "../log.ts";
import { type Store, StoreError } from "../store.ts";
import { Complaint } from "./complaint.ts";
import { abortable } from "./wait.ts";

export interface NetworkInit {
  readonly store: Store;
  readonly prefix: string;
  readonly rules: LeaseRules;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_MS = 1000;

/** Throws HeddleError BadBackend: a config is there, and it is nothing that time could mend. */
export async function awaitConfig(init: NetworkInit, signal: AbortSignal): Promise<NetworkConfig> {
  const trouble = new Complaint(init.clock, init.log);
  for (;;) {
    try {
      const config = await abortable(readConfig(init), signal);
      trouble.end("the network config is there");
      return config;
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      trouble.say("Couldn't fetch network config", error, { key: configKey(init.prefix) });
    }
    await init.clock.sleep(RETRY_MS, signal);
  }
}

async function readConfig({ store, prefix, rules }: NetworkInit): Promise<NetworkConfig> {
  const { entry } = await store.get(configKey(prefix));
  if (entry === null) throw new HeddleError("BadConfig", null, "a network config under this key");
  return parseNetworkConfig(entry.value, rules);
}

function isPassing(error: unknown): boolean {
  if (error instanceof StoreError) return error.code !== "Closed";
  return error instanceof HeddleError && error.code === "BadConfig";
}
