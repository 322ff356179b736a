// A network as data: hosts, their namespaces, devices and tables, and what joins the hosts. Tables
// are written as the commands that make them (`ip route add` and what follows), so a scenario, an
// edit on the page and an export to real namespaces speak one language. Nothing here acts.

/** A whole network. Names of namespaces are unique in it. */
export interface NetworkSpec {
  readonly hosts: readonly HostSpec[];
  /** What joins network cards of hosts. */
  readonly fabrics: readonly FabricSpec[];
  /** What the control plane's store holds, as `etcdctl` prints it. */
  readonly store?: StoreSpec;
}

/** A machine: its own namespace first, then those of its containers and overlays. */
export interface HostSpec {
  readonly name: string;
  readonly namespaces: readonly NamespaceSpec[];
  /** What docker knows of its networks; left out where no docker runs. */
  readonly docker?: readonly DockerNetworkSpec[];
}

/** `host`: the machine's own; `overlay`: one that docker keeps for a bridge and its VXLAN. */
export type NamespaceKind = "host" | "container" | "overlay";

/** Whose `ip` and `ifconfig` print its tables: iproute2's, Alpine's busybox or busybox:latest. */
export type Flavour = "iproute2" | "alpine" | "busybox";

/** A network namespace: a stack of its own. */
export interface NamespaceSpec {
  /** "node1", "c1", "1-ysbj86zsjo". */
  readonly name: string;
  readonly kind: NamespaceKind;
  /** Left out: iproute2 of a host, busybox of a container. */
  readonly flavour?: Flavour;
  /** Containers that live in it; left out: the one that has its name. Several: container mode. */
  readonly processes?: readonly string[];
  /** `lo` is always there, with index 1, and is not named. */
  readonly devices: readonly DeviceSpec[];
  /** As behind `ip route add`: "default via 172.17.0.1 dev eth0". Connected routes are implied. */
  readonly routes?: readonly string[];
  /** As behind `ip neigh add`: "10.1.16.0 lladdr 5e:f8:4f:00:e3:37 dev flannel.1 nud permanent". */
  readonly neighbors?: readonly string[];
  /** As behind `bridge fdb add`: "5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3". */
  readonly fdb?: readonly string[];
  /** As behind `iptables`: "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE". */
  readonly rules?: readonly string[];
  /** Whose iptables these are: where traces go, and in which words. Left out: "nft". */
  readonly iptables?: "nft" | "legacy";
  /** By its name: "net.ipv4.ip_forward": 1. Left out: hosts forward, others do not. */
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly listeners?: readonly ListenerSpec[];
  /** The name of its file below /run/docker/netns. Left out: its own name. */
  readonly netns?: string;
  /** Names that a server behind 127.0.0.11 or weaveDNS answers here: "hello" to its address. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Somebody who waits for packets at a port. */
export interface ListenerSpec {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Which program it is: "nginx". */
  readonly app: string;
  /** Which of the namespace's processes it is; left out: the first. */
  readonly process?: string;
  /** `echo`: what comes goes back. `sink`: it is kept, as `nc -l` prints it. */
  readonly does: "echo" | "sink";
}

interface DeviceBase {
  /** Unique in its namespace, 15 characters at most. */
  readonly name: string;
  /** Left out: the next free one of the host, from 2 on. */
  readonly ifindex?: number;
  /** Left out: docker's rule for a container's device with an address, else drawn by the seed. */
  readonly mac?: string;
  /** Left out: 1500, or what the tunnel leaves of its lower device. */
  readonly mtu?: number;
  /** As behind `ip addr add`: "10.1.15.2/24", "10.32.0.2/12 brd 10.47.255.255". */
  readonly addresses?: readonly string[];
  /**
   * IPv6 is listed and carries nothing: "fe80::e0c5:55dc:fba0:549b/64 noprefixroute". Left out:
   * what the kernel makes of the MAC, where "net.ipv6.conf.all.disable_ipv6" of `sysctls` is 0.
   */
  readonly addresses6?: readonly string[];
  /** The bridge of the same namespace that it is a port of. */
  readonly master?: string;
  /** Left out: true. */
  readonly isUp?: boolean;
}

/** A network card; a fabric names it as "node1:eth0". */
export interface NicSpec extends DeviceBase {
  readonly kind: "nic";
  /** It leaves transport checksums of what it sends half done, until `ethtool -K eth0 tx off`. */
  readonly isChecksumBroken?: boolean;
}

/** One end of a pair; the other end names this one. */
export interface VethSpec extends DeviceBase {
  readonly kind: "veth";
  /** "c1:eth0": namespace and device. */
  readonly peer: string;
}

export interface BridgeSpec extends DeviceBase {
  readonly kind: "bridge";
  /** Most MACs that it learns, as Linux has it. Left out: as many as there is room for. */
  readonly fdbMaxLearned?: number;
  /** Seconds that a learned MAC is believed. Left out: 300. */
  readonly ageS?: number;
  /** It listens to 224.0.0.106, as bridges of newer kernels do. Left out: true. */
  readonly isSnooping?: boolean;
}

/** A VTEP. */
export interface VxlanSpec extends DeviceBase {
  readonly kind: "vxlan";
  readonly vni: number;
  /** UDP port, ours and the peers'. Left out: 8472. */
  readonly port?: number;
  /** Outer source. */
  readonly local: string;
  /** "eth0": what its packets leave by, in the namespace of its socket. */
  readonly lower: string;
  /** Where its socket is, if the device was moved to another namespace: "node1". */
  readonly socketIn?: string;
  /** Left out: false. */
  readonly isLearning?: boolean;
  /** ARP is answered from the neighbor table. Left out: false. */
  readonly isProxy?: boolean;
  /** A notice goes up for a MAC without FDB entry. Left out: false. */
  readonly hasL2miss?: boolean;
  /** A notice goes up for an address without neighbor entry. Left out: false. */
  readonly hasL3miss?: boolean;
  /** Only remotes of its FDB may speak. Left out: false, as the kernel. */
  readonly isStrict?: boolean;
  /** Outer UDP checksum computed. Left out: true, as the kernel. */
  readonly hasUdpChecksum?: boolean;
}

/** flannel's UDP backend: a TUN whose other end is a flanneld in user space. */
export interface TunSpec extends DeviceBase {
  readonly kind: "tun";
  /** Left out: 8285. */
  readonly port?: number;
  /** "eth0". */
  readonly lower: string;
  readonly local: string;
  /** What flanneld knows of others, first match wins: "100.96.2.0/24 10.168.0.3". */
  readonly leases: readonly string[];
  /** `flannel`: its C proxy's narrower ICMP rules; `heddle`: told as a router would. */
  readonly errors?: "flannel" | "heddle";
}

/** IP in IP; the route's next hop is the outer destination. */
export interface IpipSpec extends DeviceBase {
  readonly kind: "ipip";
  readonly local: string;
  readonly lower: string;
}

/** Weave's router in user space: sleeve is UDP 6783, fastdp VXLAN to 6784. */
export interface WeaveSpec extends DeviceBase {
  readonly kind: "weave";
  readonly mode: "sleeve" | "fastdp";
  readonly lower: string;
  readonly local: string;
  /** "6-octet peer name address": whom it knows, "7a:00:00:00:00:01 192.168.99.108". */
  readonly peers: readonly string[];
}

/** A device that is listed and carries nothing: sit0. */
export interface IdleSpec extends DeviceBase {
  readonly kind: "sit";
}

export type DeviceSpec =
  | NicSpec
  | VethSpec
  | BridgeSpec
  | VxlanSpec
  | TunSpec
  | IpipSpec
  | WeaveSpec
  | IdleSpec;

/** A cable has two ports; a switch learns; a hub repeats, and the cards check the FCS. */
export interface FabricSpec {
  readonly name: string;
  readonly kind: "cable" | "switch" | "hub";
  /** "node1:eth0". Port names of the fabric itself are "p-" and the host's name. */
  readonly ports: readonly string[];
  readonly link?: LinkSpec;
}

/** What a link does to what it carries, by the dice of the run. Shares are from 0 to 1. */
export interface LinkSpec {
  /** Left out: 1000. */
  readonly delayNs?: number;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly reorder?: number;
  /** A bit is flipped. */
  readonly corrupt?: number;
  /** The frames to which it happens, counted from 1, instead of by dice. */
  readonly at?: Readonly<Partial<Record<"loss" | "duplicate" | "reorder" | "corrupt", number[]>>>;
}

export interface StoreSpec {
  /** "v2": directories by `etcdctl ls`; "v3": flat keys by `etcdctl get --prefix`. */
  readonly api: "v2" | "v3";
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** A row of `docker network ls`, and what `docker network inspect` says. */
export interface DockerNetworkSpec {
  readonly id: string;
  readonly name: string;
  readonly driver: "bridge" | "host" | "null" | "overlay";
  readonly scope: "local" | "swarm";
  /** The bridge device, where there is one. */
  readonly device?: string;
  readonly subnet?: string;
  readonly gateway?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Containers by name and id. */
  readonly containers?: Readonly<Record<string, string>>;
  /** Swarm: node names with ids. */
  readonly peers?: Readonly<Record<string, string>>;
}
