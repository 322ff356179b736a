// Entries of many peers in one go, and whose of them failed.
import type { Change, Entry } from "../../agent/change.ts";
import type { PeerPlan, RoutePlan } from "../../agent/plan.ts";
import type { EntryFailure } from "./datapath.ts";
import type { Netcfg } from "./netcfg.ts";

/** What an iproute2 batch does for peers; the tunnel's part is not in here. */
export class Entries {
  readonly #netcfg: Netcfg;

  constructor(netcfg: Netcfg) {
    this.#netcfg = netcfg;
  }

  putNeighbors(plans: readonly PeerPlan[]): Promise<EntryFailure[]> {
    return this.#apply("put", ownedBy(plans, neighborsOf));
  }

  putRoutes(plans: readonly PeerPlan[]): Promise<EntryFailure[]> {
    return this.#apply("put", ownedBy(plans, routesOf));
  }

  /** Routes that no plan of `kept` wants. */
  removeRoutes(plans: readonly PeerPlan[], kept: readonly PeerPlan[]): Promise<EntryFailure[]> {
    const wanted = new Set(kept.flatMap(({ routes }) => routes).map(routeText));
    const isFree = ({ kind, entry }: Entry): boolean =>
      kind === "route" && !wanted.has(routeText(entry));
    return this.#apply(
      "remove",
      ownedBy(plans, routesOf).filter(({ what }) => isFree(what)),
    );
  }

  /** Neighbors that no plan of `kept` wants, whatever MAC they have. */
  async removeNeighbors(
    plans: readonly PeerPlan[],
    kept: readonly PeerPlan[],
  ): Promise<EntryFailure[]> {
    const dev = plans.flatMap(({ neighbors }) => neighbors)[0]?.dev;
    if (dev === undefined) return [];
    // One that is not there would end the batch.
    const there = new Set((await this.#netcfg.neighbors(dev)).map(({ address }) => address));
    for (const { address } of kept.flatMap(({ neighbors }) => neighbors)) there.delete(address);
    const isThere = ({ entry }: Entry): boolean => "address" in entry && there.has(entry.address);
    return this.#apply(
      "remove",
      ownedBy(plans, neighborsOf).filter(({ what }) => isThere(what)),
    );
  }

  async #apply(action: Change["action"], owned: readonly Owned[]): Promise<EntryFailure[]> {
    const changes = owned.map(({ what }): Change => ({ action, ...what }));
    const failures = await this.#netcfg.apply(changes);
    const owners = new Map(owned.map(({ subnet }, at) => [changes[at], subnet]));
    return failures.map(({ change, reason }) => ({
      subnet: owners.get(change) ?? "",
      reason: `${change.kind}: ${reason}`,
    }));
  }
}

/** An entry, and whose it is. */
interface Owned {
  readonly subnet: string;
  readonly what: Entry;
}

function ownedBy(plans: readonly PeerPlan[], pick: (plan: PeerPlan) => Entry[]): Owned[] {
  return plans.flatMap((plan) => pick(plan).map((what) => ({ subnet: plan.subnet, what })));
}

function neighborsOf({ neighbors }: PeerPlan): Entry[] {
  return neighbors.map((entry) => ({ kind: "neighbor", entry }));
}

function routesOf({ routes }: PeerPlan): Entry[] {
  return routes.map((entry) => ({ kind: "route", entry }));
}

function routeText({ dst, via, dev }: RoutePlan): string {
  return `${dst} ${via} ${dev}`;
}
