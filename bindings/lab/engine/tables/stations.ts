// A forwarding database: which MAC is behind which port of a bridge, or behind which VTEP. The core
// has the entries; here are their rows.
import type { FdbEntry, FdbInit, HeddleNode } from "../../../core/index.ts";
import type { Row } from "../../trace/trace.ts";
import type { Ledger } from "../ledger.ts";

/** What a row is made of. */
export type Station = Pick<FdbEntry, "mac" | "port" | "remote" | "flags">;

/** How a segment says what an entry means. */
export type FdbPrinter = (station: Station) => Row;

export interface StationsInit {
  readonly node: HeddleNode;
  readonly ledger: Ledger;
  /** The segment's index among the node's domains. */
  readonly domain: number;
  readonly print: FdbPrinter;
  readonly nowMs: () => number;
}

/** The stations of one segment. */
export class Stations {
  readonly domain: number;
  readonly #init: StationsInit;

  constructor(init: StationsInit) {
    this.domain = init.domain;
    this.#init = init;
  }

  get ledger(): Ledger {
    return this.#init.ledger;
  }

  find(mac: string): FdbEntry | undefined {
    const { node, domain, nowMs } = this.#init;
    return node.fdb.get({ domain, mac }, nowMs());
  }

  row(mac: string): Row | null {
    const found = this.find(mac);
    return found === undefined ? null : this.#init.print(found);
  }

  set(entry: Omit<FdbInit, "domain">): void {
    const { node, domain, nowMs } = this.#init;
    node.fdb.set({ ...entry, domain }, nowMs());
    this.refresh(entry.mac);
  }

  /** All of them at once, where nothing is known yet. */
  setAll(stations: readonly Station[]): void {
    const { node, domain, nowMs, ledger, print } = this.#init;
    node.fdb.set(
      stations.map((station) => ({ ...station, domain })),
      nowMs(),
    );
    for (const station of stations) ledger.put(station.mac, print(station));
  }

  /** False where it was not there. */
  remove(mac: string): boolean {
    const { node, domain } = this.#init;
    const count = node.fdb.remove({ domain, mac });
    this.refresh(mac);
    return count > 0;
  }

  /** Forgets who was learned last, where that is one more than `max`. Left out: no limit. */
  limit(max: number | undefined, mac: string): void {
    if (max === undefined) return;
    const { node, domain } = this.#init;
    const isLearned = ({ domain: of, flags }: FdbEntry): boolean =>
      of === domain && flags.includes("learned");
    if ([...node.fdb].filter(isLearned).length > max) node.fdb.remove({ domain, mac });
  }

  /** Writes down what has become of a station: it was learned, moved or forgotten. */
  refresh(mac: string): void {
    this.#init.ledger.put(mac, this.row(mac));
  }
}
