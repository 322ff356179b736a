// Which datapath carries a backend's packets.
import type { Backend } from "../../agent/index.ts";
import type { PumpStats } from "../pump.ts";
import type { AgentContext } from "./context.ts";
import type { Datapath } from "./datapath.ts";
import { KernelDatapath } from "./kernel-datapath.ts";
import { NoDatapath } from "./no-datapath.ts";
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
  if (settings.datapath === "kernel") {
    if (plan.kind === "vxlan") {
      return { datapath: await KernelDatapath.open(netcfg, plan, dice), wasm: null };
    }
    log("warn", "the kernel has no datapath for udp: the core carries it");
  }
  const anySource = !settings.isStrict;
  const wasm = await WasmDatapath.open({ plan, netcfg, log, dice, anySource });
  return { datapath: wasm, wasm };
}

/** Null where the kernel moves the packets, or nobody does for now. */
export async function statsOf({ wasm }: OpenedDatapath): Promise<PumpStats | null> {
  return wasm ? wasm.stats().catch(() => null) : null;
}
