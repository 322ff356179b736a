// The routes of a namespace: rows with all their words here, what decides in the core. Of several
// rows for one prefix the core has the one that answers.
import {
  type HeddleNode,
  network,
  type Prefix,
  parseIpv4,
  parsePrefix,
} from "../../../core/index.ts";
import type { Lost, Row } from "../../trace/trace.ts";
import { kernelAnswers, kernelSays, noDevice } from "../../words/refusal.ts";
import { checkRoute, printRoute, type RouteWords } from "../../words/route.ts";
import type { Device } from "../device.ts";
import type { Ledger } from "../ledger.ts";
import type { Namespace } from "../namespace.ts";

/** A row, and its hop in the core. */
export interface RouteEntry {
  readonly words: RouteWords;
  readonly device: Device | null;
  readonly hop: number;
  readonly key: string;
  readonly prefix: Prefix;
}

/** What the table says about an address. */
export interface RouteAnswer {
  readonly entry: RouteEntry | null;
  readonly isLocal: boolean;
  readonly prefix: string;
}

export interface RouteLoser {
  readonly row: Row;
  readonly why: Lost;
}

const REFUSING = {
  unreachable: "unreachable",
  blackhole: "blackhole",
  prohibit: "prohibit",
} as const;

export class RouteTable {
  readonly #namespace: Namespace;
  readonly #node: HeddleNode;
  readonly #ledger: Ledger;
  readonly #entries: RouteEntry[] = [];
  readonly #byPrefix = new Map<string, readonly RouteEntry[]>();
  readonly #byHop = new Map<number, RouteEntry>();
  readonly #locals = new Map<string, number>();
  readonly #localHop: number;
  #made = 0;

  constructor(namespace: Namespace, ledger: Ledger) {
    this.#namespace = namespace;
    this.#node = namespace.node;
    this.#ledger = ledger;
    this.#localHop = this.#node.hops.set({ kind: "local" });
  }

  get entries(): readonly RouteEntry[] {
    return this.#entries;
  }

