// The forwarding database as a Map: entries age, move and are counted by walking all of them.
import type { Mac } from "./packet.ts";

export type StationFlag = "learned" | "static" | "sticky" | "permanent";

export interface ModelStation {
  readonly domain: number;
  readonly mac: Mac;
  readonly port: number;
  readonly remote: number | null;
  /** What it is; sticky comes with it. */
  readonly flags: readonly StationFlag[];
  readonly seenS: number;
}

export type Place = Pick<ModelStation, "port" | "remote">;

/** What learning comes to. */
export type Learned = "Ok" | "StationMoved" | "LearnRefused" | "Exists";

/** What the FDB needs to know of its node. */
export interface Surroundings {
  readonly nowS: number;
  /** Seconds that a learned entry of the domain is believed; 0 for ever. */
  ageS(domain: number): number;
  /** Most entries that may be learned at the port, and behind the remote; 0 for any number. */
  portLimit(port: number): number;
  remoteLimit(remote: number | null): number;
  isStickyPort(port: number): boolean;
}

export class FdbModel {
  readonly #around: Surroundings;
  readonly #stations: Map<string, ModelStation> = new Map();
  /** Most entries, expired ones among them. */
  capacity: number = Number.POSITIVE_INFINITY;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** All of them, expired or not. */
  entries(): ModelStation[] {
    return [...this.#stations.values()];
  }

  /** Those that are still believed. */
  believed(): ModelStation[] {
    return this.entries().filter((station) => !this.#isExpired(station));
  }

  /** An entry that is still believed. */
  get(domain: number, mac: Mac): ModelStation | undefined {
    const station = this.#stations.get(key(domain, mac));
    return station !== undefined && !this.#isExpired(station) ? station : undefined;
  }

  /** True unless the table is full. */
  set(station: Omit<ModelStation, "seenS">): boolean {
    const { flags } = station;
    const isLearned = flags.every((flag) => flag === "sticky");
    const kinds: readonly StationFlag[] = isLearned ? ["learned", ...flags] : flags;
    return this.#put({ ...station, flags: kinds, seenS: this.#around.nowS });
  }

  /** True when it was there, and believed. */
  remove(domain: number, mac: Mac): boolean {
    const wasThere = this.get(domain, mac) !== undefined;
    this.#stations.delete(key(domain, mac));
    return wasThere;
  }

  /** Removes what `isMeant` says. Returns how many that was. */
  flush(isMeant: (station: ModelStation) => boolean): number {
    const meant = this.entries().filter(isMeant);
    for (const { domain, mac } of meant) this.remove(domain, mac);
    return meant.length;
  }

  /** Removes what has expired. Returns how many that was. */
  age(): number {
    return this.flush((station) => this.#isExpired(station));
  }

  /** The sender of a frame lives at `place`. */
  learn(domain: number, mac: Mac, place: Place): Learned {
    const before = this.#stations.get(key(domain, mac));
    if (before === undefined || this.#isExpired(before)) {
      this.remove(domain, mac);
      return this.#learnNew(domain, mac, place);
    }
    const seen = { ...before, seenS: this.#around.nowS };
    if (before.port === place.port && before.remote === place.remote) {
      this.#put(seen);
      return "Ok";
    }
    if (before.flags.includes("sticky") || before.flags.includes("permanent")) return "Exists";
    if (before.flags.includes("learned") && !this.#mayLearn(place, before)) return "LearnRefused";
    const isLearned = before.flags.includes("learned");
    const flags = isLearned ? this.#flagsAt(place) : before.flags;
    this.#put({ ...seen, ...place, flags });
    return "StationMoved";
  }

  #learnNew(domain: number, mac: Mac, place: Place): Learned {
    if (!this.#mayLearn(place, undefined)) return "LearnRefused";
    const flags = this.#flagsAt(place);
    const isIn = this.#put({ domain, mac, ...place, flags, seenS: this.#around.nowS });
    return isIn ? "Ok" : "LearnRefused";
  }

  // Of what is learned there.
  #flagsAt(place: Place): readonly StationFlag[] {
    return this.#around.isStickyPort(place.port) ? ["learned", "sticky"] : ["learned"];
  }

  // A station that moves does not count twice.
  #mayLearn(place: Place, moving: ModelStation | undefined): boolean {
    const portLimit = this.#around.portLimit(place.port);
    const remoteLimit = this.#around.remoteLimit(place.remote);
    const others = this.learned().filter((station) => station !== moving);
    const atPort = others.filter(({ port }) => port === place.port).length;
    const atRemote = others.filter(({ remote }) => remote === place.remote).length;
    return (portLimit === 0 || atPort < portLimit) && (remoteLimit === 0 || atRemote < remoteLimit);
  }

  /** Learned entries, expired or not. */
  learned(): ModelStation[] {
    return this.entries().filter(({ flags }) => flags.includes("learned"));
  }

  #put(station: ModelStation): boolean {
    const at = key(station.domain, station.mac);
    if (!this.#stations.has(at) && this.#stations.size >= this.capacity) return false;
    this.#stations.set(at, station);
    return true;
  }

  #isExpired({ domain, flags, seenS }: ModelStation): boolean {
    const ageS = this.#around.ageS(domain);
    return flags.includes("learned") && ageS !== 0 && this.#around.nowS - seenS >= ageS;
  }
}

function key(domain: number, mac: Mac): string {
  return `${domain} ${mac}`;
}
