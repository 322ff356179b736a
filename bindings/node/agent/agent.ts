// The agent from the store to the last packet: reads the network's config, joins it, and serves
// until it is told to stop or its subnet is lost. The servers around it are in command.ts.
import {
  type LeaseLoss,
  LeaseLostError,
  type NetworkConfig,
  type Store,
  SubnetManager,
} from "../../agent/index.ts";
import type { AgentContext } from "./context.ts";
import { CountedStore } from "./counted-store.ts";
import { giveBack } from "./give-back.ts";
import { type Joined, join, rejoin } from "./join.ts";
import { tellManager } from "./notify.ts";
import { openStore } from "./open-store.ts";
import { type Preview, preview } from "./preview.ts";
import { untilFirst } from "./race.ts";
import { seedConfig } from "./seed.ts";
import { Service } from "./service.ts";

/** Runs until the lease is lost, and says how; throws the signal's reason, or what went wrong. */
export async function runAgent(context: AgentContext, signal: AbortSignal): Promise<LeaseLoss> {
  const { log, rules, settings } = context;
  return withManager(context, async (manager, store) => {
    await seedConfig(store, settings.store, rules, log);
    return live(context, manager, signal);
  });
}

/** What `runAgent` would do: the store is read, and nothing is changed. */
export async function previewAgent(context: AgentContext, signal: AbortSignal): Promise<Preview> {
  const { log, rules, settings } = context;
  return withManager(context, async (manager, store) => {
    const isOwn = settings.store.kind === "memory"; // nobody else will see what is put there
    if (isOwn) await seedConfig(store, settings.store, rules, log);
    const config = await manager.networkConfig(signal);
    checkFamilies(config);
    return preview(context, manager, config);
  });
}

async function withManager<T>(
  context: AgentContext,
  use: (manager: SubnetManager, store: Store) => Promise<T>,
): Promise<T> {
  const { clock, log, settings } = context;
  const opened = await openStore(settings.store, clock, log);
  const store = new CountedStore(opened, context.listener);
  try {
    return await use(managerOf(context, store), store);
  } finally {
    await store.close();
  }
}

function managerOf(context: AgentContext, store: CountedStore): SubnetManager {
  const { clock, dice, log, rules, settings } = context;
  const { prefix } = settings.store;
  const renewMarginMs = settings.renewMarginS * 1000;
  return new SubnetManager({ store, prefix, rules, clock, dice, log, renewMarginMs });
}

async function live(
  context: AgentContext,
  manager: SubnetManager,
  signal: AbortSignal,
): Promise<LeaseLoss> {
  const { log } = context;
  const config = await manager.networkConfig(signal);
  log("info", `Found network config - Backend type: ${config.backend.type}`);
  checkFamilies(config);
  const joined = await join(context, manager, config, signal);
  try {
    return await untilFirst(signal, [
      (inner) => manager.keep(joined.lease, inner),
      (inner) => serve(context, manager, joined, inner),
    ]);
  } finally {
    if (signal.aborted) await end(context, manager, joined);
  }
}

/** What the end of an agent means, and the lease given back where that is wanted. */
async function end(context: AgentContext, manager: SubnetManager, joined: Joined): Promise<void> {
  const { clock, log, state } = context;
  if (joined.wasm) {
    const device = joined.datapath.deviceName;
    log("warn", "traffic stops: this process carried it; its device and routes stay", { device });
  }
  if (state.releases) await giveBack(manager, joined.lease, { clock, log });
}

/** Goes on with each new underlay; ends with the lease alone. */
async function serve(
  context: AgentContext,
  manager: SubnetManager,
  first: Joined,
  signal: AbortSignal,
): Promise<LeaseLoss> {
  try {
    for (let joined = first; ; ) {
      const service = new Service(context, joined);
      const external = await service.run(manager, () => tellReady(context), signal);
      joined = await rejoin(context, manager, { before: joined, external }, signal);
    }
  } catch (error) {
    if (error instanceof LeaseLostError) return error.loss;
    throw error;
  }
}

function tellReady({ log, state }: AgentContext): void {
  if (state.isReady) return;
  state.isReady = true;
  state.phase = "running";
  const pending = state.peers().filter((peer) => peer.state === "pending");
  if (pending.length === 0) log("info", "ready: all peers are programmed");
  else log("warn", "ready, with peers that there is no way to yet", { count: pending.length });
  tellManager({ ready: true }, log);
}

function checkFamilies({ enableIpv4, enableIpv6 }: NetworkConfig): void {
  if (enableIpv4 && !enableIpv6) return;
  const found = enableIpv4 ? "EnableIPv6 is true" : "EnableIPv4 is false";
  throw new Error(`the network's config: ${found}, and heddle has IPv4 overlays only, for now`);
}
