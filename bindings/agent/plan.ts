// What a lease implies, as data: the device, and for each peer the entries that lead to it. A plan
// says how things are to be, not what to do: it is compared with what is there, and what differs is
// done. Addresses and prefixes are IPv4 text, MACs lower case with colons, lengths bytes.

/** A route of the main table, protocol `boot`, no metric. */
export interface RoutePlan {
  readonly dst: string;
  /** The gateway; left out: the destination is on the link, or the route is a blackhole. */
  readonly via?: string;
  /** Left out: the route is a blackhole. */
  readonly dev?: string;
  /** The gateway counts as reachable by the device, whatever its addresses say. */
  readonly onlink?: boolean;
  /** Left out: iproute2's choice, `link` for a route that has no gateway, else `global`. */
  readonly scope?: string;
  readonly type?: "unicast" | "blackhole";
}

/** A permanent neighbor. */
export interface NeighborPlan {
  readonly dev: string;
  readonly address: string;
  readonly mac: string;
}

/** Behind which VTEP a MAC lives: `self permanent` of a VXLAN device, or the core's FDB. */
export interface FdbPlan {
  readonly dev: string;
  readonly mac: string;
  readonly dst: string;
}

/** Which subnet a node of a UDP tunnel has: an entry of the core's route table. */
export interface TunnelRoutePlan {
  readonly dst: string;
  readonly remote: string;
}

/**
 * All that leads to one peer. Entries are put in this order, the route last, so that nobody ever
 * asks by ARP who is behind it; they are taken away in the opposite one.
 */
export interface PeerPlan {
  readonly subnet: string;
  /** The peer's underlay address: the one source that its subnet may come from. */
  readonly remote: string;
  readonly neighbors: readonly NeighborPlan[];
  readonly fdb: readonly FdbPlan[];
  readonly tunnelRoutes: readonly TunnelRoutePlan[];
  readonly routes: readonly RoutePlan[];
}

/** Why there is no way to a peer: for the log, and for who asks. */
export interface PeerRefusal {
  readonly subnet: string;
  readonly reason: string;
}

export type PeerAnswer = PeerPlan | PeerRefusal;

/**
 * The node's own device; `kind` is what the datapath makes of it. Its address is not in here: the
 * device's MAC has to be known before there is a lease, and so an address.
 */
export interface DevicePlan {
  readonly name: string;
  readonly kind: "vxlan" | "udp";
  readonly mtu: number;
  /** Addresses in here that are not the lease's are an older one's, and go. */
  readonly network: string;
  /** The underlay's device, and the address that the outer packets come from. */
  readonly underlay: string;
  readonly local: string;
  /** 0: the default, 8472 or 8285. */
  readonly port: number;
  readonly vni?: number;
  readonly learning?: boolean;
  readonly gbp?: boolean;
  /** To be there as long as the device is: the whole network, for udp. */
  readonly routes: readonly RoutePlan[];
}

/** This node, as far as plans for peers depend on it. */
export interface OwnNode {
  readonly subnet: string;
  /** The MAC that its lease has; null where there are no frames. */
  readonly mac: string | null;
}

/** The underlay as a backend sees it. */
export interface External {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  /** The interface's own. */
  readonly address: string;
  /** What is published: --public-ip, or the address. */
  readonly publicIp: string;
}
