// The tunnel's tables where the kernel is the tunnel: the FDB of its VXLAN device.
import type { Change } from "../../agent/change.ts";
import type { FdbPlan, PeerPlan } from "../../agent/plan.ts";
import { reconcileFdb } from "../../agent/reconcile.ts";
import type { EntryFailure, Mended, TunnelTables } from "./datapath.ts";
import type { ChangeFailure, Netcfg } from "./netcfg.ts";

export class KernelFdb implements TunnelTables {
  readonly #netcfg: Netcfg;
  readonly #device: string;
  /** By subnet, what stands there for it. Two subnets of one node share an entry. */
  readonly #held = new Map<string, readonly FdbPlan[]>();

  constructor(netcfg: Netcfg, device: string) {
    this.#netcfg = netcfg;
    this.#device = device;
  }

  async put(plans: readonly PeerPlan[]): Promise<readonly EntryFailure[]> {
    const former = plans.flatMap(({ subnet }) => this.#held.get(subnet) ?? []);
    const wanted = plans.flatMap(({ fdb }) => fdb);
    const failed = await this.#netcfg.apply(wanted.map((entry) => change("put", entry)));
    for (const { subnet, fdb } of plans) this.#held.set(subnet, fdb);
    const left = await this.#drop(former);
    return [...failuresOf(plans, failed), ...failuresOf(plans, left)];
  }

  async remove(plans: readonly PeerPlan[]): Promise<readonly EntryFailure[]> {
    const former = plans.flatMap(({ subnet, fdb }) => [...fdb, ...(this.#held.get(subnet) ?? [])]);
    for (const { subnet } of plans) this.#held.delete(subnet);
    return failuresOf(plans, await this.#drop(former));
  }

  async reconcile(plans: readonly PeerPlan[]): Promise<Mended> {
    const { missing, stale } = reconcileFdb(plans, await this.#netcfg.fdb(this.#device));
    this.forget();
    for (const { subnet, fdb } of plans) this.#held.set(subnet, fdb);
    const failed = await this.#netcfg.apply([
      ...missing.map((entry) => change("put", entry)),
      ...stale.map((entry) => change("remove", entry)),
    ]);
    const isStale = ({ change: { action } }: ChangeFailure): boolean => action === "remove";
    return {
      restored: missing.length - failed.filter((one) => !isStale(one)).length,
      removed: stale.length - failed.filter(isStale).length,
      failures: failuresOf(plans, failed),
    };
  }

  /** To be called when the device was made anew, and nothing stands in it. */
  forget(): void {
    this.#held.clear();
  }

  /** Removes those that nobody holds any more. */
  async #drop(entries: readonly FdbPlan[]): Promise<ChangeFailure[]> {
    if (entries.length === 0) return [];
    const held = new Set([...this.#held.values()].flat().map(textOf));
    const gone = entries.filter((entry) => !held.has(textOf(entry)));
    return this.#netcfg.apply(gone.map((entry) => change("remove", entry)));
  }
}

function change(action: "put" | "remove", entry: FdbPlan): Change {
  return { action, kind: "fdb", entry };
}

/** Whose entries failed. What no plan has is nobody's failure: the next look finds it. */
function failuresOf(
  plans: readonly PeerPlan[],
  failures: readonly ChangeFailure[],
): EntryFailure[] {
  if (failures.length === 0) return [];
  const reasons = new Map(
    failures.flatMap(({ change: { kind, entry }, reason }) =>
      kind === "fdb" ? [[textOf(entry), reason] as const] : [],
    ),
  );
  return plans.flatMap(({ subnet, fdb }) => {
    const reason = fdb.map((entry) => reasons.get(textOf(entry))).find((one) => one !== undefined);
    return reason === undefined ? [] : [{ subnet, reason: `FDB: ${reason}` }];
  });
}

function textOf({ mac, dst }: FdbPlan): string {
  return `${mac} ${dst}`;
}
