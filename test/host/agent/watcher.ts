// A node that watches the others, and what it was told.
import type { Lease, PeerChange, SubnetManager } from "../../../bindings/agent/index.ts";
import { away, type MeddledStore } from "../../../fuzz/agent/meddled-store.ts";
import type { Ground } from "./managed.ts";

/** One change as text: "snapshot +10.5.2.0/24 -10.5.3.0/24 of 1". */
function told({ kind, changed, removed, peers }: PeerChange): string {
  const plus = changed.map(({ subnet }) => ` +${subnet}`).join("");
  const minus = removed.map(({ subnet }) => ` -${subnet}`).join("");
  return `${kind}${plus}${minus} of ${peers.size}`;
}

export class Watcher {
  readonly ground: Ground;
  readonly own: Lease;
  readonly changes: PeerChange[] = [];
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  #read = 0;

  private constructor(ground: Ground, own: Lease, manager: SubnetManager) {
    this.ground = ground;
    this.own = own;
    this.ended = this.#watch(manager);
  }

  /** A node that watches, with its own lease. */
  static async open(
    ground: Ground,
    manager: SubnetManager = ground.manager(),
    own?: Lease,
  ): Promise<Watcher> {
    const lease = own ?? (await ground.acquire(1, "10.5.1.0/24"));
    return new Watcher(ground, lease, manager);
  }

  /** What was told since the last time, as time passed. */
  async news(ms = 1000): Promise<string[]> {
    await this.ground.clock.pass(ms);
    const from = this.#read;
    this.#read = this.changes.length;
    return this.changes.slice(from).map(told);
  }

  stop(): void {
    this.#stop.abort(new Error("enough"));
  }

  async #watch(manager: SubnetManager): Promise<void> {
    for await (const change of manager.peers(this.own, this.#stop.signal)) {
      this.changes.push({ ...change, peers: new Map(change.peers) });
    }
  }
}

/** A store that can be away for a while. */
export function cuttable(ground: Ground): { store: MeddledStore; away: (is: boolean) => void } {
  let isAway = false;
  const store = ground.meddled((_, act) => (isAway ? Promise.reject(away()) : act()));
  const set = (is: boolean): void => {
    isAway = is;
    if (is) store.cut();
  };
  return { store, away: set };
}
