// From a network's config to a node of it: underlay, backend, device, lease. The device comes
// before the lease, which tells the others its MAC; its address comes from the lease.
import {
  type Backend,
  backendOf,
  deviceAddress,
  type External,
  type Lease,
  type LeaseAttrs,
  type NetworkConfig,
  parseSubnetEnv,
  StoreError,
  type SubnetEnv,
  type SubnetLeases,
} from "../../agent/index.ts";
import { HeddleError } from "../../core/index.ts";
import { chooseUnderlay } from "./choose-underlay.ts";
import type { AgentContext } from "./context.ts";
import { writeInventory } from "./inventory.ts";
import { type OpenedDatapath, openDatapath } from "./open-datapath.ts";
import { readSubnetFile, SubnetFileError } from "./subnet-file.ts";

const RETRY_MS = 1000;

/** A node that has its lease and its device; no peer is known yet. */
export interface Joined extends OpenedDatapath {
  readonly config: NetworkConfig;
  readonly external: External;
  readonly backend: Backend;
  readonly lease: Lease;
  /** What the last run left in subnet.env. */
  readonly previous: SubnetEnv | null;
}

/** Throws what keeps this host from being a node of that network; then no packet moves. */
export async function join(
  context: AgentContext,
  leases: SubnetLeases,
  config: NetworkConfig,
  signal: AbortSignal,
): Promise<Joined> {
  const external = await chooseUnderlay(context);
  const previous = await previousOf(context);
  const wish = { config, external, previous };
  return settle(context, wish, async (attrs) => {
    const acquired = await leases
      .acquire(attrs, previous?.subnet ?? null, signal)
      .catch((error) => {
        throw inFlannelsWords(error, config);
      });
    if (JSON.stringify(acquired.config) !== JSON.stringify(config)) {
      throw new Error("the network's config changed while this node joined: start again");
    }
    return acquired.lease;
  });
}

/** The same node, and the same subnet, on an underlay that has changed. */
export async function rejoin(
  context: AgentContext,
  leases: SubnetLeases,
  moved: { readonly before: Joined; readonly external: External },
  signal: AbortSignal,
): Promise<Joined> {
  const { before, external } = moved;
  const { clock, log } = context;
  return settle(context, { ...before, external }, async (attrs) => {
    for (;;) {
      try {
        const lease = await leases.republish(before.lease, attrs);
        log("info", "the others are told of the new underlay", { subnet: lease.subnet });
        return lease;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        // The way to the store may have changed with the underlay.
        log("warn", "the others cannot be told yet", { reason: error.message });
        await clock.sleep(RETRY_MS, signal);
      }
    }
  });
}

/** For who looks for them in logs. */
function inFlannelsWords(error: unknown, config: NetworkConfig): unknown {
  if (!(error instanceof HeddleError) || error.code !== "OutOfSubnets") return error;
  const { subnetLen, subnetMin, subnetMax } = config;
  const range = `all /${subnetLen} from ${subnetMin} to ${subnetMax} are taken`;
  return new Error(`failed to acquire lease: out of subnets: ${range}`, { cause: error });
}

type Wish = Pick<Joined, "config" | "external" | "previous">;

async function settle(
  context: AgentContext,
  wish: Wish,
  leaseFor: (attrs: LeaseAttrs) => Promise<Lease>,
): Promise<Joined> {
  const { config, external } = wish;
  const backend = backendOf(config, external);
  await note(context, wish, backend, null);
  const opened = await openDatapath(context, backend);
  const { datapath } = opened;
  try {
    const lease = await leaseFor(backend.attrs(datapath.mac));
    await note(context, wish, backend, lease);
    await datapath.ensureDevice(deviceAddress(lease.subnet));
    return { ...wish, ...opened, backend, lease };
  } catch (error) {
    await datapath.close();
    throw error;
  }
}

/** Says what is about to be made, for who has to take it away. */
async function note(
  { settings }: AgentContext,
  { config, external }: Wish,
  backend: Backend,
  lease: Lease | null,
): Promise<void> {
  await writeInventory(settings.socket, {
    version: 1,
    device: backend.device?.name ?? null,
    external: external.name,
    publicIp: external.publicIp,
    network: config.network,
    subnet: lease?.subnet ?? null,
    subnetFile: settings.subnetFile,
  });
}

/** A file that cannot be read is no reason to have no subnet. */
async function previousOf({ settings, log }: AgentContext): Promise<SubnetEnv | null> {
  try {
    const text = await readSubnetFile(settings.subnetFile);
    return text === null ? null : parseSubnetEnv(text);
  } catch (error) {
    if (!(error instanceof SubnetFileError)) throw error;
    log("warn", "the subnet of the last run is not known", { reason: error.message });
    return null;
  }
}
