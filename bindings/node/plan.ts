// The demo's two hosts as data: the addresses of the flannel captures that this network is
// compared with. Nothing here touches the system.

export type Backend = "vxlan" | "udp";
export type Peer = "heddle" | "kernel";

export interface HostPlan {
  readonly name: "host1" | "host2";
  /** The device towards the other host. */
  readonly underlay: { readonly address: string; readonly mac: string };
  /** The host's share of the overlay. */
  readonly subnet: string;
  readonly bridge: { readonly address: string; readonly mac: string };
  readonly container: { readonly name: string; readonly address: string; readonly mac: string };
  /** The tunnel's device; a TUN device has no MAC. */
  readonly tunnel: { readonly address: string; readonly mac: string };
}

export interface NetworkPlan {
  readonly backend: Backend;
  readonly device: string;
  readonly network: string;
  readonly mtu: number;
  readonly port: number;
  /** A subnet of the network that nobody has. */
  readonly nobody: string;
  readonly hosts: readonly [HostPlan, HostPlan];
}

export const UNDERLAY_MTU = 1500;
export const UNDERLAY_DEVICE = "eth0";
export const VNI = 1;
const VXLAN_PORT = 8472; // Linux's and flannel's; IANA's is 4789
const UDP_PORT = 8285; // flannel's
const VXLAN_OVERHEAD_LEN = 50;
const UDP_OVERHEAD_LEN = 28;

const UNDERLAYS = [
  { address: "10.168.0.2", mac: "02:00:0a:a8:00:02" },
  { address: "10.168.0.3", mac: "02:00:0a:a8:00:03" },
] as const;

export function planNetwork(backend: Backend): NetworkPlan {
  return backend === "vxlan" ? VXLAN_NETWORK : UDP_NETWORK;
}

const VXLAN_NETWORK: NetworkPlan = {
  backend: "vxlan",
  device: "flannel.1",
  network: "10.1.0.0/16",
  mtu: UNDERLAY_MTU - VXLAN_OVERHEAD_LEN,
  port: VXLAN_PORT,
  nobody: "10.1.99.9",
  hosts: [
    host("host1", "10.1.15", 2, "5e:f8:4f:00:e3:11"),
    host("host2", "10.1.16", 3, "5e:f8:4f:00:e3:37"),
  ],
};

const UDP_NETWORK: NetworkPlan = {
  backend: "udp",
  device: "flannel0",
  network: "100.96.0.0/16",
  mtu: UNDERLAY_MTU - UDP_OVERHEAD_LEN,
  port: UDP_PORT,
  nobody: "100.96.9.9",
  hosts: [host("host1", "100.96.1", 2, ""), host("host2", "100.96.2", 3, "")],
};

function host(name: "host1" | "host2", net: string, station: number, mac: string): HostPlan {
  const container = `${net}.${station}`;
  return {
    name,
    underlay: UNDERLAYS[name === "host1" ? 0 : 1],
    subnet: `${net}.0/24`,
    bridge: { address: `${net}.1`, mac: dockerMac(`${net}.1`) },
    container: { name: name.replace("host", "c"), address: container, mac: dockerMac(container) },
    tunnel: { address: `${net}.0`, mac },
  };
}

/** Docker's: 02:42 and the IPv4 address. */
function dockerMac(address: string): string {
  const octets = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return ["02", "42", ...octets].join(":");
}

/**
 * A second and a third network between the same containers, to compare with: 10.2 over a VXLAN
 * device of the kernel, 10.3 routed over the underlay as it is.
 */
export interface SidePlan {
  readonly name: "kernel VXLAN" | "plain veth";
  /** The first two octets; the rest is the overlay's own. */
  readonly prefix: "10.2" | "10.3";
  readonly isTunnel: boolean;
}

export const SIDES: readonly SidePlan[] = [
  { name: "kernel VXLAN", prefix: "10.2", isTunnel: true },
  { name: "plain veth", prefix: "10.3", isTunnel: false },
];

export const SIDE_DEVICE = "kernel.2";
export const SIDE_VNI = 2;
export const SIDE_PORT = 4789; // not the overlay's, so that neither takes the other's packets
export const SIDE_MTU: number = UNDERLAY_MTU - VXLAN_OVERHEAD_LEN;

/** The same station in a side network: 10.1.15.2 is 10.2.15.2 there. */
export function sideAddress(side: SidePlan, address: string): string {
  return [side.prefix, ...address.split(".").slice(2)].join(".");
}
