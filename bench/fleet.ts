// Nodes of one network in virtual time: some with a whole manager, and the rest as what a manager
// shows of itself, writers that take a subnet and renew it at the moments at which a manager would.
import {
  type Lease,
  type LeaseAttrs,
  MemoryStore,
  printLeaseAttrs,
  type Store,
  SubnetManager,
  subnetKey,
} from "../bindings/agent/index.ts";
import { grantTerm } from "../bindings/agent/manager/term.ts";
import { LeaseRules, openCore } from "../bindings/core/index.ts";
import { Dice } from "../bindings/lab/dice.ts";
import { VirtualClock } from "../fuzz/agent/clock.ts";
import { MeddledStore } from "../fuzz/agent/meddled-store.ts";

const PREFIX = "/coreos.com/network";
const CONFIG = { Network: "10.0.0.0/8", SubnetLen: 24, Backend: { Type: "vxlan" } };
const LATENCY_MS = 4; // half of it on the way there, at most
const TTL_S = 86_400;
const MARGIN_MS = 3_600_000;

/** A node with a whole manager, and what its store was asked. */
export interface Full {
  readonly store: MeddledStore;
  readonly lease: Lease;
  /** Changes that its watch of the others told. */
  changes: number;
  stop(): void;
}

export class Fleet {
  readonly clock: VirtualClock = new VirtualClock();
  readonly store: MemoryStore = new MemoryStore({ clock: this.clock });
  /** When a writer renewed. */
  readonly renewedMs: number[] = [];
  readonly #dice = new Dice(1n);
  readonly #rules: LeaseRules;
  #count = 0;

  private constructor(rules: LeaseRules) {
    this.#rules = rules;
  }

  static async open(): Promise<Fleet> {
    const fleet = new Fleet(new LeaseRules(await openCore({ memoryBytes: 4 << 20 })));
    await fleet.store.put(`${PREFIX}/config`, JSON.stringify(CONFIG), null);
    return fleet;
  }

  /** Plain writers, which take the subnets from below within `withinMs`. */
  write(count: number, withinMs: number): void {
    for (let at = 0; at < count; at++) {
      const node = this.#count++;
      const atMs = this.clock.nowMs() + Math.floor((withinMs * at) / count);
      this.clock.at(atMs, () => void this.#hold(node));
    }
  }

  /** A node that acquires and, unless told otherwise, keeps and watches: until the snapshot. */
  async join(stays = true): Promise<Full> {
    const node = this.#count++;
    const store = new MeddledStore(this.store, async (_, act) => {
      await this.clock.sleep(this.#dice.u32() % LATENCY_MS);
      return act();
    });
    const manager = new SubnetManager({
      ...{ store, prefix: PREFIX, rules: this.#rules, clock: this.clock },
      ...{ dice: () => this.#dice.u32(), log: () => {} },
    });
    const stop = new AbortController();
    const { lease } = await manager.acquire(attrsOf(node), null, stop.signal);
    const full = { store, lease, changes: 0, stop: () => stop.abort("stopped") };
    if (!stays) return full;
    manager.keep(lease, stop.signal).catch(() => {});
    await new Promise<void>((resolve) => {
      const watch = async (): Promise<void> => {
        for await (const { changed, removed } of manager.peers(lease, stop.signal)) {
          full.changes += changed.length + removed.length;
          resolve();
        }
      };
      void watch();
    });
    return full;
  }

  async #hold(node: number): Promise<void> {
    const { clock, store } = this;
    const dice = (): number => this.#dice.u32();
    const init = { store: store as Store, clock, dice, ttlS: TTL_S, renewMarginMs: MARGIN_MS };
    const key = subnetKey(PREFIX, { subnet: subnetOf(node), ipv6Subnet: null });
    const value = printLeaseAttrs(attrsOf(node));
    for (let round = 0; ; round++) {
      const { leaseId, renewMs } = await grantTerm(init);
      await store.put(key, value, leaseId);
      if (round > 0) this.renewedMs.push(clock.nowMs());
      await clock.sleep(renewMs - clock.nowMs());
    }
  }
}

function subnetOf(node: number): string {
  return `10.${(node + 1) >> 8}.${(node + 1) & 255}.0/24`;
}

function attrsOf(node: number): LeaseAttrs {
  const bytes = [node >> 8, node & 255];
  const mac = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  return {
    publicIp: `172.16.${bytes.join(".")}`,
    publicIpv6: null,
    backendType: "vxlan",
    backendData: { VNI: 1, VtepMAC: `02:00:00:00:${mac}` },
  };
}
