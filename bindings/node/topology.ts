// Builds the demo's network: what `ip` and `bridge` are told, in their order. Each function is one
// stage; it takes the plan and returns lines, so that a reader can see the network at a glance.

import type { Words } from "./netns.ts";
import {
  type HostPlan,
  type NetworkPlan,
  SIDE_DEVICE,
  SIDE_MTU,
  SIDE_PORT,
  SIDE_VNI,
  SIDES,
  sideAddress,
  UNDERLAY_DEVICE,
  UNDERLAY_MTU,
  VNI,
} from "./plan.ts";

const BRIDGE = "docker0";

/** Settings of a host's namespace before it has devices. */
export const HOST_SETTINGS: Readonly<Record<string, number>> = {
  "ipv4/ip_forward": 1,
  "ipv6/conf/all/disable_ipv6": 1,
  "ipv6/conf/default/disable_ipv6": 1,
};

export const CONTAINER_SETTINGS: Readonly<Record<string, number>> = {
  "ipv6/conf/all/disable_ipv6": 1,
  "ipv6/conf/default/disable_ipv6": 1,
};

/** What ethtool switches off where a kernel peer is to be understood. */
export const OFFLOADS_OFF: Words = [
  "tx",
  "off",
  "tso",
  "off",
  "gso",
  "off",
  "tx-udp-segmentation",
  "off",
];

/** In the first host's namespace: the wire between the hosts. */
export function underlayLines(plan: NetworkPlan, otherNamespace: string): Words[] {
  const [mine, other] = plan.hosts;
  const far = ["netns", otherNamespace, "address", other.underlay.mac, "mtu", UNDERLAY_MTU];
  return [
    [
      "link",
      "add",
      "name",
      UNDERLAY_DEVICE,
      "address",
      mine.underlay.mac,
      "mtu",
      UNDERLAY_MTU,
      "type",
      "veth",
      "peer",
      "name",
      UNDERLAY_DEVICE,
      ...far,
    ],
  ];
}

/** In a host's namespace: its underlay address, a bridge, and a cable to the container. */
export function hostLines(plan: NetworkPlan, host: HostPlan, containerNamespace: string): Words[] {
  const { bridge, container, underlay } = host;
  const far = ["netns", containerNamespace, "address", container.mac, "mtu", plan.mtu];
  return [
    ["link", "set", "lo", "up"],
    ["address", "add", `${underlay.address}/24`, "dev", UNDERLAY_DEVICE],
    ["link", "set", UNDERLAY_DEVICE, "up"],
    ["link", "add", "name", BRIDGE, "address", bridge.mac, "type", "bridge"],
    [
      "link",
      "add",
      "name",
      container.name,
      "mtu",
      plan.mtu,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      ...far,
    ],
    ["link", "set", container.name, "master", BRIDGE, "up"],
    ["address", "add", `${bridge.address}/24`, "dev", BRIDGE],
    ["link", "set", BRIDGE, "up"],
  ];
}

/** In a container's namespace. */
export function containerLines(host: HostPlan): Words[] {
  return [
    ["link", "set", "lo", "up"],
    ["address", "add", `${host.container.address}/24`, "dev", "eth0"],
    ["link", "set", "eth0", "up"],
    ["route", "add", "default", "via", host.bridge.address, "dev", "eth0"],
  ];
}

/** In the namespace of a host whose tunnel is the kernel's: what flannel makes there. */
export function kernelTunnelLines(plan: NetworkPlan, host: HostPlan): Words[] {
  const { device, port } = plan;
  return [
    [
      "link",
      "add",
      "name",
      device,
      "address",
      host.tunnel.mac,
      "mtu",
      plan.mtu,
      "type",
      "vxlan",
      "id",
      VNI,
      "local",
      host.underlay.address,
      "dev",
      UNDERLAY_DEVICE,
      "dstport",
      port,
      "nolearning",
    ],
  ];
}

/** In the same namespace, for `bridge`. */
export function kernelFdbLines(plan: NetworkPlan, other: HostPlan): Words[] {
  const { address } = other.underlay;
  return [
    ["fdb", "replace", other.tunnel.mac, "dev", plan.device, "dst", address, "self", "permanent"],
  ];
}

