// Several nodes of one network, each with its own manager, over one store, and all that can happen
// to them: what may never be is looked for at each moment, and what must be when it is quiet again.
import { deepStrictEqual, ok } from "node:assert";
import {
  MemoryStore,
  parseSubnetKey,
  printLeaseAttrs,
  type StoreEntry,
} from "../../bindings/agent/index.ts";
import { HeddleError, type LeaseRules } from "../../bindings/core/index.ts";
import { Dice } from "../../bindings/lab/dice.ts";
import { audit } from "./audit.ts";
import { VirtualClock } from "./clock.ts";
import { expectPeers, leaseOf, subnetsOf } from "./expect.ts";
import { type Belief, Member, PREFIX, SILENCE_MAX_MS, type Weather } from "./member.ts";

export interface TownInit {
  readonly seed: number;
  readonly members: number;
  /** Subnets that the config has. */
  readonly room: number;
  readonly ttlS: number;
  /** In which everybody begins. */
  readonly weather: Weather;
  /** Which members have a reservation. */
  readonly reserved: readonly number[];
}

interface Known {
  readonly member: Member;
  readonly watch: number;
  readonly key: string;
  readonly createRevision: bigint;
}

const SUBNETS = `${PREFIX}/subnets/`;
const CALLS_MAX = 500; // of one member in a minute
const HAND_MS = 60_000;
const MINUTE_MS = 60_000;
const NEWS_MS = 50;
const MOMENT_MS = 1000;
const CALM_MS = 30_000;

export class Town {
  readonly clock: VirtualClock = new VirtualClock();
  readonly store: MemoryStore;
  readonly members: readonly Member[];
  readonly #init: TownInit;
  readonly #rules: LeaseRules;
  readonly #faults: string[] = [];
  readonly #reservations = new Set<string>();
  /** When somebody last wrote a key by hand. */
  readonly #handMs = new Map<string, number>();
  #config: object = {};
  readonly #known: Known[] = [];

  private constructor(init: TownInit, rules: LeaseRules) {
    this.#init = init;
    this.#rules = rules;
    this.store = new MemoryStore({ clock: this.clock });
    const dice = new Dice(BigInt(init.seed));
    this.members = Array.from({ length: init.members }, (_, node) => {
      return new Member({
        ...{ node, store: this.store, clock: this.clock, rules, dice, ttlS: init.ttlS },
        onBelief: (member) => void this.#look(member),
        onFault: (fault) => void this.#faults.push(fault),
      });
    });
  }

