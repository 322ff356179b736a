// Which datapath carries a backend's packets.
import type { Backend } from "../../agent/index.ts";
import type { PumpStats } from "../pump.ts";
import type { AgentContext } from "./context.ts";
import type { Datapath } from "./datapath.ts";
import { KernelDatapath } from "./kernel-datapath.ts";
import { NoDatapath } from "./no-datapath.ts";
import { type AgentSettings, SettingsError } from "./settings.ts";
import { WasmDatapath } from "./wasm-datapath.ts";

/** A datapath, and what passes through it where heddle itself moves the packets. */
export interface OpenedDatapath {
  readonly datapath: Datapath;
  readonly wasm: WasmDatapath | null;
}

export async function openDatapath(
  context: AgentContext,
  backend: Backend,
): Promise<OpenedDatapath> {
  const { dice, log, netcfg, settings } = context;
  const { device: plan } = backend;
  if (!plan) return { datapath: new NoDatapath(), wasm: null };
  if (settings.datapath === "kernel" && plan.kind === "vxlan") {
    warnOfKernel(context);
    return { datapath: await KernelDatapath.open(netcfg, plan, dice), wasm: null };
  }
  if (settings.datapath === "kernel")
    log("warn", "udp has no kernel datapath: the core carries it");
  if (plan.learning) checkAlone(settings);
  const wasm = await WasmDatapath.open({
    ...{ plan, netcfg, log, dice },
    anySource: !settings.isStrict,
    mssClamp: settings.clampsMss,
    hasOffload: settings.hasOffload,
    queues: settings.queues,
    perDirection: settings.perDirection,
    ...(settings.findsPathMtu ? { pathMtu: true } : {}),
  });
  return { datapath: wasm, wasm };
}

function checkAlone(settings: AgentSettings): void {
  if (!hasSeveralThreads(settings)) return;
  const reason = "what one thread learns the others would not know";
  throw new SettingsError(`--queues, --per-direction: the network is set to Learning: ${reason}`);
}

function hasSeveralThreads({ queues, perDirection }: AgentSettings): boolean {
  return queues > 1 || perDirection;
}

/** What only the core does. */
function warnOfKernel({ log, settings }: AgentContext): void {
  if (settings.clampsMss) log("warn", "--mss-clamp: the kernel's VXLAN does not clamp");
  if (settings.findsPathMtu) log("warn", "--path-mtu: the kernel's VXLAN does not learn of paths");
  if (hasSeveralThreads(settings)) log("warn", "--queues: of the core's datapath alone");
  log("warn", "the kernel takes VXLAN from any sender, lease or not");
}

/** Null where the kernel moves the packets, or nobody does for now. */
export async function statsOf({ wasm }: OpenedDatapath): Promise<PumpStats | null> {
  return wasm ? wasm.stats().catch(() => null) : null;
}
