// What tables really hold of the overlay, the kernel's and the core's: for who asks the agent.
import { isInside } from "../../agent/reconcile.ts";
import type { Joined } from "./join.ts";
import type { Netcfg } from "./netcfg.ts";
import type { WasmDatapath } from "./wasm-datapath.ts";

/** A route of the kernel's main table, or of the core's, which knows who has which subnet. */
export interface HeldRoute {
  readonly table: "main" | "core";
  readonly dst: string;
  readonly via: string | null;
  readonly dev: string | null;
  readonly type: string;
}

/** Behind which host a MAC lives. */
export interface HeldStation {
  readonly mac: string;
  readonly host: string | null;
  readonly isPermanent: boolean;
}

export interface HeldNeighbor {
  readonly address: string;
  readonly mac: string | null;
  readonly dev: string;
  readonly isPermanent: boolean;
}

export interface Held {
  routes(): Promise<HeldRoute[]>;
  fdb(): Promise<HeldStation[]>;
  neighbors(): Promise<HeldNeighbor[]>;
}

/** Asks anew each time. Throws what keeps a table from being read. */
export function heldBy(netcfg: Netcfg, joined: Joined): Held {
  const { config, datapath, wasm } = joined;
  const { deviceName } = datapath;
  return {
    routes: async () => [
      ...(await kernelRoutes(netcfg, config.network)),
      ...(wasm ? await coreRoutes(wasm) : []),
    ],
    fdb: async () => (wasm ? await coreFdb(wasm) : await kernelFdb(netcfg, joined)),
    neighbors: async () => (deviceName === null ? [] : await netcfg.neighbors(deviceName)),
  };
}

async function kernelRoutes(netcfg: Netcfg, network: string): Promise<HeldRoute[]> {
  const routes = await netcfg.routes();
  return routes
    .filter(({ dst }) => isInside(network, dst))
    .map(({ dst, via, dev, type }) => ({ table: "main", dst, via, dev, type }));
}

async function coreRoutes(wasm: WasmDatapath): Promise<HeldRoute[]> {
  const hosts = await hostsOf(wasm);
  const hops = new Map<number, string | null>();
  for await (const { index, remote } of wasm.list("hops")) {
    hops.set(index, hosts.get(remote ?? -1) ?? null);
  }
  const found: HeldRoute[] = [];
  for await (const { prefix, hop } of wasm.list("routes")) {
    const via = hops.get(hop) ?? null;
    found.push({ table: "core", dst: prefix, via, dev: null, type: "unicast" });
  }
  return found;
}

async function coreFdb(wasm: WasmDatapath): Promise<HeldStation[]> {
  const hosts = await hostsOf(wasm);
  const found: HeldStation[] = [];
  for await (const { mac, remote, flags } of wasm.list("fdb")) {
    if (remote === null) continue; // the device's own
    const host = hosts.get(remote) ?? null;
    found.push({ mac, host, isPermanent: flags.includes("permanent") });
  }
  return found;
}

async function hostsOf(wasm: WasmDatapath): Promise<Map<number, string>> {
  const hosts = new Map<number, string>();
  for await (const { index, address } of wasm.list("remotes")) hosts.set(index, address);
  return hosts;
}

async function kernelFdb(netcfg: Netcfg, { backend }: Joined): Promise<HeldStation[]> {
  if (!backend.device) return [];
  const entries = await netcfg.fdb(backend.device.name);
  return entries.map(({ mac, dst, isPermanent }) => ({ mac, host: dst, isPermanent }));
}
