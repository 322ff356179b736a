// Takes away what an agent has made on this host, whether it still runs or was killed.
import { rmSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { type Clock, type Log, parseSubnetEnv } from "../../agent/index.ts";
import { ControlError, claimSocket } from "./control.ts";
import { AskError, ask } from "./control-client.ts";
import { removeFirewall } from "./firewall/firewall.ts";
import { type Inventory, readInventory, removeInventory } from "./inventory.ts";
import type { Lock } from "./lock.ts";
import type { Netcfg } from "./netcfg.ts";
import { removeOurs } from "./removal.ts";
import { readSubnetFile } from "./subnet-file.ts";

export interface DownContext {
  readonly socket: string;
  readonly netcfg: Netcfg;
  readonly clock: Clock;
  readonly log: Log;
}

/** What came of it. */
export interface Downfall {
  /** What had been made; null: nothing was. */
  readonly inventory: Inventory | null;
  /** An agent was running, and has ended. */
  readonly wasRunning: boolean;
  /** What could not be removed, and why. */
  readonly left: readonly string[];
}

const END_TIMEOUT_MS = 15_000;
const END_LOOK_MS = 50;

/** Ends the agent first; it gives its lease back where `releases` says so. */
export async function takeDown(context: DownContext, releases: boolean): Promise<Downfall> {
  const { log, netcfg, socket } = context;
  const wasRunning = await endAgent(context, releases);
  const lock = await claim(context);
  let left: string[] = [];
  try {
    const inventory = await readInventory(socket);
    if (inventory) left = await removeAll(netcfg, inventory, log);
    if (left.length === 0) {
      await removeInventory(socket);
      rmSync(socket, { force: true });
    }
    return { inventory, wasRunning, left };
  } finally {
    lock.release({ removes: left.length === 0 });
  }
}

async function endAgent({ socket }: DownContext, releases: boolean): Promise<boolean> {
  try {
    await ask(socket, releases ? "/stop?release=true" : "/stop", "POST");
    return true;
  } catch (error) {
    if (error instanceof AskError && error.isAlone) return false;
    throw error;
  }
}

/** The agent that was told to end has the socket until it has. */
async function claim({ clock, socket }: DownContext): Promise<Lock> {
  for (const endMs = clock.nowMs() + END_TIMEOUT_MS; ; await clock.sleep(END_LOOK_MS)) {
    try {
      return claimSocket(socket);
    } catch (error) {
      if (!(error instanceof ControlError) || clock.nowMs() >= endMs) throw error;
    }
  }
}

async function removeAll(netcfg: Netcfg, inventory: Inventory, log: Log): Promise<string[]> {
  const { device, external, network, subnet } = inventory;
  const scope = { network, subnet: subnet ?? "0.0.0.0/32", device, underlay: external, routes: [] };
  const left = await removeOurs(netcfg, scope);
  // Rules are known by the network; an earlier run may have left some that had a subnet.
  const overlays = [{ network, subnet: subnet ?? network }];
  await removeFirewall(overlays, log).catch((error) => left.push(`rules: ${error.message}`));
  await removeSubnetFile(inventory).catch((error) => left.push(error.message));
  return left;
}

/** Another agent may have written it since. */
async function removeSubnetFile({ subnet, subnetFile }: Inventory): Promise<void> {
  const text = await readSubnetFile(subnetFile);
  if (text !== null && parseSubnetEnv(text).subnet === subnet) await unlink(subnetFile);
}
