// What a doctor was told: the store, and the host as its own tools show it. Whoever gathers the
// facts judges nothing; whoever judges them touches nothing. Null is "could not be seen".
import type { Link, ObservedFdb, ObservedNeighbor, ObservedRoute } from "../observed.ts";
import type { StoreEntry } from "../store.ts";
import type { Chain } from "./ruleset.ts";

export interface LinkFact extends Link {
  /** IPv4, with their lengths: "10.5.72.0/32". */
  readonly addresses: readonly string[];
  /** tx-checksum-ip-generic is on; asked of VXLAN devices only. */
  readonly offloadsChecksum: boolean | null;
}

/** A UDP socket of this host that is bound. */
export interface SocketFact {
  readonly port: number;
  readonly address: string;
  /** A process; null for the kernel, as a VXLAN device has it, and where it cannot be seen. */
  readonly owner: { readonly pid: number; readonly name: string } | null;
}

/** How the longest packets of the overlay fare on the way to a peer, by pings of that length. */
export interface PathFact {
  readonly remote: string;
  readonly len: number;
  /**
   * - `whole`: undivided;
   * - `divided`: only when routers may divide it, of which one said that its link takes `mtu`;
   * - `lost`: not at all, while short ones were answered;
   * - `silent`: short ones were not answered, either: nothing is known.
   */
  readonly fate: "whole" | "divided" | "lost" | "silent";
  readonly mtu: number | null;
}

export interface HostFacts {
  readonly links: readonly LinkFact[];
  /** The main table. */
  readonly routes: readonly ObservedRoute[];
  readonly neighbors: readonly ObservedNeighbor[];
  /** Of VXLAN devices; of a TAP device, what its agent says. */
  readonly fdb: readonly ObservedFdb[];
  readonly chains: readonly Chain[] | null;
  /** By their paths below /proc/sys; what is not there is left out. */
  readonly settings: Readonly<Record<string, string>>;
  readonly sockets: readonly SocketFact[];
  readonly subnetFile: { readonly path: string; readonly text: string | null };
  readonly paths: readonly PathFact[];
  /** The line that starts the agent again, whosever it is. */
  readonly restart: string;
}

/** An entry of the store, and the seconds that it has left; null for a key that stays. */
export interface TimedEntry extends StoreEntry {
  readonly ttlS: number | null;
}

export interface StoreFacts {
  readonly prefix: string;
  /** How the command of this store begins that deletes keys; null: it has none. */
  readonly tool: readonly string[] | null;
  readonly config: string | null;
  /** What lies below PREFIX/subnets/. */
  readonly entries: readonly TimedEntry[];
}

export interface Facts {
  readonly host: HostFacts;
  readonly store: StoreFacts;
  /** As --public-ip and --iface have it, where they are given. */
  readonly publicIp: string | null;
  readonly iface: string | null;
}
