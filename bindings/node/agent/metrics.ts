// What the agent counts of its store, and its metrics for who asks.
import type { Clock } from "../../agent/clock.ts";
import type { StoreListener } from "./counted-store.ts";
import type { CallCount, Exposer, Exposition } from "./exposition.ts";
import type { AgentState } from "./state.ts";

export interface Metrics {
  readonly listener: StoreListener;
  text(): Promise<Exposition>;
}

export function openMetrics(state: AgentState, clock: Clock): Metrics {
  const calls = new Map<string, CallCount>();
  let exposer: Promise<Exposer> | undefined;
  return {
    listener: {
      called: (call, outcome) => {
        const name = `${call} ${outcome}`;
        calls.set(name, { call, outcome, count: (calls.get(name)?.count ?? 0) + 1 });
      },
      leased: ({ ttlS }) => {
        state.expiryMs = clock.nowMs() + ttlS * 1000;
      },
    },
    text: async () => {
      exposer ??= import("./exposition.ts").then(({ openExposition }) =>
        openExposition(state, clock),
      );
      return (await exposer)([...calls.values()]);
    },
  };
}
