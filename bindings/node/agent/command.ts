// `heddle up`: the agent with its servers around it, from the first signal handler to the last
// closed socket.
import { quietLog } from "../../agent/quiet.ts";
import { LeaseRules, openCore } from "../../core/index.ts";
import { previewAgent, runAgent } from "./agent.ts";
import { documentsOf } from "./answers.ts";
import { answerCapture } from "./capture.ts";
import { systemClock, systemDice } from "./clock.ts";
import type { AgentContext } from "./context.ts";
import { type Answers, Control } from "./control.ts";
import { type Health, openHealth } from "./health.ts";
import { openLog } from "./log.ts";
import { type Metrics, openMetrics } from "./metrics.ts";
import { Netcfg } from "./netcfg.ts";
import { tellManager } from "./notify.ts";
import { previewText } from "./preview.ts";
import type { AgentSettings } from "./settings.ts";
import { newState } from "./state.ts";
import { stopOnSignal } from "./stop.ts";

const DRY_TIMEOUT_MS = 10_000;

/** Returns the exit status: flannel's, 0 for a signal and for a lease that was revoked. */
export function upCommand(settings: AgentSettings): Promise<number> {
  return run(settings, serveAll);
}

/** `heddle up --dry-run`: the plan on standard output. A network without a config has none. */
export function dryCommand(settings: AgentSettings): Promise<number> {
  return run(settings, async (context, _, stop) => {
    setTimeout(() => stop.abort(new DryError()), DRY_TIMEOUT_MS).unref();
    const plan = await previewAgent(context, stop.signal);
    const text = settings.printsJson ? `${JSON.stringify(plan, null, 2)}\n` : previewText(plan);
    process.stdout.write(text);
  });
}

class DryError extends Error {
  constructor() {
    super(`no network config in ${DRY_TIMEOUT_MS / 1000} s: nothing to plan`);
  }
}

type Work = (context: AgentContext, metrics: Metrics, stop: AbortController) => Promise<void>;

async function run(settings: AgentSettings, work: Work): Promise<number> {
  const clock = systemClock;
  const { printsJson: isJson, verbosity } = settings;
  const log = quietLog(openLog({ isJson, verbosity }), clock);
  const state = newState(settings, clock.nowMs());
  const metrics = openMetrics(state, clock);
  const stop = stopOnSignal(log);
  try {
    const rules = new LeaseRules(await openCore());
    const { listener } = metrics;
    const netcfg = new Netcfg();
    const context = { settings, clock, dice: systemDice, log, rules, netcfg, state, listener };
    await work(context, metrics, stop);
    return 0;
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof DryError)) return 0;
    log("error", error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** The servers first, so that who watches over the agent sees it live while it waits for etcd. */
async function serveAll(
  context: AgentContext,
  metrics: Metrics,
  stop: AbortController,
): Promise<void> {
  const { log, settings } = context;
  stop.signal.addEventListener("abort", () => tellStopping(context), { once: true });
  const control = await Control.open(settings.socket, answersOf(context, metrics, stop));
  let health: Health | null = null;
  try {
    health = await healthOf(context, metrics);
    log("warn", "traffic between the hosts is NOT encrypted: whoever is on the underlay reads it");
    await runAgent(context, stop.signal);
    log("error", "Lease has been revoked. Shutting down daemon.");
  } finally {
    tellStopping(context);
    health?.close();
    control.close();
  }
}

/** From now on it is not ready, while what it has begun is brought to its end. */
function tellStopping({ log, state }: AgentContext): void {
  if (state.phase === "stopping") return;
  state.phase = "stopping";
  state.isReady = false;
  tellManager({ stopping: true }, log);
}

async function healthOf(
  { settings, state }: AgentContext,
  metrics: Metrics,
): Promise<Health | null> {
  const { healthIp: ip, healthPort: port } = settings;
  if (port === 0) return null;
  return openHealth({ ip, port, isReady: () => state.isReady, metrics: () => metrics.text() });
}

function answersOf(
  { clock, state }: AgentContext,
  metrics: Metrics,
  stop: AbortController,
): Answers {
  const documents = documentsOf(state, () => clock.nowMs());
  return {
    "GET /status": async () => documents.status(),
    "GET /subnets": async () => documents.subnets(),
    "GET /routes": () => documents.routes(),
    "GET /fdb": () => documents.fdb(),
    "GET /neighbors": () => documents.neighbors(),
    "GET /drops": () => documents.drops(),
    "GET /metrics": async () => (await metrics.text()).text,
    "GET /capture": (query, response) => answerCapture(state, query, response),
    "POST /stop": async (query) => {
      state.releases ||= query.get("release") === "true";
      stop.abort(new Error("stopped by heddle down"));
    },
  };
}
