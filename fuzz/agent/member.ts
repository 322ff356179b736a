// A node of a network as far as its subnet goes: it acquires, keeps and watches, and when it loses
// its subnet it begins again, as an agent does. What it believes is for the laws to look at.
import {
  type Lease,
  type LeaseAttrs,
  LeaseLostError,
  type Store,
  StoreError,
  SubnetManager,
} from "../../bindings/agent/index.ts";
import { HeddleError, type LeaseRules } from "../../bindings/core/index.ts";
import type { Dice } from "../../bindings/lab/dice.ts";
import type { VirtualClock } from "./clock.ts";
import { away, type Call, MeddledStore } from "./meddled-store.ts";
import { Process } from "./process.ts";

export const PREFIX = "/net";
export const SILENCE_MAX_MS = 45_000;

export interface MemberInit {
  readonly node: number;
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly rules: LeaseRules;
  readonly dice: Dice;
  readonly ttlS: number;
  /** It has a subnet now. */
  onBelief(member: Member): void;
  /** Something that may never be. */
  onFault(fault: string): void;
}

/** How badly a member reaches the store; what counts calls, counts percent of them. */
export interface Weather {
  readonly failsBefore: number;
  readonly failsAfter: number;
  /** Said to have failed, and done seconds later. */
  readonly late: number;
  readonly delayMs: number;
  /** Revisions that a watch tells once more. */
  readonly repeats: number;
}

export const CALM: Weather = { failsBefore: 0, failsAfter: 0, late: 0, delayMs: 4, repeats: 0 };

export interface Belief {
  readonly lease: Lease;
  /** What it rests on was taken away: by hand, or by time while the process slept. */
  isVoid: boolean;
}

interface Ambush {
  readonly call: Call;
  readonly act: () => void;
}

const BEGIN_AGAIN_MS = 5000;
const LATE_MS = 8000;

export class Member {
  readonly store: MeddledStore;
  isAway = false;
  belief: Belief | null = null;
  peers: ReadonlyMap<string, Lease> = new Map();
  /** How often it began to watch from nothing. */
  watches = 0;
  attrs: LeaseAttrs;
  readonly #init: MemberInit;
  /** What subnet.env says. */
  #file: string | null = null;
  #process: Process | null = null;
  #manager: SubnetManager | null = null;
  #macs = 0;
  #weather: Weather = CALM;
  #mutedUntilMs = 0;
  #ambush: Ambush | null = null;

  constructor(init: MemberInit) {
    this.#init = init;
    this.attrs = this.#newAttrs();
    this.store = new MeddledStore(init.store, (call, act) => this.#reach(call, act), {
      from: (revision) => {
        const from = revision - BigInt(this.#weather.repeats);
        return from < 1n ? 1n : from;
      },
      pass: async () => {
        const mutedMs = this.#mutedUntilMs - init.clock.nowMs();
        await init.clock.sleep(mutedMs > 0 ? mutedMs : this.#some(this.#weather.delayMs));
      },
    });
  }

  get isStopped(): boolean {
    return this.#process?.isStopped ?? false;
  }

  /** A new process. */
  start(): void {
    if (this.#process !== null) return;
    const { clock, dice, rules, ttlS } = this.#init;
    const process = new Process(clock);
    const manager = new SubnetManager({
      store: process.storeOf(this.store),
      ...{ clock: process, dice: () => dice.u32(), rules, ttlS },
      ...{ prefix: PREFIX, log: () => {}, silenceMaxMs: SILENCE_MAX_MS },
    });
    this.#process = process;
    this.#manager = manager;
    void this.#run(manager, process);
  }

  /** The process dies. Its file may, too. */
  crash(keepsFile: boolean): void {
    this.#process?.kill();
    this.#process = null;
    this.#manager = null;
    this.belief = null;
    this.watches += 1;
    this.store.cut();
    if (!keepsFile) this.#file = null;
  }

  stop(): void {
    this.#process?.stop();
  }

  resume(): void {
    if (this.isStopped) this.#process?.resume();
  }

  suffer(weather: Weather): void {
    this.#weather = weather;
  }

  /** Nothing hinders it any more, but time. */
  recover(): void {
    this.#weather = CALM;
    this.#mutedUntilMs = 0;
    this.#ambush = null;
    this.isAway = false;
  }

  /** Its watches tell nothing until then. */
  mute(untilMs: number): void {
    this.#mutedUntilMs = untilMs;
  }

  /** Does something when the next such call was done, before the answer is here. */
  lieInWait(call: Call, act: () => void): void {
    this.#ambush = { call, act };
  }

  /** It has another MAC from now on. */
  async republish(): Promise<void> {
    const { belief } = this;
    if (belief === null || this.#manager === null || this.isStopped) return;
    this.attrs = this.#newAttrs();
    try {
      const lease = await this.#manager.republish(belief.lease, this.attrs);
      if (this.belief === belief) this.belief = { ...belief, lease };
    } catch (error) {
      if (!(error instanceof LeaseLostError) && !isPassing(error)) this.#fault(error);
    }
  }

  async #run(manager: SubnetManager, process: Process): Promise<void> {
    const { signal } = new AbortController();
    for (;;) {
      try {
        const { lease } = await manager.acquire(this.attrs, this.#file, signal);
        const watch = new AbortController();
        this.#file = lease.subnet;
        this.belief = { lease, isVoid: false };
        this.#init.onBelief(this);
        void this.#watch(manager, lease, watch.signal);
        await manager.keep(lease, signal);
        this.belief = null;
        watch.abort();
      } catch (error) {
        if (!isPassing(error)) return this.#fault(error);
        await process.sleep(BEGIN_AGAIN_MS);
      }
    }
  }

  async #watch(manager: SubnetManager, own: Lease, signal: AbortSignal): Promise<void> {
    this.watches += 1;
    try {
      for await (const { peers } of manager.peers(own, signal)) this.peers = peers;
    } catch (error) {
      this.#fault(error);
    }
  }

  async #reach<T>(call: Call, act: () => Promise<T>): Promise<T> {
    const { clock } = this.#init;
    const { delayMs, failsAfter, failsBefore, late } = this.#weather;
    await clock.sleep(this.#some(delayMs));
    if (this.isAway || this.#happens(failsBefore)) throw away();
    if (call !== "watch" && this.#happens(late)) {
      clock.at(clock.nowMs() + this.#some(LATE_MS), () => void act().catch(() => {}));
      throw away();
    }
    const done = await act();
    if (call === this.#ambush?.call) this.#spring(this.#ambush);
    await clock.sleep(this.#some(delayMs));
    if (this.isAway || this.#happens(failsAfter)) throw away();
    return done;
  }

  #spring({ act }: Ambush): void {
    this.#ambush = null;
    act();
  }

  #some(most: number): number {
    return this.#init.dice.u32() % (most + 1);
  }

  #happens(percent: number): boolean {
    return percent > 0 && this.#init.dice.u32() % 100 < percent;
  }

  #newAttrs(): LeaseAttrs {
    const { node } = this.#init;
    const vtepMac = `02:00:00:00:0${node}:${(this.#macs++).toString(16).padStart(2, "0")}`;
    const backendData = { VNI: 1, VtepMAC: vtepMac };
    return { publicIp: `192.0.2.${node + 1}`, publicIpv6: null, backendType: "vxlan", backendData };
  }

  #fault(error: unknown): void {
    this.#init.onFault(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === "Unavailable";
  return error instanceof HeddleError && error.code === "OutOfSubnets";
}
