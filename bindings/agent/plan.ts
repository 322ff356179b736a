// What a lease implies, as data: the device, and for each peer the entries that lead to it. A plan
// says how things are to be, not what to do: it is compared with what is there, and what differs is
// done. Addresses and prefixes are IPv4 text, MACs lower case with colons, lengths bytes.

/** A route of the main table. */
export interface RoutePlan {
  readonly dst: string;
  /** The gateway; left out: the destination is on the link, or the route is a blackhole. */
  readonly via?: string;
  /** Left out: the kernel finds it by the gateway (direct routes). */
  readonly dev?: string;
  /** The gateway counts as reachable by the device, whatever its addresses say. */
  readonly onlink?: boolean;
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

/** All that leads to one peer. Entries are put in this order, and taken away in it as well. */
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

/** The node's own device. `kind` is what the datapath makes of it: see DatapathKind. */
export interface DevicePlan {
  readonly name: string;
  readonly kind: "vxlan" | "udp";
  /** The lease's own address as /32: "10.5.72.0/32". */
  readonly address: string;
  readonly mtu: number;
  /** Addresses in here that are not `address` are an older lease's, and go. */
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
