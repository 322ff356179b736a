// The first overlay as data: two hosts, each with a bridge, a container behind it, and one end of a
// tunnel. The addresses are those that articles about flannel print, and those of the captures in
// test/vectors that the lab is compared with.
import type { Backend } from "./report.ts";

/** One host of a plan. Addresses are IPv4, dotted; MACs in lower case, with colons. */
export interface HostPlan {
  readonly name: string;
  /** The device towards the other host. */
  readonly underlay: { readonly address: string; readonly mac: string };
  /** The host's share of the overlay. */
  readonly subnet: string;
  readonly bridge: { readonly address: string; readonly mac: string };
  readonly container: { readonly name: string; readonly address: string; readonly mac: string };
  /** The tunnel's device. A TUN device has no MAC: then it is empty. */
  readonly tunnel: { readonly address: string; readonly mac: string };
}

/** A network of two hosts. */
export interface NetworkPlan {
  readonly backend: Backend;
  /** The name of the tunnel's device. */
  readonly device: string;
  readonly network: string;
  /** Of the tunnel's device. */
  readonly mtu: number;
  /** UDP port of the tunnel. */
  readonly port: number;
  /** A station in a subnet of the network that nobody has. */
  readonly nobody: string;
  readonly hosts: readonly [HostPlan, HostPlan];
}

export const UNDERLAY_MTU = 1500;
export const UNDERLAY_PREFIX = "10.168.0.0/24";
export const SUBNET_LEN = 24;
export const VNI = 1;

const VXLAN_PORT = 8472; // Linux's and flannel's; IANA's is 4789
const VXLAN_OVERHEAD_LEN = 50; // IPv4, UDP, VXLAN, and the inner Ethernet header
const UDP_PORT = 8285; // flannel's
const UDP_OVERHEAD_LEN = 28; // IPv4, UDP

const UNDERLAY_1 = { address: "10.168.0.2", mac: "02:00:0a:a8:00:02" };
const UNDERLAY_2 = { address: "10.168.0.3", mac: "02:00:0a:a8:00:03" };

const VXLAN_NETWORK: NetworkPlan = {
  backend: "vxlan",
  device: "flannel.1",
  network: "10.1.0.0/16",
  mtu: UNDERLAY_MTU - VXLAN_OVERHEAD_LEN,
  port: VXLAN_PORT,
  nobody: "10.1.99.9",
  hosts: [
    {
      name: "host1",
      underlay: UNDERLAY_1,
      subnet: "10.1.15.0/24",
      bridge: { address: "10.1.15.1", mac: "02:42:0a:01:0f:01" },
      container: { name: "c1", address: "10.1.15.2", mac: "02:42:0a:01:0f:02" },
      tunnel: { address: "10.1.15.0", mac: "5e:f8:4f:00:e3:11" },
    },
    {
      name: "host2",
      underlay: UNDERLAY_2,
      subnet: "10.1.16.0/24",
      bridge: { address: "10.1.16.1", mac: "02:42:0a:01:10:01" },
      container: { name: "c2", address: "10.1.16.3", mac: "02:42:0a:01:10:03" },
      tunnel: { address: "10.1.16.0", mac: "5e:f8:4f:00:e3:37" },
    },
  ],
};

const UDP_NETWORK: NetworkPlan = {
  backend: "udp",
  device: "flannel0",
  network: "100.96.0.0/16",
  mtu: UNDERLAY_MTU - UDP_OVERHEAD_LEN,
  port: UDP_PORT,
  nobody: "100.96.9.9",
  hosts: [
    {
      name: "host1",
      underlay: UNDERLAY_1,
      subnet: "100.96.1.0/24",
      bridge: { address: "100.96.1.1", mac: "02:42:64:60:01:01" },
      container: { name: "c1", address: "100.96.1.2", mac: "02:42:64:60:01:02" },
      tunnel: { address: "100.96.1.0", mac: "" },
    },
    {
      name: "host2",
      underlay: UNDERLAY_2,
      subnet: "100.96.2.0/24",
      bridge: { address: "100.96.2.1", mac: "02:42:64:60:02:01" },
      container: { name: "c2", address: "100.96.2.3", mac: "02:42:64:60:02:03" },
      tunnel: { address: "100.96.2.0", mac: "" },
    },
  ],
};

/** The plan of the first overlay. */
export function planNetwork(backend: Backend): NetworkPlan {
  return backend === "vxlan" ? VXLAN_NETWORK : UDP_NETWORK;
}
