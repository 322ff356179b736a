// `heddle down`: ends the agent, takes away what it made, and says what is left.
import { type Clock, type Log, SubnetManager } from "../../agent/index.ts";
import { LeaseRules, openCore } from "../../core/index.ts";
import { systemClock, systemDice } from "./clock.ts";
import { takeDown } from "./down.ts";
import type { Inventory } from "./inventory.ts";
import { openLog } from "./log.ts";
import { Netcfg } from "./netcfg.ts";
import { openStore } from "./open-store.ts";
import type { StoreSettings } from "./settings.ts";

export interface DownSettings {
  readonly socket: string;
  /** Gives the lease back; an agent that does not run is stood in for. */
  readonly releases: boolean;
  readonly store: StoreSettings;
}

/** Returns the exit status: 0 when nothing is left. */
export async function downCommand(settings: DownSettings): Promise<number> {
  const log = openLog({ isJson: false, verbosity: 0 });
  const clock = systemClock;
  const { releases, socket } = settings;
  try {
    const context = { socket, netcfg: new Netcfg(), clock, log };
    const { inventory, left, wasRunning } = await takeDown(context, releases);
    if (inventory && releases && !wasRunning) await release(settings, inventory, clock, log);
    for (const what of left) process.stderr.write(`heddle down: could not remove ${what}\n`);
    process.stdout.write(inventory ? "" : "heddle down: nothing is up\n");
    return left.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`heddle down: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

async function release(
  settings: DownSettings,
  { publicIp, subnet }: Inventory,
  clock: Clock,
  log: Log,
): Promise<void> {
  const store = await openStore(settings.store, clock, log);
  try {
    const rules = new LeaseRules(await openCore());
    const { prefix } = settings.store;
    const manager = new SubnetManager({ store, prefix, rules, clock, dice: systemDice, log });
    const leases = await manager.leases();
    const own = leases.find(
      (lease) => lease.subnet === subnet && lease.attrs.publicIp === publicIp,
    );
    if (own) await manager.release(own);
  } finally {
    await store.close();
  }
}
