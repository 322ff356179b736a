// A lease as a node publishes it: a subnet, and how to reach who has it.

/** What a node says about itself in its lease. */
export interface LeaseAttrs {
  /** IPv4, dotted; "0.0.0.0" where there is none. */
  readonly publicIp: string;
  /** RFC 5952 text, or null. */
  readonly publicIpv6: string | null;
  /** "vxlan", "host-gw" and so on; "" for udp and alloc, which write none. */
  readonly backendType: string;
  /** The backend's own data as JSON values; undefined where there is none. */
  readonly backendData?: unknown;
  readonly backendV6Data?: unknown;
}

/** A lease as it stands in the store. */
export interface Lease {
  /** The key in the store, whole. */
  readonly key: string;
  /** "10.5.72.0/24". */
  readonly subnet: string;
  /** "fd00:12:13::/56", or null. */
  readonly ipv6Subnet: string | null;
  readonly attrs: LeaseAttrs;
  readonly modRevision: bigint;
  /** The store's lease; null for a reservation, which does not expire. */
  readonly leaseId: string | null;
}
