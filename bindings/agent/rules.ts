// flannel's packet filter rules as data: what is masqueraded, and what passes the host. How they
// read to a packet filter is said in iptables.ts and nftables.ts.
//
// With C the network, P the node's own subnet and M all of multicast, a packet that leaves meets
//   1  kube-proxy's mark        return       kube-proxy masquerades it; twice would be wrong
//   2  from P to C              return       pods of this node to the overlay
//   3  from C to P              return       the overlay to pods of this node
//   4  from outside C to P      return       who reaches a pod from outside keeps his address
//   5  from C, not to M         masquerade   pods to the outside
//   6  from outside C to C      masquerade   the host itself, and who it forwards, to other pods
// and one that passes through is accepted when its source or its destination is in C: hosts with
// docker drop what nobody accepts.

/** A network, and the subnet of it that this node leases; both IPv4 or both IPv6 text. */
export interface Overlay {
  /** "10.5.0.0/16". */
  readonly network: string;
  /** "10.5.72.0/24". */
  readonly subnet: string;
}

export type Family = "ipv4" | "ipv6";

/** `masq` sees packets that leave the host, `forward` those that pass through it. */
export type ChainPurpose = "masq" | "forward";

/** An address inside of a prefix, or, with `isNot`, outside of it. */
export interface PrefixMatch {
  readonly prefix: string;
  readonly isNot: boolean;
}

export interface FilterRule {
  /** The bits that are all set in the packet's mark. */
  readonly mark?: number;
  readonly src?: PrefixMatch;
  readonly dst?: PrefixMatch;
  readonly target: "return" | "accept" | "masquerade";
}

export interface FilterChain {
  readonly purpose: ChainPurpose;
  readonly family: Family;
  readonly rules: readonly FilterRule[];
}

export interface FilterWish {
  readonly masq: boolean;
  readonly forward: boolean;
}

/** kube-proxy's mark of packets that it is going to masquerade. */
const KUBE_MARK = 0x4000;

const MULTICAST: Readonly<Record<Family, string>> = { ipv4: "224.0.0.0/4", ipv6: "ff00::/8" };

export function familyOf(overlay: Overlay): Family {
  return overlay.network.includes(":") ? "ipv6" : "ipv4";
}

/** The chains that an overlay wants, in the order in which they are put. */
export function filterChains(overlay: Overlay, wish: FilterWish): FilterChain[] {
  const family = familyOf(overlay);
  const chains: FilterChain[] = [];
  if (wish.masq) chains.push({ purpose: "masq", family, rules: masqRules(overlay) });
  if (wish.forward) chains.push({ purpose: "forward", family, rules: forwardRules(overlay) });
  return chains;
}

function masqRules(overlay: Overlay): FilterRule[] {
  const all = inside(overlay.network);
  const own = inside(overlay.subnet);
  const outside = not(overlay.network);
  const unicast = not(MULTICAST[familyOf(overlay)]);
  return [
    { mark: KUBE_MARK, target: "return" },
    { src: own, dst: all, target: "return" },
    { src: all, dst: own, target: "return" },
    { src: outside, dst: own, target: "return" },
    { src: all, dst: unicast, target: "masquerade" },
    { src: outside, dst: all, target: "masquerade" },
  ];
}

function forwardRules(overlay: Overlay): FilterRule[] {
  const all = inside(overlay.network);
  return [
    { src: all, target: "accept" },
    { dst: all, target: "accept" },
  ];
}

function inside(prefix: string): PrefixMatch {
  return { prefix, isNot: false };
}

function not(prefix: string): PrefixMatch {
  return { prefix, isNot: true };
}
