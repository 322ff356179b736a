// One packet through one element of the core.
import type { Burst, BurstFlagName, Desc, ElementName, HeddleNode } from "../../core/index.ts";
import type { Clock } from "../clock.ts";
import type { Link } from "./journey.ts";

/** What goes in. */
export interface Pushed {
  readonly bytes: Uint8Array;
  readonly link: Link;
  /** Where it came in; null: it is the namespace's own. */
  readonly port: number | null;
  readonly remote?: number;
  /** Made here, though it came in by a port: a tunnel takes nothing off its TTL. */
  readonly isOriginated?: boolean;
}

/** What came out. */
export interface Passed {
  readonly bytes: Uint8Array;
  readonly link: Link;
  readonly desc: Desc;
}

export interface Outcome {
  /** The descriptor that went in, with its verdict. */
  readonly desc: Desc;
  readonly outs: readonly Passed[];
}

/** A node's burst of one packet. */
export class Elements {
  readonly node: HeddleNode;
  readonly #burst: Burst;
  readonly #clock: Clock;

  constructor(node: HeddleNode, clock: Clock, outCapacity: number, spareBytes: number) {
    this.node = node;
    this.#clock = clock;
    this.#burst = node.openBurst({ capacity: 1, outCapacity, spareBytes });
  }

  run(element: ElementName, pushed: Pushed, own = 0): Outcome {
    this.#push(pushed);
    const count = this.#burst.run(element, this.#clock.nowMs, own);
    return this.#outcome(count);
  }

  /** `nat_burst`; `dice` are 32 random bits. */
  translate(pushed: Pushed, flags: readonly BurstFlagName[], dice: number): Outcome {
    this.#push(pushed);
    const count = this.#burst.run("nat_burst", this.#clock.nowMs, 0, dice, flags);
    return this.#outcome(count);
  }

  #push(pushed: Pushed): void {
    const { bytes, link, port, remote, isOriginated } = pushed;
    const burst = this.#burst;
    burst.clear();
    const flags = [
      ...(link === "ipv4" ? (["l3"] as const) : []),
      ...(remote === undefined ? [] : (["decapped"] as const)),
      ...(isOriginated ? (["originated"] as const) : []),
    ];
    burst.push({ bytes, port, remote: remote ?? null, flags });
  }

  #outcome(count: number): Outcome {
    const outs = Array.from({ length: count }, (_, at) => this.#out(at));
    return { desc: this.#burst.inAt(0), outs };
  }

  /** Lets time pass for neighbors; gives the questions that are due. */
  tick(): Passed[] {
    this.#burst.clear();
    const count = this.#burst.run("neighbor_tick", this.#clock.nowMs, 0);
    return Array.from({ length: count }, (_, at) => this.#out(at));
  }

  #out(at: number): Passed {
    const desc = this.#burst.outAt(at);
    const link = desc.flags.includes("l3") ? "ipv4" : "ethernet";
    return { bytes: this.#burst.outBytes(at), link, desc };
  }
}
