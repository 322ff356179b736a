// What numbers in headers are called, where they have a name that says more (IANA's registries).

type Names = Readonly<Record<number, string>>;

const ETHER_TYPES: Names = {
  2048: "IPv4",
  2054: "ARP",
  33024: "802.1Q",
  34525: "IPv6",
  34984: "802.1ad",
};

const PROTOCOLS: Names = {
  1: "ICMP",
  2: "IGMP",
  4: "IPv4",
  6: "TCP",
  17: "UDP",
  41: "IPv6",
  47: "GRE",
  50: "ESP",
  58: "ICMPv6",
  132: "SCTP",
};

const ICMP_TYPES: Names = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp",
  14: "timestamp reply",
};

const IGMP_TYPES: Names = {
  17: "query",
  18: "version 1 report",
  22: "version 2 report",
  23: "leave",
  34: "version 3 report",
};

const PORTS: Names = {
  53: "DNS",
  67: "DHCP server",
  68: "DHCP client",
  4789: "VXLAN",
  6784: "weave's VXLAN",
  8285: "flannel's UDP backend",
  8472: "Linux's VXLAN",
};

/** By layer and field. */
const NAMES: Readonly<Record<string, Readonly<Record<string, Names>>>> = {
  ethernet: { etherType: ETHER_TYPES },
  vlan: { etherType: ETHER_TYPES },
  arp: { operation: { 1: "request", 2: "reply" } },
  ipv4: { protocol: PROTOCOLS },
  icmp: { type: ICMP_TYPES },
  igmp: { type: IGMP_TYPES },
  udp: { srcPort: PORTS, dstPort: PORTS },
};

export function nameOf(layer: string, field: string, value: number): string | undefined {
  return NAMES[layer]?.[field]?.[value];
}
