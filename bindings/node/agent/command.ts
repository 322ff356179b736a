// `heddle up`: the agent with its servers around it, from the first signal handler to the last
// closed socket.
import type { Clock, Log } from "../../agent/index.ts";
import { quietLog } from "../../agent/quiet.ts";
import { documentsOf } from "./answers.ts";
import { systemClock } from "./clock.ts";
import { type Answers, Control } from "./control.ts";
import { type Health, openHealth } from "./health.ts";
import { openLog } from "./log.ts";
import { type Metrics, openMetrics } from "./metrics.ts";
import type { AgentSettings } from "./settings.ts";
import { type AgentState, newState } from "./state.ts";
import { stopOnSignal } from "./stop.ts";

/** Returns the exit status: flannel's, 0 for a signal and for a lease that was revoked. */
export async function upCommand(settings: AgentSettings): Promise<number> {
  const clock = systemClock;
  const { printsJson: isJson, verbosity } = settings;
  const log = quietLog(openLog({ isJson, verbosity }), clock);
  const stop = stopOnSignal(log);
  try {
    return await served(settings, clock, log, stop);
  } catch (error) {
    if (stop.signal.aborted) return 0;
    log("error", error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function served(
  settings: AgentSettings,
  clock: Clock,
  log: Log,
  stop: AbortController,
): Promise<number> {
  const state = newState(settings, clock.nowMs());
  const metrics = openMetrics(state, clock);
  const control = await Control.open(settings.socket, answersOf(state, clock, metrics, stop));
  let health: Health | null = null;
  try {
    health = await healthOf(state, metrics);
    log("info", "Running", { isEncrypted: false });
    await clock.sleep(Number.MAX_SAFE_INTEGER, stop.signal);
    return 0;
  } finally {
    health?.close();
    control.close();
  }
}

async function healthOf(state: AgentState, metrics: Metrics): Promise<Health | null> {
  const { healthIp: ip, healthPort: port } = state.settings;
  if (port === 0) return null;
  return openHealth({ ip, port, isReady: () => state.isReady, metrics: () => metrics.text() });
}

function answersOf(
  state: AgentState,
  clock: Clock,
  metrics: Metrics,
  stop: AbortController,
): Answers {
  const documents = documentsOf(state, clock);
  return {
    "GET /status": async () => documents.status(),
    "GET /subnets": async () => documents.subnets(),
    "GET /routes": async () => documents.routes(),
    "GET /fdb": async () => documents.fdb(),
    "GET /neighbors": async () => documents.neighbors(),
    "GET /drops": async () => documents.drops(),
    "GET /metrics": async () => (await metrics.text()).text,
    "POST /stop": async () => stop.abort(new Error("stopped by heddle down")),
  };
}