  /** What a packet to `target` meets. */
  find(target: string): RouteAnswer | null {
    const route = this.#node.routes.lookup(target);
    if (route === undefined) return null;
    const entry = this.#byHop.get(route.hop) ?? null;
    return { entry, isLocal: route.hop === this.#localHop, prefix: route.prefix };
  }

  /** The rows that match as well, and why they did not answer. */
  losers(target: string, winner: RouteEntry): RouteLoser[] {
    const address = parseIpv4(target);
    return this.#entries.flatMap((entry) => {
      if (entry === winner || !covers(entry.prefix, address)) return [];
      return [{ row: this.rowOf(entry), why: whyLost(entry, winner) }];
    });
  }

  rowOf(entry: RouteEntry): Row {
    const isLinkDown = entry.device !== null && !this.#namespace.hasCarrier(entry.device);
    return printRoute({ ...entry.words, isLinkDown });
  }

  /** As `ip route add`; `append` keeps others of its prefix, and they answer first. */
  add(words: RouteWords, how: "add" | "append" | "replace" = "add"): void {
    checkRoute(words);
    const whole = this.#complete(words);
    const same = this.#of(whole.prefix).filter(({ words: other }) => isSameKey(other, whole));
    if (how === "add" && same.length > 0) throw kernelAnswers("File exists");
    const isTwin = same.some(({ words: other }) => printRoute(other) === printRoute(whole));
    if (how === "append" && isTwin) throw kernelAnswers("File exists");
    if (how === "replace") for (const entry of same.slice(0, 1)) this.#drop(entry);
    this.#make(whole);
  }

  /** As `ip route del`: the first that has all that the words say. */
  remove(words: RouteWords): void {
    const entry = this.#entries.find(({ words: other }) => isMeant(words, other));
    if (entry === undefined) throw kernelAnswers("No such process");
    this.#drop(entry);
  }

  /** An address of the namespace itself. */
  addLocal(address: string): void {
    const count = this.#locals.get(address) ?? 0;
    this.#locals.set(address, count + 1);
    if (count === 0) this.#node.routes.set({ prefix: `${address}/32`, hop: this.#localHop });
  }

  removeLocal(address: string): void {
    const count = this.#locals.get(address) ?? 0;
    if (count > 1) this.#locals.set(address, count - 1);
    if (count !== 1) return;
    this.#locals.delete(address);
    this.#node.routes.remove({ prefix: `${address}/32` });
    this.#sync(`${address}/32`);
  }

  isLocal(address: string): boolean {
    return this.#locals.has(address);
  }

  /** What the kernel does to routes of a device that goes down. */
  dropOf(device: Device): void {
    for (const entry of this.#entries.filter((each) => each.device === device)) this.#drop(entry);
  }

  /** A device has another MTU. */
  resize(device: Device): void {
    for (const { words, device: own, hop } of this.#entries) {
      if (own === device) this.#hopOf(words, device, hop);
    }
  }

  /** Rows say whether their link is up. */
  refresh(): void {
    for (const entry of this.#entries) this.#ledger.put(entry.key, this.rowOf(entry));
  }

  #of(prefix: string): readonly RouteEntry[] {
    return this.#byPrefix.get(prefix) ?? [];
  }

  #complete(words: RouteWords): RouteWords {
    const { gateway, device: name, type, isOnLink } = words;
    if (type !== "unicast") return words;
    if (name !== null && this.#namespace.device(name) === undefined) throw noDevice(name);
    if (gateway === null) {
      if (name === null) throw kernelAnswers("No such device");
      return words;
    }
    if (isOnLink) return words;
    const towards = this.find(gateway)?.entry ?? null;
    const isNear = towards?.words.gateway === null && towards.device !== null;
    const isByDevice = name === null || towards?.device?.name === name;
    if (!isNear || !isByDevice) throw kernelSays("Nexthop has invalid gateway");
    return { ...words, device: name ?? towards?.device?.name ?? null };
  }

  #make(words: RouteWords): void {
    const device = words.device === null ? null : (this.#namespace.device(words.device) ?? null);
    if (device !== null && !device.isUp) throw kernelSays("Device for nexthop is not up");
    const hop = this.#hopOf(words, device);
    const prefix = parsePrefix(words.prefix);
    const entry = { words, device, hop, prefix, key: String(this.#made++) };
    this.#entries.push(entry);
    this.#byPrefix.set(words.prefix, [...this.#of(words.prefix), entry]);
    this.#byHop.set(entry.hop, entry);
    this.#sync(words.prefix);
    this.#ledger.put(entry.key, this.rowOf(entry));
  }

  #hopOf(words: RouteWords, device: Device | null, index: number | null = null): number {
    const { type, gateway } = words;
    if (type in REFUSING) {
      return this.#node.hops.set({ kind: REFUSING[type as keyof typeof REFUSING] });
    }
    const port = device?.port ?? null;
    // A bridge takes from its ports what it would not send itself: its port has no limit.
    const mtu = words.mtu ?? (device?.kind === "bridge" ? device.mtu : 0);
    if (gateway === null) return this.#node.hops.set({ index, kind: "connected", port, mtu });
    const remote = device?.kind === "ipip" ? this.#namespace.remotes.indexOf(gateway) : null;
    const flags = words.isOnLink ? (["onLink"] as const) : [];
    return this.#node.hops.set({ index, kind: "unicast", gateway, port, remote, mtu, flags });
  }

  #drop(entry: RouteEntry): void {
    const { prefix } = entry.words;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#byPrefix.set(
      prefix,
      this.#of(prefix).filter((each) => each !== entry),
    );
    this.#byHop.delete(entry.hop);
    this.#sync(prefix);
    this.#node.hops.remove(entry.hop);
    this.#ledger.put(entry.key, null);
  }

  // The core has the one row of a prefix that answers.
  #sync(prefix: string): void {
    if (this.#locals.has(prefix.replace("/32", ""))) return;
    const candidates = this.#of(prefix);
    const [best] = candidates.toSorted((a, b) => metricOf(a) - metricOf(b)); // stable: first stays
    if (best === undefined) this.#node.routes.remove({ prefix });
    else this.#node.routes.set({ prefix, hop: best.hop });
  }
}

function metricOf({ words }: RouteEntry): number {
  return words.metric ?? 0;
}

function covers({ address, len }: Prefix, target: number): boolean {
  return network({ address: target, len }) === address;
}

function whyLost(entry: RouteEntry, winner: RouteEntry): Lost {
  if (entry.words.prefix !== winner.words.prefix) return "shorter";
  return metricOf(entry) > metricOf(winner) ? "metric" : "later";
}

function isSameKey(a: RouteWords, b: RouteWords): boolean {
  return a.prefix === b.prefix && (a.metric ?? 0) === (b.metric ?? 0);
}

/** True when `words` says nothing that `other` does not. */
function isMeant(words: RouteWords, other: RouteWords): boolean {
  const { prefix, type, gateway, device, proto, scope, src, metric } = words;
  const said = { gateway, device, proto, scope, src, metric };
  if (prefix !== other.prefix || (type !== "unicast" && type !== other.type)) return false;
  return Object.entries(said).every(
    ([name, value]) => value === null || value === other[name as keyof RouteWords],
  );
}
