// Subnet managers over a store in memory, with a clock that the test moves.
import {
  type Lease,
  type LeaseAttrs,
  type Log,
  type ManagerInit,
  MemoryStore,
  printLeaseAttrs,
  type Store,
  SubnetManager,
} from "../../../bindings/agent/index.ts";
import { LeaseRules, openCore } from "../../../bindings/core/index.ts";
import { Dice } from "../../../bindings/lab/dice.ts";
import { VirtualClock } from "../../../fuzz/agent/clock.ts";
import { type Meddle, MeddledStore } from "../../../fuzz/agent/meddled-store.ts";
import { drawSeed } from "../../../fuzz/seed.ts";

export const PREFIX = "/coreos.com/network";
export const CONFIG_KEY: string = `${PREFIX}/config`;
export const NEVER: AbortSignal = new AbortController().signal;

export const seed: number = drawSeed();
const rules = new LeaseRules(await openCore({ memoryBytes: 1 << 20 }));

export interface Said {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A clock, a store with a config in it, and what the managers said. */
export class Ground {
  readonly clock: VirtualClock = new VirtualClock();
  readonly store: MemoryStore;
  readonly said: Said[] = [];
  readonly #dice: Dice = new Dice(BigInt(seed));

  private constructor(historyMax?: number) {
    const limit = historyMax === undefined ? {} : { historyMax };
    this.store = new MemoryStore({ clock: this.clock, ...limit });
  }

  static async open(config: object | null = { Network: "10.5.0.0/16" }): Promise<Ground> {
    const ground = new Ground();
    if (config !== null) await ground.configure(config);
    return ground;
  }

  async configure(config: object): Promise<void> {
    await this.store.put(CONFIG_KEY, JSON.stringify(config), null);
  }

  manager(init: Partial<ManagerInit> = {}): SubnetManager {
    const { clock, store } = this;
    const dice = (): number => this.#dice.u32();
    return new SubnetManager({ store, prefix: PREFIX, rules, clock, dice, log: this.log, ...init });
  }

  readonly log: Log = (level, message, fields = {}) => {
    this.said.push({ level, message, fields });
  };

  /** A store with somebody in between. */
  meddled(meddle: Meddle): MeddledStore {
    return new MeddledStore(this.store, meddle);
  }

  /** 0 to `count` - 1, by the seed. */
  drawn(count: number): number {
    return this.#dice.u32() % count;
  }

  heard(message: string): Said[] {
    return this.said.filter((one) => one.message === message);
  }

  /** Acquires, with time passing as it has to. */
  async acquire(
    node: number,
    previous: string | null = null,
    by: SubnetManager = this.manager(),
  ): Promise<Lease> {
    const acquired = by.acquire(attrsOf(node), previous, NEVER);
    return (await this.clock.settle(acquired)).lease;
  }

  /** What stands under the key of a subnet, "10.5.1.0-24". */
  async entry(name: string): Promise<Awaited<ReturnType<Store["get"]>>["entry"]> {
    return (await this.store.get(keyOf(name))).entry;
  }

  /** A lease as another node writes it. */
  async put(
    name: string,
    value: LeaseAttrs | string,
    leaseId: string | null = null,
  ): Promise<void> {
    await this.store.put(
      keyOf(name),
      typeof value === "string" ? value : printLeaseAttrs(value),
      leaseId,
    );
  }
}

/** "10.5.1.0-24" of a lease of 10.5.1.0/24. */
export function nameOf({ subnet }: Lease): string {
  return subnet.replace("/", "-");
}

export function keyOf(name: string): string {
  return `${PREFIX}/subnets/${name}`;
}

/** What the nth node says about itself. */
export function attrsOf(node: number): LeaseAttrs {
  const byte = node.toString(16).padStart(4, "0").replace(/..$/, ":$&");
  return {
    publicIp: `192.168.${node >> 8}.${node & 255}`,
    publicIpv6: null,
    backendType: "vxlan",
    backendData: { VNI: 1, VtepMAC: `02:00:00:00:${byte}` },
  };
}
