// Builds the demo's network: what `ip` and `bridge` are told, a line each, in their order. Every
// function is one stage in one namespace, so that a reader sees the network at a glance.
import { type HostPlan, UNDERLAY_MTU } from "../lab/overlay/plan.ts";
import type { DemoPlan } from "./demo-plan.ts";
import { SIDE_DEVICE, SIDE_MTU, SIDE_PORT, SIDE_VNI, type SidePlan, sideAddress } from "./sides.ts";

export const UNDERLAY_DEVICE = "eth0";
const BRIDGE = "docker0";

type Settings = Readonly<Record<string, number>>;

const WITHOUT_IPV6: Settings = {
  "ipv6/conf/all/disable_ipv6": 1,
  "ipv6/conf/default/disable_ipv6": 1,
};

/** Settings of a namespace before it has devices. */
export const CONTAINER_SETTINGS: Settings = WITHOUT_IPV6;
export const HOST_SETTINGS: Settings = { ...WITHOUT_IPV6, "ipv4/ip_forward": 1 };

/** What ethtool switches off where a kernel peer is to be understood. */
export const OFFLOADS_OFF: readonly string[] = ["tx", "tso", "gso", "tx-udp-segmentation"].flatMap(
  (offload) => [offload, "off"],
);

/** In the first host's namespace: the wire between the hosts. */
export function underlayLines(plan: DemoPlan, otherNamespace: string): string[] {
  const [mine, other] = plan.hosts.map(({ underlay: { mac } }) => {
    return `name ${UNDERLAY_DEVICE} address ${mac} mtu ${UNDERLAY_MTU}`;
  });
  return [`link add ${mine} type veth peer ${other} netns ${otherNamespace}`];
}

/** In a host's namespace: its underlay address, a bridge, and a cable to the container. */
export function hostLines(plan: DemoPlan, host: HostPlan, containerNamespace: string): string[] {
  const { bridge, container, underlay } = host;
  const cable = `name ${container.name} mtu ${plan.mtu}`;
  const far = `name eth0 address ${container.mac} mtu ${plan.mtu} netns ${containerNamespace}`;
  return [
    "link set lo up",
    `address add ${underlay.address}/24 dev ${UNDERLAY_DEVICE}`,
    `link set ${UNDERLAY_DEVICE} up`,
    `link add name ${BRIDGE} address ${bridge.mac} type bridge`,
    `link add ${cable} type veth peer ${far}`,
    `link set ${container.name} master ${BRIDGE} up`,
    `address add ${bridge.address}/24 dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
  ];
}

/** In a container's namespace. */
export function containerLines(host: HostPlan): string[] {
  return [
    "link set lo up",
    `address add ${host.container.address}/24 dev eth0`,
    "link set eth0 up",
    `route add default via ${host.bridge.address} dev eth0`,
  ];
}

/**
 * In a host's namespace, before its agent starts: a device with the MAC that captures of this
 * network have. The agent takes the MAC over.
 */
export function deviceLines({ backend, device }: DemoPlan, { tunnel }: HostPlan): string[] {
  if (backend !== "vxlan") return [];
  return [`tuntap add name ${device} mode tap`, `link set ${device} address ${tunnel.mac}`];
}

/** In a host's namespace: its part in a network that heddle is compared with. */
export function sideHostLines(side: SidePlan, host: HostPlan, other: HostPlan): string[] {
  const subnet = sideAddress(side, other.subnet);
  const bridge = `address add ${sideAddress(side, host.bridge.address)}/24 dev ${BRIDGE}`;
  if (!side.isTunnel) return [bridge, `route replace ${subnet} via ${other.underlay.address}`];
  const via = sideAddress(side, other.tunnel.address);
  return [
    bridge,
    vxlanLine(SIDE_DEVICE, host, SIDE_VNI, SIDE_PORT),
    `link set ${SIDE_DEVICE} address ${sideMac(host)} mtu ${SIDE_MTU} up`,
    `neigh replace ${via} lladdr ${sideMac(other)} dev ${SIDE_DEVICE} nud permanent`,
    `route replace ${subnet} via ${via} dev ${SIDE_DEVICE} onlink`,
  ];
}

/** In the same namespace, for `bridge`. */
export function sideFdbLines(side: SidePlan, other: HostPlan): string[] {
  return side.isTunnel ? [fdbLine(SIDE_DEVICE, sideMac(other), other)] : [];
}

/** In a container's namespace: its address there. All such networks have one MTU. */
export function sideContainerLines(side: SidePlan, host: HostPlan): string[] {
  const address = sideAddress(side, host.container.address);
  const gateway = sideAddress(side, host.bridge.address);
  const towards = `${side.prefix}.0.0/16 via ${gateway} dev eth0`;
  return [
    `address add ${address}/24 dev eth0`,
    `route replace ${towards} src ${address} mtu ${SIDE_MTU}`,
  ];
}

function vxlanLine(device: string, host: HostPlan, vni: number, port: number): string {
  const ends = `local ${host.underlay.address} dev ${UNDERLAY_DEVICE} dstport ${port}`;
  return `link add name ${device} type vxlan id ${vni} ${ends} nolearning`;
}

function fdbLine(device: string, mac: string, other: HostPlan): string {
  return `fdb replace ${mac} dev ${device} dst ${other.underlay.address} self permanent`;
}

function sideMac(host: HostPlan): string {
  return host.name === "host1" ? "02:00:0a:02:00:01" : "02:00:0a:02:00:02";
}
