// A node without a store, inside a namespace: device, programmer, and whatever leases the test
// tells it of.

import {
  backendOf,
  type External,
  type Lease,
  type NetworkConfig,
} from "../../../bindings/agent/index.ts";
import { systemClock, systemDice } from "../../../bindings/node/agent/clock.ts";
import type { Datapath, Mended } from "../../../bindings/node/agent/datapath.ts";
import { chooseInterface, type InterfaceWish } from "../../../bindings/node/agent/interface.ts";
import { KernelDatapath } from "../../../bindings/node/agent/kernel-datapath.ts";
import { Netcfg } from "../../../bindings/node/agent/netcfg.ts";
import { NoDatapath } from "../../../bindings/node/agent/no-datapath.ts";
import { Programmer } from "../../../bindings/node/agent/programmer.ts";
import { removeOurs } from "../../../bindings/node/agent/removal.ts";

export interface NodeInit {
  readonly config: NetworkConfig;
  readonly subnet: string;
  readonly wish: InterfaceWish;
  readonly lookMs?: number;
}

const netcfg = new Netcfg();
const mended: Mended[] = [];
const said: string[] = [];
let node: Node | undefined;

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
  const datapath =
    backend.device === null
      ? new NoDatapath()
      : await KernelDatapath.open(netcfg, backend.device, systemDice);
  const programmer = new Programmer({
    ...{ netcfg, backend, datapath, subnet, network: config.network, underlay: external.name },
    ...{ clock: systemClock, dice: systemDice, ...(lookMs === undefined ? {} : { lookMs }) },
    log: (level, message, fields) => said.push(`${level} ${message} ${JSON.stringify(fields)}`),
    onMended: (one) => mended.push(one),
  });
  const end = new AbortController();
  const ended = programmer.run(end.signal);
  node = { init, external, datapath, programmer, end, ended };
  return backend.attrs(datapath.mac);
}

/** Resolves when all that the leases imply stands, or is refused; else throws after `waitMs`. */
export async function update(leases: Lease[], waitMs = 5000): Promise<unknown> {
  const { programmer } = running();
  programmer.update(leases);
  return settle(waitMs);
}

export async function settle(waitMs = 5000): Promise<unknown> {
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