  static async open(init: TownInit, rules: LeaseRules): Promise<Town> {
    const town = new Town(init, rules);
    void audit({
      ...{ store: town.store, prefix: SUBNETS },
      isByHand: (key) => town.clock.nowMs() - (town.#handMs.get(key) ?? -1) < MOMENT_MS,
      onFault: (fault) => void town.#faults.push(fault),
    });
    await town.configure(28);
    for (const node of init.reserved) {
      const key = `${SUBNETS}${nameOf(node + 1)}`;
      const publicIp = town.members[node]?.attrs.publicIp;
      if (publicIp === undefined || node >= init.room) continue;
      await town.store.put(key, JSON.stringify({ PublicIP: publicIp }), null);
      town.#reservations.add(key);
    }
    for (const member of town.members) {
      member.suffer(init.weather);
      member.start();
    }
    return town;
  }

  /** The config has subnets of another length from now on. */
  async configure(subnetLen: number): Promise<void> {
    const { room } = this.#init;
    const widest = 2 ** (32 - subnetLen);
    const last = Math.floor(((room + 1) * 16 - 1) / widest) * widest;
    const max = Math.max(last, widest);
    this.#config = {
      ...{ network: "10.9.0.0/24", subnetLen },
      ...{ subnetMin: `10.9.0.${widest}`, subnetMax: `10.9.0.${max}` },
    };
    await this.store.put(`${PREFIX}/config`, JSON.stringify(this.#config), null);
  }

  /** By hand: the nth key is deleted, or its lease revoked, or it is written over. */
  async meddle(nth: number, value: string | "delete" | "revoke"): Promise<void> {
    const { entries } = await this.store.list(SUBNETS);
    const entry = entries[nth % (entries.length || 1)];
    if (entry === undefined) return;
    const { key, leaseId } = entry;
    if (value === "revoke" && leaseId !== null) {
      for (const other of entries) if (other.leaseId === leaseId) this.#touch(other.key);
      await this.store.revokeLease(leaseId);
      return;
    }
    this.#touch(key);
    this.#reservations.delete(key);
    if (value !== "delete" && value !== "revoke") this.#remember(entry);
    if (value === "delete" || value === "revoke") await this.store.remove(key, null);
    else await this.store.put(key, value, leaseId);
  }

  /** By hand: a key is written. */
  async write(name: string, value: string, ttlS: number | null): Promise<void> {
    const key = SUBNETS + name;
    this.#touch(key);
    this.#reservations.delete(key);
    const lease = ttlS === null ? null : await this.store.grantLease(ttlS);
    await this.store.put(key, value, lease?.id ?? null);
  }

  async compact(): Promise<void> {
    await this.store.compact((await this.store.list(PREFIX)).revision);
  }

  /** A process that slept wakes up. */
  async resume(member: Member): Promise<void> {
    const { belief } = member;
    if (belief !== null && member.isStopped && !(await this.#rests(belief))) belief.isVoid = true;
    member.resume();
  }

  /** Lets time pass, and looks at how often the store was asked. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= MINUTE_MS) {
      const before = this.members.map(({ store }) => store.count);
      await this.clock.pass(Math.min(leftMs, MINUTE_MS));
      this.members.forEach(({ store }, at) => {
        const calls = store.count - (before[at] ?? 0);
        ok(calls <= CALLS_MAX, `${calls} calls of one member in a minute`);
      });
      deepStrictEqual(this.#faults, []);
    }
  }

  /** Everybody is well again; what must be then. */
  async settle(): Promise<void> {
    for (const member of this.members) {
      member.recover();
      await this.resume(member);
      member.start();
    }
    await this.pass(this.#init.ttlS * 1000 + SILENCE_MAX_MS + CALM_MS);
    for (const isLast of [false, false, true]) {
      try {
        return this.#expectQuiet((await this.store.list(SUBNETS)).entries);
      } catch (error) {
        if (isLast) throw error;
        await this.pass(NEWS_MS); // some renewal was on its way
      }
    }
  }

  // A subnet that one just came to believe in is nobody else's.
  async #look(member: Member): Promise<void> {
    const { belief } = member;
    if (belief === null) return;
    const { key, subnet } = belief.lease;
    const handMs = this.#handMs.get(key) ?? Number.NEGATIVE_INFINITY;
    if (this.clock.nowMs() - handMs < HAND_MS) belief.isVoid = true;
    for (const other of this.members) {
      const theirs = other.belief;
      if (other === member || theirs === null || belief.isVoid || theirs.isVoid) continue;
      if (this.#rules.overlap([{ subnet: theirs.lease.subnet }], subnet) === undefined) continue;
      if (other.isStopped && !(await this.#rests(theirs))) continue;
      const both = `${theirs.lease.key} and ${key}`;
      this.#faults.push(`two hold one subnet: ${both}, at ${this.clock.nowMs()} ms`);
    }
  }

  // Whether the store still has the lease for whom it was made.
  async #rests({ lease }: Belief): Promise<boolean> {
    const { entry } = await this.store.get(lease.key);
    return leaseOf(entry)?.attrs.publicIp === lease.attrs.publicIp;
  }

  // Who knows a peer by a key that now holds nonsense goes on knowing it.
  #remember({ key, createRevision }: StoreEntry): void {
    for (const member of this.members) {
      const isKnown = [...member.peers.values()].some((lease) => lease.key === key);
      if (isKnown) this.#known.push({ member, watch: member.watches, key, createRevision });
    }
  }

  #expectKnown(entries: readonly StoreEntry[]): void {
    for (const { member, watch, key, createRevision } of this.#known) {
      const entry = entries.find((one) => one.key === key);
      if (member.watches !== watch || entry?.createRevision !== createRevision) continue;
      const { subnet } = parseSubnetKey(key);
      ok(member.peers.has(subnet), `${subnet} was forgotten for nonsense at its key`);
    }
  }

  #touch(key: string): void {
    this.#handMs.set(key, this.clock.nowMs());
    for (const { belief } of this.members) {
      if (belief?.lease.key === key) belief.isVoid = true;
    }
  }

  #expectQuiet(entries: readonly StoreEntry[]): void {
    for (const key of this.#reservations) {
      const entry = entries.find((one) => one.key === key);
      deepStrictEqual(entry?.leaseId, null, `the reservation ${key}`);
    }
    this.#expectKnown(entries);
    for (const member of this.members) {
      this.#expectLease(member, entries);
      if (member.belief !== null) expectPeers(member, member.belief.lease, entries);
    }
  }

  #expectLease({ attrs, belief }: Member, entries: readonly StoreEntry[]): void {
    if (belief === null) {
      const taken = entries.flatMap(({ key }) => subnetsOf(key));
      const config = this.#config as { network: string };
      try {
        this.#rules.pick(config, taken, 0);
      } catch (error) {
        ok(error instanceof HeddleError && error.code === "OutOfSubnets");
        return;
      }
      throw new Error(`${attrs.publicIp} has no subnet, and there is room`);
    }
    const { key } = belief.lease;
    const lease = leaseOf(entries.find((one) => one.key === key) ?? null);
    ok(lease !== null, `${attrs.publicIp} believes in ${key}, which is not there`);
    const isSaid =
      lease.leaseId === null || printLeaseAttrs(lease.attrs) === printLeaseAttrs(attrs);
    ok(isSaid && lease.attrs.publicIp === attrs.publicIp, `${key} is another's: ${attrs.publicIp}`);
  }
}

/** The nth subnet of 16 addresses: "10.9.0.16-28". */
export function nameOf(nth: number): string {
  return `10.9.0.${(nth % 16) * 16}-28`;
}
