// Neighbors as a plain list, with the states of RFC 1122 (section 2.3.2.1) and ABI.md's times. Ages
// are kept as the core keeps them, in eleven bits of seconds or of eight milliseconds.
import type { Address, Mac } from "./packet.ts";

export type NeighborState =
  | "reachable"
  | "permanent"
  | "stale"
  | "delay"
  | "probe"
  | "incomplete"
  | "failed";

export interface ModelNeighbor {
  readonly port: number;
  readonly address: Address;
  mac: Mac | null;
  state: NeighborState;
  sinceMs: number;
  asked: number;
  waiting: number;
}

/** Whom a packet goes to, or what becomes of it. */
export type Use = { readonly mac: Mac } | "ask" | "wait" | "QueueFull" | "NoRoom" | "Unresolved";

export type How = "inPassing" | "asking" | "answering";

const SECONDS: readonly NeighborState[] = ["reachable", "permanent", "stale"];
const WRAP = 2048;
const UNIT_MS = 8;
const LIMITS: Readonly<Record<NeighborState, number>> = {
  reachable: 30,
  permanent: Number.POSITIVE_INFINITY,
  stale: 1200,
  delay: 5000 / UNIT_MS,
  probe: 1000 / UNIT_MS,
  incomplete: 1000 / UNIT_MS,
  failed: 3000 / UNIT_MS,
};

export class NeighborModel {
  entries: ModelNeighbor[] = [];
  readonly capacity: number;
  /** Which of these went when room was needed: the core's own choice. */
  lost: (candidates: readonly ModelNeighbor[]) => ModelNeighbor | undefined = () => undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  find(port: number, address: Address): ModelNeighbor | undefined {
    return this.entries.find((one) => one.port === port && one.address === address);
  }

  age(one: ModelNeighbor, nowMs: number): number {
    const unit = SECONDS.includes(one.state) ? 1000 : UNIT_MS;
    return (Math.floor(nowMs / unit) - Math.floor(one.sinceMs / unit)) % WRAP;
  }

  isDue(one: ModelNeighbor, nowMs: number): boolean {
    return this.age(one, nowMs) >= LIMITS[one.state];
  }

  stateOf(one: ModelNeighbor, nowMs: number): NeighborState {
    return one.state === "reachable" && this.isDue(one, nowMs) ? "stale" : one.state;
  }

  /** As `neighbor_get` tells it. */
  told(one: ModelNeighbor, nowMs: number): object {
    const { port, address, mac } = one;
    const age = this.age(one, nowMs);
    const seconds = SECONDS.includes(one.state) ? age : Math.floor((age * UNIT_MS) / 1000);
    const ageS = one.state === "permanent" ? 0 : seconds;
    return { port, address, mac, state: this.stateOf(one, nowMs), ageS };
  }

  set(port: number, address: Address, mac: Mac, state: NeighborState, nowMs: number): boolean {
    const known = this.find(port, address);
    const one = known ?? this.#add(port, address, nowMs, false);
    if (one === undefined) return false;
    this.#put(one, mac, state, nowMs);
    return true;
  }

  remove(port: number, address: Address): boolean {
    const known = this.find(port, address);
    this.entries = this.entries.filter((one) => one !== known);
    return known !== undefined;
  }

  use(port: number, address: Address, nowMs: number): Use {
    const known = this.find(port, address);
    if (known === undefined) return this.#begin(port, address, nowMs);
    const state = this.stateOf(known, nowMs);
    if (state === "failed") {
      if (!this.isDue(known, nowMs)) return "Unresolved";
      this.#put(known, null, "incomplete", nowMs, 1);
      known.waiting = 1;
      return "ask";
    }
    if (known.mac === null) {
      if (known.waiting === 3) return "QueueFull";
      known.waiting += 1;
      return "wait";
    }
    if (state === "stale") this.#put(known, known.mac, "delay", nowMs);
    return { mac: known.mac };
  }

  #begin(port: number, address: Address, nowMs: number): Use {
    const nameless = this.entries.filter(({ mac }) => mac === null).length;
    const isOver = nameless >= Math.ceil(this.capacity / 2);
    if (isOver && !this.#makeRoom(nowMs, ["failed"])) return "NoRoom";
    const one = this.#add(port, address, nowMs, true);
    if (one === undefined) return "NoRoom";
    this.#put(one, null, "incomplete", nowMs, 1);
    one.waiting = 1;
    return "ask";
  }

  hear(port: number, address: Address, mac: Mac, how: How, nowMs: number): string {
    const known = this.find(port, address);
    if (known === undefined) {
      if (how !== "asking") return "NotFound";
      const one = this.#add(port, address, nowMs, false);
      if (one === undefined) return "NoRoom";
      this.#put(one, mac, "stale", nowMs);
      return "Ok";
    }
    const state = this.stateOf(known, nowMs);
    const isSame = known.mac === mac;
    const isFresh = state === "reachable" && this.age(known, nowMs) < 1;
    if (!isSame && (state === "permanent" || isFresh)) return "Exists";
    if (state === "permanent" || (isSame && how !== "answering")) return "Ok";
    const hasMoved = known.mac !== null && !isSame;
    this.#put(known, mac, how === "answering" ? "reachable" : "stale", nowMs);
    return hasMoved ? "NeighborMoved" : "Ok";
  }

  /** Returns whom to ask, and how many have failed. */
  tick(nowMs: number): { readonly asked: ModelNeighbor[]; readonly failed: number } {
    const due = this.entries.filter((one) => this.isDue(one, nowMs));
    const gone = due.filter(({ state }) => state === "stale" || state === "failed");
    const asked: ModelNeighbor[] = [];
    let failed = 0;
    for (const one of due) {
      if (gone.includes(one)) continue;
      if (one.state === "reachable") one.state = "stale";
      else if (one.asked === 3) {
        failed += 1;
        this.#put(one, null, "failed", nowMs);
      } else {
        const next = one.state === "delay" ? "probe" : one.state;
        this.#put(one, one.mac, next, nowMs, one.asked + 1);
        asked.push(one);
      }
    }
    this.entries = this.entries.filter((one) => !gone.includes(one));
    return { asked, failed };
  }

  #put(
    one: ModelNeighbor,
    mac: Mac | null,
    state: NeighborState,
    nowMs: number,
    asked: number = 0,
  ): void {
    Object.assign(one, { mac, state, sinceMs: nowMs, asked });
  }

  #add(
    port: number,
    address: Address,
    nowMs: number,
    isNameless: boolean,
  ): ModelNeighbor | undefined {
    const isFull = this.entries.length >= this.capacity;
    const states = isNameless ? ["failed", "stale"] : ["failed", "stale", "incomplete"];
    if (isFull && !this.#makeRoom(nowMs, states)) return undefined;
    const one: ModelNeighbor = {
      ...{ port, address, mac: null, state: "incomplete" },
      ...{ sinceMs: nowMs, asked: 0, waiting: 0 },
    };
    this.entries.push(one);
    return one;
  }

  #makeRoom(nowMs: number, states: readonly string[]): boolean {
    const candidates = this.entries.filter((one) => states.includes(this.stateOf(one, nowMs)));
    if (candidates.length === 0) return false;
    const lost = this.lost(candidates);
    if (lost === undefined) throw new Error("room was needed, and nobody went");
    this.entries = this.entries.filter((one) => one !== lost);
    return true;
  }
}
