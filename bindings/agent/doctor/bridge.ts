// The bridge that containers sit behind: docker's or the CNI plugin's, which read subnet.env once.
import { parseNetwork } from "../../core/address.ts";
import { isInside } from "../reconcile.ts";
import { type Case, deviceOf } from "./case.ts";
import type { LinkFact } from "./facts.ts";
import { type Finding, wrong } from "./finding.ts";

const CONTAINER_BRIDGES = ["cni0", "docker0"];

export function bridgeFindings(it: Case): Finding[] {
  const device = deviceOf(it)?.[0].name;
  const links = it.host.links.filter(({ name }) => name !== device);
  const bridges = links.filter((link) => link.addresses.some((own) => isHere(it, own)));
  return [
    ...links.flatMap((link) => strangers(it, link)),
    ...(bridges.length === 0 ? idleBridge(it, links) : []),
    ...bridges.flatMap((bridge) => [...lengthFindings(it, bridge), ...mtuFindings(it, bridge)]),
  ];
}

function isHere(it: Case, address: string): boolean {
  return isInside(it.own.subnet, withoutLen(address));
}

/** An address of the overlay that another node has the lease of, or nobody. */
function strangers(it: Case, { name, addresses }: LinkFact): Finding[] {
  const { own, config } = it;
  return addresses
    .filter((address) => isInside(config.network, withoutLen(address)) && !isHere(it, address))
    .map((address) => {
      const message = `${name} has ${address}, and of ${config.network} the lease is ${own.subnet}`;
      return wrong("bridge-address", name, message, ...readdress(it, name, address));
    });
}

/** A bridge for containers, while none has an address of the lease. */
function idleBridge(it: Case, links: readonly LinkFact[]): Finding[] {
  const names = CONTAINER_BRIDGES.filter((name) => links.some((link) => link.name === name));
  const bridge = links.find(({ name }) => name === names[0]);
  const [address] = bridge?.addresses ?? [];
  // One of an overlay's other subnets is a finding already.
  if (bridge === undefined || address === undefined) return [];
  if (isInside(it.config.network, withoutLen(address))) return [];
  const option = bridge.name === "docker0" ? `: dockerd takes it by --bip=${wanted(it)}` : "";
  const message = `${bridge.name} has ${address}, outside of the leased ${it.own.subnet}${option}`;
  return [wrong("bridge-address", bridge.name, message, ...readdress(it, bridge.name, address))];
}

function lengthFindings(it: Case, { name, addresses }: LinkFact): Finding[] {
  const { len } = parseNetwork(it.own.subnet);
  return addresses
    .filter((address) => isHere(it, address) && parseNetwork(address).len < len)
    .map((address) => {
      const message = `${name} has ${address}: more than ${it.own.subnet} counts as its link`;
      return wrong("bridge-address", name, message, ...readdress(it, name, address));
    });
}

function mtuFindings(it: Case, { name, mtu, kind }: LinkFact): Finding[] {
  if (kind !== "bridge" || mtu <= it.backend.mtu) return [];
  const message = `${name} has MTU ${mtu}, and the overlay carries ${it.backend.mtu}`;
  return [wrong("bridge-mtu", name, message, `ip link set dev ${name} mtu ${it.backend.mtu}`)];
}

/** The old address last: a device without any loses its routes. */
function readdress(it: Case, name: string, address: string): string[] {
  return [`ip address replace ${wanted(it)} dev ${name}`, `ip address del ${address} dev ${name}`];
}

/** FLANNEL_SUBNET: the subnet's first address after the device's. */
function wanted({ own }: Case): string {
  return containerGateway(own.subnet);
}

/** "10.5.72.1/24" of "10.5.72.0/24". */
export function containerGateway(subnet: string): string {
  const [base = "", len] = subnet.split("/");
  const parts = base.split(".");
  return `${[...parts.slice(0, 3), Number(parts[3]) + 1].join(".")}/${len}`;
}

function withoutLen(address: string): string {
  return address.slice(0, address.indexOf("/"));
}
