// A node without a store, inside a namespace: device, programmer, and whatever leases the test
// tells it of.

import {
  backendOf,
  type DevicePlan,
  type External,
  type Lease,
  type Log,
  type NetworkConfig,
  type PeerPlan,
} from "../../../bindings/agent/index.ts";
import { systemClock, systemDice } from "../../../bindings/node/agent/clock.ts";
import type { Datapath, DatapathKind, Mended } from "../../../bindings/node/agent/datapath.ts";
import { chooseInterface, type InterfaceWish } from "../../../bindings/node/agent/interface.ts";
import { KernelDatapath } from "../../../bindings/node/agent/kernel-datapath.ts";
import { Netcfg } from "../../../bindings/node/agent/netcfg.ts";
import { NoDatapath } from "../../../bindings/node/agent/no-datapath.ts";
import { Programmer } from "../../../bindings/node/agent/programmer.ts";
import { removeOurs } from "../../../bindings/node/agent/removal.ts";
import { WasmDatapath } from "../../../bindings/node/agent/wasm-datapath.ts";

/** The machine may be busy with much else. */
const PATIENCE_MS = 60_000;

export interface NodeInit {
  readonly config: NetworkConfig;
  readonly subnet: string;
  readonly wish: InterfaceWish;
  readonly lookMs?: number;
  /** Left out: the kernel's. */
  readonly datapath?: DatapathKind;
}

const netcfg = new Netcfg();
const mended: Mended[] = [];
const said: string[] = [];
let node: Node | undefined;
let refused: ReadonlySet<string> = new Set();
let refusal = "";

interface Node {
  readonly init: NodeInit;
  readonly external: External;
  readonly datapath: Datapath;
  readonly programmer: Programmer;
  readonly end: AbortController;
  readonly ended: Promise<void>;
}

/** Gives what the node's lease says. */
export async function start(init: NodeInit): Promise<unknown> {
  const { config, subnet, lookMs } = init;
  const external = await chooseInterface(netcfg, init.wish);
  const backend = backendOf(config, external);
  const datapath = await openDatapath(backend.device, init.datapath ?? "kernel");
  const programmer = new Programmer({
    ...{ netcfg, backend, datapath, subnet, network: config.network, underlay: external.name },
    ...{ clock: systemClock, dice: systemDice, ...(lookMs === undefined ? {} : { lookMs }) },
    log,
    onMended: (one) => mended.push(one),
  });
  const end = new AbortController();
  const ended = programmer.run(end.signal);
  node = { init, external, datapath, programmer, end, ended };
  return backend.attrs(datapath.mac);
}

async function openDatapath(plan: DevicePlan | null, kind: DatapathKind): Promise<Datapath> {
  if (plan === null) return new NoDatapath();
  if (kind === "kernel") return withRefusals(await KernelDatapath.open(netcfg, plan, systemDice));
  return WasmDatapath.open({ plan, netcfg, log, dice: systemDice });
}

const log: Log = (level, message, fields) => {
  said.push(`${level} ${message} ${JSON.stringify(fields)}`);
};

/** Makes the tunnel's tables refuse these subnets from now on. */
export async function refuse(subnets: string[], reason: string): Promise<void> {
  refused = new Set(subnets);
  refusal = reason;
}

function withRefusals(datapath: Datapath): Datapath {
  const put = datapath.tunnel.put.bind(datapath.tunnel);
  datapath.tunnel.put = async (plans) => {
    const isRefused = ({ subnet }: PeerPlan): boolean => refused.has(subnet);
    const failures = await put(plans.filter((plan) => !isRefused(plan)));
    const others = plans.filter(isRefused).map(({ subnet }) => ({ subnet, reason: refusal }));
    return [...failures, ...others];
  };
  return datapath;
}

/** Says what leases there are, and waits for nothing. */
export async function tell(leases: Lease[]): Promise<void> {
  running().programmer.update(leases);
}

/** Resolves when all that the leases imply stands, or is refused; else throws after `waitMs`. */
export async function update(leases: Lease[], waitMs: number = PATIENCE_MS): Promise<unknown> {
  const { programmer } = running();
  programmer.update(leases);
  return settle(waitMs);
}

export async function settle(waitMs: number = PATIENCE_MS): Promise<unknown> {
  const { programmer } = running();
  const untilMs = Date.now() + waitMs;
  while (!programmer.isSettled) {
    if (Date.now() > untilMs) throw new Error(`not settled: ${JSON.stringify(await peers())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return peers();
}

export async function peers(): Promise<unknown> {
  const { programmer } = running();
  return {
    trouble: programmer.trouble,
    peers: programmer.peers().map(({ subnet, state, reason }) => ({ subnet, state, reason })),
  };
}

export async function mends(): Promise<Mended[]> {
  return mended.splice(0);
}

export async function words(): Promise<string[]> {
  return said.splice(0);
}

export async function stop(): Promise<void> {
  const { end, ended, datapath } = running();
  end.abort();
  await ended;
  await datapath.close();
  node = undefined;
}

/** Removes all that a node like this may have left. */
export async function down(): Promise<string[]> {
  const { init, external, datapath } = running();
  await stop();
  const device = datapath.deviceName;
  const { network } = init.config;
  return removeOurs(netcfg, {
    ...{ network, subnet: init.subnet, device, underlay: external.name, routes: [] },
  });
}

function running(): Node {
  if (node === undefined) throw new Error("the node is not started");
  return node;
}

/** Bytes that the process has in memory. */
export async function resident(): Promise<number> {
  return process.memoryUsage().rss;
}
