// One turn of the programmer: neighbors, then the tunnel's tables, then routes, each for many peers
// at once, so that a route is never before what it leads to. Whoever fails is taken back in the
// opposite order.
import type { Due, Peers } from "../../agent/peers.ts";
import type { PeerPlan } from "../../agent/plan.ts";
import {
  type Conflict,
  compare,
  findStale,
  type Observed,
  type Scope,
} from "../../agent/reconcile.ts";
import type { EntryFailure, Mended, TunnelTables } from "./datapath.ts";
import { Entries } from "./entries.ts";
import type { Netcfg } from "./netcfg.ts";

export interface TablesInit {
  readonly netcfg: Netcfg;
  readonly tunnel: TunnelTables;
  readonly peers: Peers;
  readonly scope: Scope;
}

export interface Turn {
  /** Whether everything is compared, and what is stale goes. */
  readonly isLook: boolean;
  readonly nowMs: number;
}

const NOTHING: Mended = { restored: 0, removed: 0, failures: [] };

export class Tables {
  readonly #init: TablesInit;
  readonly #entries: Entries;

  constructor(init: TablesInit) {
    this.#init = init;
    this.#entries = new Entries(init.netcfg);
  }

  /** Does what is due, and tells the peers how it went. Throws when the kernel cannot be read. */
  async bring(due: Due, { isLook, nowMs }: Turn): Promise<Mended> {
    const { puts, removals } = due;
    if (!isLook && puts.length + removals.length === 0) return NOTHING;
    const observed = await this.#observe();
    const { lacking, conflicts } = compare(puts, observed);
    const news = puts.filter((plan) => this.#isNew(plan));
    const failed = new Failed(conflicts.map(describe));
    failed.add(await this.#entries.putNeighbors(failed.without(lacking)));
    const tunnel = await this.#putTunnel(news, isLook ? puts : null, failed);
    failed.add(await this.#entries.putRoutes(failed.without(lacking)));
    const removed = isLook ? await this.#removeStale(puts, failed) : 0;
    await this.#takeBack(isLook ? { puts, removals: [] } : due, failed);
    this.#settle(due, failed, nowMs);
    const isNew = new Set(news.map(({ subnet }) => subnet));
    const lost = failed.without(lacking).filter(({ subnet }) => !isNew.has(subnet));
    return {
      restored: tunnel.restored + lost.length,
      removed: tunnel.removed + removed,
      failures: failed.all(),
    };
  }

  async #observe(): Promise<Observed> {
    const { netcfg, scope } = this.#init;
    const [routes, neighbors] = await Promise.all([
      netcfg.routes(),
      scope.device === null ? [] : netcfg.neighbors(scope.device),
    ]);
    return { routes, neighbors };
  }

  /** With `all`, what was lost comes back too, and what none of them has goes. */
  async #putTunnel(
    news: readonly PeerPlan[],
    all: readonly PeerPlan[] | null,
    failed: Failed,
  ): Promise<Mended> {
    const { tunnel } = this.#init;
    const open = failed.without(news);
    if (open.length > 0) failed.add(await tunnel.put(open));
    if (all === null) return NOTHING;
    const mended = await tunnel.reconcile(failed.without(all));
    failed.add(mended.failures);
    return mended;
  }

  /** Gives how many entries are gone. */
  async #removeStale(puts: readonly PeerPlan[], failed: Failed): Promise<number> {
    const { netcfg, peers, scope } = this.#init;
    const stale = findStale(peers.wanted(), await this.#observe(), scope);
    const left = await netcfg.apply(stale);
    failed.add(
      left.map(({ change, reason }) => ({ subnet: "", reason: `${change.kind}: ${reason}` })),
    );
    if (stale.length > 0) await this.#putHit(puts, failed);
    return stale.length - left.length;
  }

  /** A route that is removed by device alone may take another along that is right. */
  async #putHit(puts: readonly PeerPlan[], failed: Failed): Promise<void> {
    const { lacking } = compare(failed.without(puts), await this.#observe());
    failed.add(await this.#entries.putRoutes(lacking));
  }

  /** Removes what stands of peers that failed, that are gone, or that want other entries now. */
  async #takeBack({ puts, removals }: Due, failed: Failed): Promise<void> {
    const { peers, tunnel } = this.#init;
    const undone = puts.filter(({ subnet }) => failed.has(subnet));
    const former = puts
      .filter((plan) => this.#isNew(plan))
      .flatMap((plan) => {
        return peers.standing(plan.subnet) ?? [];
      });
    const victims = [...undone, ...former, ...removals];
    if (victims.length === 0) return;
    const kept = failed.without(peers.wanted());
    const left = [
      ...(await this.#entries.removeRoutes(victims, kept)),
      ...(await tunnel.remove([...undone, ...removals])),
      ...(await this.#entries.removeNeighbors(victims, kept)),
    ];
    failed.add(left);
  }

  #settle({ puts, removals }: Due, failed: Failed, nowMs: number): void {
    const { peers } = this.#init;
    for (const plan of [...puts, ...removals]) {
      const { subnet } = plan;
      const reason = failed.reasonOf(subnet);
      const left = removals.includes(plan) ? plan : null;
      if (reason === undefined) peers.succeed(subnet);
      else peers.fail(subnet, { reason, left }, nowMs);
    }
  }

  #isNew(plan: PeerPlan): boolean {
    return this.#init.peers.standing(plan.subnet) !== plan;
  }
}

/** Whose entries failed, each for the first reason that there was. */
class Failed {
  readonly #reasons = new Map<string, string>();

  constructor(failures: readonly EntryFailure[]) {
    this.add(failures);
  }

  add(failures: readonly EntryFailure[]): void {
    for (const { subnet, reason } of failures) {
      if (!this.#reasons.has(subnet)) this.#reasons.set(subnet, reason);
    }
  }

  has(subnet: string): boolean {
    return this.#reasons.has(subnet);
  }

  reasonOf(subnet: string): string | undefined {
    return this.#reasons.get(subnet);
  }

  without(plans: readonly PeerPlan[]): PeerPlan[] {
    return plans.filter(({ subnet }) => !this.has(subnet));
  }

  all(): EntryFailure[] {
    return [...this.#reasons].map(([subnet, reason]) => ({ subnet, reason }));
  }
}

function describe({ subnet, route }: Conflict): EntryFailure {
  const { protocol, via, dev } = route;
  const where = [via && `by way of ${via}`, dev && `on ${dev}`].filter(Boolean).join(" ");
  return { subnet, reason: `a route of protocol ${protocol} ${where} is there already` };
}
