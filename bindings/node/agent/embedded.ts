// An agent inside of another program's process, without servers around it: the demo's hosts.
import { configKey, type Log } from "../../agent/index.ts";
import { LeaseRules, openCore } from "../../core/index.ts";
import type { PumpStats } from "../pump.ts";
import { runAgent } from "./agent.ts";
import { systemClock, systemDice } from "./clock.ts";
import { Netcfg } from "./netcfg.ts";
import { openStore } from "./open-store.ts";
import type { AgentSettings, StoreSettings } from "./settings.ts";
import { newState } from "./state.ts";

export interface EmbeddedAgent {
  /** Settles when it has ended: with what went wrong, if something did. */
  readonly ended: Promise<Error | null>;
  /** Resolves when so many peers are programmed; throws when it ends before. */
  reaches(count: number): Promise<void>;
  /** What has passed; null where the kernel moves the packets. */
  stats(): Promise<PumpStats | null>;
  close(): Promise<void>;
}

const LOOK_MS = 10;
const STORE_TIMEOUT_MS = 20_000;

/** Resolves when all its peers are programmed; throws when it ends before. */
export async function startAgent(settings: AgentSettings, log: Log): Promise<EmbeddedAgent> {
  const clock = systemClock;
  const state = newState(settings, clock.nowMs());
  const stop = new AbortController();
  const rules = new LeaseRules(await openCore());
  const listener = { called: () => {}, leased: () => {} };
  const netcfg = new Netcfg();
  const context = { settings, clock, dice: systemDice, log, rules, netcfg, state, listener };
  const ended = runAgent(context, stop.signal).then(
    (loss) => new Error(`the lease is lost: ${loss}`),
    (error) => (stop.signal.aborted ? null : error),
  );
  const failed = ended.then((error) => {
    throw error ?? new Error("stopped");
  });
  failed.catch(() => {}); // who waits for `ended` hears of it
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await Promise.race([failed, clock.sleep(LOOK_MS)]);
  };
  const programmed = (): number =>
    state.peers().filter((peer) => peer.state === "programmed").length;
  await until(() => state.isReady);
  return {
    ended,
    reaches: (count) => until(() => programmed() >= count),
    stats: () => state.stats(),
    close: async () => {
      stop.abort(new Error("closed"));
      await ended;
    },
  };
}

/** Puts a network's config into a store, which may be about to start. */
export async function putConfig(settings: StoreSettings, config: string): Promise<void> {
  const clock = systemClock;
  const store = await openStore(settings, clock, () => {});
  try {
    for (const endMs = clock.nowMs() + STORE_TIMEOUT_MS; ; await clock.sleep(LOOK_MS)) {
      try {
        await store.put(configKey(settings.prefix), config, null);
        return;
      } catch (error) {
        if (clock.nowMs() >= endMs) throw error;
      }
    }
  } finally {
    await store.close();
  }
}
