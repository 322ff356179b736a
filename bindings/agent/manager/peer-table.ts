// Who the peers are, by all that was seen of the store: a function of the leases that stand there,
// whatever the way on which they came to be known. What can be read no more does not unmake a peer:
// as long as its key lives on, the last that could be read of it counts.
import type { Lease } from "../lease.ts";
import type { Log } from "../log.ts";
import type { StoreEntry, StoreEvent } from "../store.ts";
import { printLeaseAttrs } from "../value.ts";
import type { LeaseReader } from "./reader.ts";

export interface PeerTableInit {
  /** Nobody's peer is the node itself, whatever the store says. */
  readonly ownSubnet: string;
  readonly reader: LeaseReader;
  readonly peersMax: number;
  readonly log: Log;
}

export interface PeerDiff {
  readonly changed: readonly Lease[];
  readonly removed: readonly Lease[];
}

interface Known {
  readonly value: string;
  readonly createRevision: bigint;
  readonly lease: Lease;
}

export class PeerTable {
  readonly #init: PeerTableInit;
  readonly #known = new Map<string, Known>();
  /** More than one where somebody wrote two leases of one subnet, as of two families and of one. */
  readonly #keys = new Map<string, Set<string>>();
  readonly #peers = new Map<string, Lease>();
  readonly #touched = new Set<string>();
  #isFull = false;

  constructor(init: PeerTableInit) {
    this.#init = init;
  }

  get peers(): ReadonlyMap<string, Lease> {
    return this.#peers;
  }

  /** All that there is: who is not in it is gone. */
  reset(entries: readonly StoreEntry[]): PeerDiff {
    const keys = new Set(entries.map(({ key }) => key));
    for (const key of [...this.#known.keys()]) if (!keys.has(key)) this.#forget(key);
    for (const entry of entries) this.#learn(entry);
    return this.#settle();
  }

  apply(events: readonly StoreEvent[]): PeerDiff {
    for (const event of events) {
      if (event.kind === "put") this.#learn(event.entry);
      else this.#forget(event.key);
    }
    return this.#settle();
  }

  #learn(entry: StoreEntry): void {
    const { key, value, createRevision, modRevision, leaseId } = entry;
    const known = this.#known.get(key);
    if (known?.value === value) {
      this.#keep({ value, createRevision, lease: { ...known.lease, modRevision, leaseId } });
      return;
    }
    const lease = this.#init.reader.lease(entry);
    if (lease === null) {
      // Deleted and made again as something else, unless the key is the one that it was.
      if (known !== undefined && known.createRevision !== createRevision) this.#forget(key);
      return;
    }
    if (lease.subnet === this.#init.ownSubnet) return;
    if (known !== undefined || this.#hasRoom(lease)) this.#keep({ value, createRevision, lease });
  }

  #hasRoom({ subnet }: Lease): boolean {
    const { peersMax, log } = this.#init;
    const hasRoom = this.#known.size < peersMax;
    if (!hasRoom && !this.#isFull) log("error", "too many peers: refused", { subnet, peersMax });
    this.#isFull = !hasRoom;
    return hasRoom;
  }

  #keep(known: Known): void {
    const { key, subnet } = known.lease;
    this.#known.set(key, known);
    const keys = this.#keys.get(subnet);
    if (keys === undefined) this.#keys.set(subnet, new Set([key]));
    else keys.add(key);
    this.#touched.add(subnet);
  }

  #forget(key: string): void {
    const subnet = this.#known.get(key)?.lease.subnet;
    if (subnet === undefined) return;
    this.#known.delete(key);
    this.#keys.get(subnet)?.delete(key);
    this.#touched.add(subnet);
  }

  // What all that happened in one go comes to.
  #settle(): PeerDiff {
    const changed: Lease[] = [];
    const removed: Lease[] = [];
    for (const subnet of this.#touched) {
      const before = this.#peers.get(subnet);
      const after = this.#holder(subnet);
      if (after !== undefined) {
        this.#peers.set(subnet, after);
        if (before === undefined || !isSaidAgain(before, after)) changed.push(after);
      } else if (before !== undefined) {
        this.#peers.delete(subnet);
        removed.push(before);
      }
    }
    this.#touched.clear();
    return { changed, removed };
  }

  // Of two leases of one subnet, the older one's node has it.
  #holder(subnet: string): Lease | undefined {
    const keys = this.#keys.get(subnet) ?? new Set();
    if (keys.size === 0) this.#keys.delete(subnet);
    let first: Known | undefined;
    for (const key of keys) {
      const known = this.#known.get(key);
      if (known !== undefined && (first === undefined || isOlder(known, first))) first = known;
    }
    return first?.lease;
  }
}

function isOlder(one: Known, other: Known): boolean {
  if (one.createRevision !== other.createRevision) return one.createRevision < other.createRevision;
  return one.lease.key < other.lease.key;
}

function isSaidAgain(before: Lease, after: Lease): boolean {
  if (before.attrs === after.attrs && before.key === after.key) return true;
  return before.key === after.key && printLeaseAttrs(before.attrs) === printLeaseAttrs(after.attrs);
}
