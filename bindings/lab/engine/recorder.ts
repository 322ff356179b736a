// Writes down what happens, and makes a trace of it.
import type { Core } from "../../core/index.ts";
import type { Clock } from "../clock.ts";
import type { HopRef, Sending } from "../stack.ts";
import type {
  Fact,
  Hop,
  Output,
  Packet,
  Sighting,
  TableEvent,
  TableState,
  Trace,
} from "../trace/trace.ts";
import { isDrop } from "../trace/verdict.ts";
import { Arena } from "./arena.ts";
import { nameFields } from "./asked.ts";
import { changesOf } from "./changes.ts";
import { describe } from "./describe.ts";
import { Dissector } from "./dissector.ts";
import { type Carried, Journey, type Link, type Spot, Stop } from "./journey.ts";
import type { Log } from "./ledger.ts";

/** What only the run knows of its trace. */
export type Frontispiece = Pick<Trace, "key" | "scenario" | "seed" | "places" | "network"> & {
  readonly tables: readonly TableState[];
};

const STOPS_MAX = 20_000; // of one packet, its copies included

type Seen = Pick<Sighting, "place" | "direction">;

export class Recorder implements Log {
  readonly #core: Core;
  readonly #clock: Clock;
  readonly #arena: Arena = new Arena();
  readonly #journeys: Journey[] = [];
  readonly #log: TableEvent[] = [];
  readonly #sightings: { readonly seen: Seen; readonly timeNs: number; readonly at: Carried }[] =
    [];
  readonly outputs: Output[] = [];
  /** What went otherwise than a scenario says, commands above all. */
  readonly facts: Fact[] = [];
  /** Called before a hop is decided. */
  beforeHop: (ref: HopRef) => void = () => {};
  /** Which addresses the devices of a namespace have now. */
  readonly #addressesOf: (namespace: string) => ReadonlySet<string>;
  #deciding: Stop | null = null;
  #isBegun = false;

  constructor(core: Core, clock: Clock, addressesOf: (namespace: string) => ReadonlySet<string>) {
    this.#core = core;
    this.#clock = clock;
    this.#addressesOf = addressesOf;
  }

  get nowNs(): number {
    return this.#clock.nowNs;
  }

  get hop(): HopRef | null {
    return this.#deciding?.ref ?? null;
  }

  /** From now on changes of tables are events. */
  begin(): void {
    this.#isBegun = true;
  }

  write(event: TableEvent): void {
    if (this.#isBegun) this.#log.push(event);
  }

  /** A packet that somebody makes: its journey begins. */
  depart(bytes: Uint8Array, link: Link, sending: Omit<Sending, "app">): Carried {
    const description = describe(this.#core, bytes, link);
    const journey = new Journey(this.#journeys.length, description, sending);
    this.#journeys.push(journey);
    if (sending.line === "side") this.stopAt(sending.because)?.side.push(journey);
    return { bytes, link, journey, from: null };
  }

  stopAt(ref: HopRef | null): Stop | undefined {
    return ref === null ? undefined : this.#journeys[ref.packet]?.stops[ref.hop - 1];
  }

  /** The next hop of a packet; `isMade` where its bytes came from nowhere. */
  stop(carried: Carried, spot: Spot, isMade = false): Stop {
    const { stops, description } = carried.journey;
    if (stops.length === STOPS_MAX) {
      throw new RangeError(`"${description.label}" has no end: copies of it go round`);
    }
    const stop = new Stop(carried, spot, this.#clock.nowNs, isMade);
    this.beforeHop(stop.ref);
    if (isMade) stop.owned = this.#addressesOf(spot.namespace);
    return stop;
  }

  /** What changes in tables while `act` runs is this hop's. */
  during<T>(stop: Stop | null, act: () => T): T {
    const before = this.#deciding;
    this.#deciding = stop;
    try {
      return act();
    } finally {
      this.#deciding = before;
    }
  }

  see(at: Carried, seen: Seen): void {
    this.#sightings.push({ seen, timeNs: this.#clock.nowNs, at });
  }

  trace(frontispiece: Frontispiece): Trace {
    const arena = this.#arena;
    const packets: Packet[] = [];
    const hops: Hop[] = [];
    for (const journey of this.#journeys) {
      packets.push(packetOf(journey, hops.length));
      const dissector = new Dissector(this.#core);
      for (const stop of journey.stops) hops.push(this.#hopOf(stop, dissector));
    }
    const sightings = this.#sightings.map(({ seen, timeNs, at }): Sighting => {
      const hop = at.from?.n ?? 1;
      const packet = at.journey.index;
      return { ...seen, timeNs, link: at.link, bytes: arena.put(at.bytes), packet, hop };
    });
    const { outputs } = this;
    const log = this.#log;
    const { facts } = this;
    return {
      ...frontispiece,
      packets,
      hops,
      log,
      facts,
      errata: [],
      outputs,
      sightings,
      bytes: arena.take(),
    };
  }

  #hopOf(stop: Stop, dissector: Dissector): Hop {
    nameFields(dissector, stop);
    const { verdict, spot, arrived, left } = stop;
    if (verdict === null) throw new Error(`nobody decided about a packet at ${spot.namespace}`);
    return {
      packet: stop.journey.index,
      n: stop.n,
      from: stop.from?.n ?? null,
      timeNs: stop.timeNs,
      ...spot,
      outDevice: stop.outDevice,
      verdict,
      values: stop.values,
      in: arrived && this.#arena.put(arrived),
      out: left.map((bytes) => this.#arena.put(bytes)),
      inLink: stop.inLink,
      outLink: stop.outLink,
      asked: stop.asked,
      changes: changesOf(dissector, stop),
      side: stop.side.map(({ index }) => index),
      milestone: stop.milestone,
      crossings: stop.crossings,
      said: stop.said,
    };
  }
}

function packetOf({ index, description, because, line, stops }: Journey, firstHop: number): Packet {
  const last = furthest(stops);
  if (last.verdict === null) throw new Error(`packet ${index} came to no end`);
  const outcome = last.verdict;
  return { index, ...description, because, line, firstHop, hopCount: stops.length, outcome };
}

/** Where somebody took it, else the last place. */
function furthest(stops: readonly Stop[]): Stop {
  const ends = stops.filter(({ left }) => left.length === 0);
  const arrived = ends.find(({ verdict }) => verdict !== null && !isDrop(verdict));
  const last = arrived ?? stops.at(-1);
  if (last === undefined) throw new Error("a packet without a hop");
  return last;
}