/** In a host's namespace when the tunnel's device is there: flannel's addresses and routes. */
export function tunnelLines(plan: NetworkPlan, host: HostPlan, other: HostPlan): Words[] {
  return plan.backend === "vxlan" ? vxlanLines(plan, host, other) : udpLines(plan, host);
}

function vxlanLines(plan: NetworkPlan, host: HostPlan, other: HostPlan): Words[] {
  const { device } = plan;
  return [
    ["link", "set", device, "address", host.tunnel.mac, "mtu", plan.mtu],
    ["address", "add", `${host.tunnel.address}/32`, "dev", device],
    ["link", "set", device, "up"],
    // The route comes last, so that no ARP request is ever sent.
    [
      "neigh",
      "replace",
      other.tunnel.address,
      "lladdr",
      other.tunnel.mac,
      "dev",
      device,
      "nud",
      "permanent",
    ],
    ["route", "replace", other.subnet, "via", other.tunnel.address, "dev", device, "onlink"],
  ];
}

function udpLines(plan: NetworkPlan, host: HostPlan): Words[] {
  const { device } = plan;
  return [
    ["link", "set", device, "mtu", plan.mtu],
    ["address", "add", `${host.tunnel.address}/32`, "dev", device],
    ["link", "set", device, "up"],
    ["route", "replace", plan.network, "dev", device],
  ];
}

/**
 * Settings of a host whose TUN device is there. The net unreachable that heddle writes to it comes
 * from a local address, and Linux takes such a packet only from a device that is told to.
 */
export function tunSettings(plan: NetworkPlan): Record<string, number> {
  return { [`ipv4/conf/${plan.device}/accept_local`]: 1 };
}

/** In a host's namespace: the kernel's VXLAN and the plain routes that heddle is compared with. */
export function sideHostLines(host: HostPlan, other: HostPlan): Words[] {
  const [kernel, plain] = SIDES;
  if (!kernel || !plain) return [];
  const via = sideAddress(kernel, other.tunnel.address);
  return [
    [
      "link",
      "add",
      "name",
      SIDE_DEVICE,
      "address",
      sideMac(host),
      "mtu",
      SIDE_MTU,
      "type",
      "vxlan",
      "id",
      SIDE_VNI,
      "local",
      host.underlay.address,
      "dev",
      UNDERLAY_DEVICE,
      "dstport",
      SIDE_PORT,
      "nolearning",
    ],
    ["address", "add", `${sideAddress(kernel, host.tunnel.address)}/32`, "dev", SIDE_DEVICE],
    ["link", "set", SIDE_DEVICE, "up"],
    ["address", "add", `${sideAddress(kernel, host.bridge.address)}/24`, "dev", BRIDGE],
    ["address", "add", `${sideAddress(plain, host.bridge.address)}/24`, "dev", BRIDGE],
    ["neigh", "replace", via, "lladdr", sideMac(other), "dev", SIDE_DEVICE, "nud", "permanent"],
    [
      "route",
      "replace",
      sideAddress(kernel, other.subnet),
      "via",
      via,
      "dev",
      SIDE_DEVICE,
      "onlink",
    ],
    ["route", "replace", sideAddress(plain, other.subnet), "via", other.underlay.address],
  ];
}

/** In the same namespace, for `bridge`. */
export function sideFdbLines(other: HostPlan): Words[] {
  return [
    [
      "fdb",
      "replace",
      sideMac(other),
      "dev",
      SIDE_DEVICE,
      "dst",
      other.underlay.address,
      "self",
      "permanent",
    ],
  ];
}

/** In a container's namespace: its addresses in the side networks, all with one MTU. */
export function sideContainerLines(host: HostPlan): Words[] {
  return SIDES.flatMap((side): Words[] => {
    const address = sideAddress(side, host.container.address);
    const gateway = sideAddress(side, host.bridge.address);
    return [
      ["address", "add", `${address}/24`, "dev", "eth0"],
      [
        "route",
        "replace",
        `${side.prefix}.0.0/16`,
        "via",
        gateway,
        "dev",
        "eth0",
        "src",
        address,
        "mtu",
        SIDE_MTU,
      ],
    ];
  });
}

function sideMac(host: HostPlan): string {
  return host.name === "host1" ? "02:00:0a:02:00:01" : "02:00:0a:02:00:02";
}
