// What a kernel holds, as far as the agent looks: what plans are compared with. IPv4 only.

/** A route of the main table. */
export interface ObservedRoute {
  /** "0.0.0.0/0" for the default route. */
  readonly dst: string;
  readonly type: string;
  readonly via: string | null;
  /** null: several next hops, or none (a blackhole). */
  readonly dev: string | null;
  readonly isOnlink: boolean;
  /** Who put it: "boot" is `ip`, flannel and us; "kernel", "static", "bird" and so on. */
  readonly protocol: string;
  readonly scope: string;
  readonly metric: number;
}

/** A neighbor of one device. */
export interface ObservedNeighbor {
  readonly dev: string;
  readonly address: string;
  /** null: not resolved. */
  readonly mac: string | null;
  readonly isPermanent: boolean;
}

/** An FDB entry of a VXLAN device that names a VTEP. */
export interface ObservedFdb {
  readonly dev: string;
  readonly mac: string;
  readonly dst: string;
  /** False: learned from a packet. */
  readonly isPermanent: boolean;
}

/** A network device. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly mtu: number;
  readonly mac: string | null;
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  /** "vxlan", "tun", "bridge" and so on; "" for a plain one. */
  readonly kind: string;
  readonly vxlan: VxlanLink | null;
}

/** What a VXLAN device is made of. */
export interface VxlanLink {
  readonly vni: number;
  readonly underlay: string | null;
  readonly local: string | null;
  readonly group: string | null;
  readonly port: number;
  readonly learning: boolean;
  readonly gbp: boolean;
  /** 0: auto. */
  readonly ttl: number;
  readonly hasChecksum: boolean;
  /** Set by hand only: tos, proxy, rsc, l2miss, l3miss, external. */
  readonly extras: readonly string[];
}

/** An IPv4 address of a device. */
export interface ObservedAddress {
  readonly dev: string;
  /** "10.5.72.0/32". */
  readonly address: string;
  readonly scope: string;
  readonly isDynamic: boolean;
  readonly isDeprecated: boolean;
  readonly isTemporary: boolean;
}
