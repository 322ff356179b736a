// Packets and hops while they happen. What is known of them grows until the run ends; then the
// recorder makes the trace's plain data of them.

import type { HopRef, Sending } from "../stack.ts";
import type { Asked, DevicePlace, Milestone, PacketKind, Plane, Sighting } from "../trace/trace.ts";
import type { Verdict } from "../trace/verdict.ts";
import type { Crossing } from "./firewall.ts";

export type Link = Sighting["link"];

/** Bytes on their way, and whose journey that is. Nobody changes the bytes. */
export interface Carried {
  readonly bytes: Uint8Array;
  readonly link: Link;
  readonly journey: Journey;
  /** The hop that it left last; null: none yet. */
  readonly from: Stop | null;
  /** Of what came out of a tunnel: the index of its sender among the node's remotes. */
  readonly remote?: number;
  /** The frame check sequence that it was sent with, where it no longer holds. */
  readonly fcs?: number;
  /** What the firewall knows of it already: a bridge has asked. */
  readonly crossing?: Crossing;
}

/** What a packet is called. */
export interface Description {
  readonly kind: PacketKind;
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** A packet while it travels. */
export class Journey {
  readonly index: number;
  readonly description: Description;
  readonly because: HopRef | null;
  readonly line: Sending["line"];
  readonly stops: Stop[] = [];

  constructor(index: number, description: Description, sending: Omit<Sending, "app">) {
    this.index = index;
    this.description = description;
    this.because = sending.because;
    this.line = sending.line;
  }
}

/** Where a hop is. */
export interface Spot {
  readonly host: string;
  readonly namespace: string;
  readonly device: string;
  readonly plane: Plane;
}

export type Values = Record<string, string | number>;

/** A hop while it is decided. */
export class Stop {
  readonly journey: Journey;
  readonly n: number;
  readonly from: Stop | null;
  readonly timeNs: number;
  spot: Spot;
  /** What it is about: as it came, or as it was made. */
  readonly packet: Uint8Array;
  /** As it came; null where it was made here. */
  readonly arrived: Uint8Array | null;
  readonly inLink: Link;
  outLink: Link;
  outDevice: DevicePlace["name"] | null = null;
  /** null as long as it is not decided. */
  verdict: Verdict | null = null;
  values: Values = {};
  readonly left: Uint8Array[] = [];
  asked: Asked[] = [];
  readonly side: Journey[] = [];
  milestone: Milestone | null = null;
  crossings: number;
  readonly said: string[] = [];
  /** Of what was made here: the addresses that the namespace's devices had then. */
  owned: ReadonlySet<string> = new Set();

  constructor(carried: Carried, spot: Spot, timeNs: number, isMade: boolean) {
    this.journey = carried.journey;
    this.n = carried.journey.stops.push(this);
    this.from = carried.from;
    this.timeNs = timeNs;
    this.spot = spot;
    this.packet = carried.bytes;
    this.arrived = isMade ? null : carried.bytes;
    this.inLink = carried.link;
    this.outLink = carried.link;
    this.crossings = carried.from?.spot.host === spot.host ? carried.from.crossings : 0;
  }

  get ref(): HopRef {
    return { packet: this.journey.index, hop: this.n };
  }

  /** What it is about, with its link. */
  get leaving(): Pick<Carried, "bytes" | "link"> {
    return { bytes: this.packet, link: this.inLink };
  }

  /** Decides it. */
  settle(verdict: Verdict, values: Values): void {
    this.verdict = verdict;
    this.values = values;
  }

  /** What was to go on has ended here. */
  withdraw({ bytes }: Pick<Carried, "bytes">): void {
    const at = this.left.indexOf(bytes);
    if (at >= 0) this.left.splice(at, 1);
  }

  /** Lets `bytes` go on from here. */
  leave(bytes: Uint8Array, link: Link): Carried {
    this.left.push(bytes);
    this.outLink = link;
    return { bytes, link, journey: this.journey, from: this };
  }
}
