// The node's own device against its plan: there, of the right kind, and like its lease says.
import { deviceAddress } from "../backend/index.ts";
import type { VxlanLink } from "../observed.ts";
import type { DevicePlan } from "../plan.ts";
import { isInside } from "../reconcile.ts";
import { type Case, deviceOf, publishedMac } from "./case.ts";
import { neighborCommand, peerCommands } from "./entries.ts";
import type { LinkFact } from "./facts.ts";
import { type Finding, warning, wrong } from "./finding.ts";

const VXLAN_PORT = 8472; // the kernel's default, and flannel's

export function deviceFindings(it: Case): Finding[] {
  const found = deviceOf(it);
  if (found === null) return [];
  const [plan, link] = found;
  if (link === null) {
    const message = `there is no device ${plan.name}: nothing comes from or goes to any peer`;
    return [wrong("device-missing", plan.name, message, ...makeCommands(it, plan))];
  }
  const shape = shapeFault(it, plan, link);
  if (shape !== null) return [wrong("device-wrong", plan.name, shape, ...remakeCommands(it, plan))];
  return [
    ...linkFindings(it, plan, link),
    ...addressFindings(it, plan, link),
    ...routeFindings(it, plan),
  ];
}

/** What cannot be changed while the device is there: the first difference, or null. */
function shapeFault(it: Case, plan: DevicePlan, link: LinkFact): string | null {
  const { name } = plan;
  if (link.kind === "tun") return null; // heddle's, and flannel's UDP backend
  if (plan.kind === "udp") return `${name} is a device of kind ${link.kind}, not tun`;
  if (link.vxlan === null) return `${name} is a device of kind ${link.kind}, not vxlan`;
  return vxlanFault(it, plan, link.vxlan);
}

function vxlanFault(it: Case, plan: DevicePlan, vxlan: VxlanLink): string | null {
  const port = plan.port || VXLAN_PORT;
  // Flannel gives its device the public address, heddle the interface's own: both are right.
  const locals = [plan.local, it.own.attrs.publicIp, null];
  const differences: [what: string, is: unknown, wanted: unknown, isSame?: boolean][] = [
    ["VNI", vxlan.vni, plan.vni],
    ["port", vxlan.port, port],
    ["underlay device", vxlan.underlay, plan.underlay, vxlan.underlay === null],
    ["local address", vxlan.local, plan.local, locals.includes(vxlan.local)],
    ["learning", vxlan.learning, plan.learning ?? false],
    ["GBP", vxlan.gbp, plan.gbp ?? false],
  ];
  const other = differences.find(([, is, wanted, isSame]) => is !== wanted && !isSame);
  if (other === undefined) return null;
  const [what, is, wanted] = other;
  return `${plan.name} has ${what} ${is}, and the config implies ${wanted}`;
}

function linkFindings(it: Case, plan: DevicePlan, link: LinkFact): Finding[] {
  const { name, mtu } = plan;
  const findings: Finding[] = [];
  if (link.mtu !== mtu) {
    const message = `${name} has MTU ${link.mtu}: the config and ${plan.underlay} imply ${mtu}`;
    findings.push(wrong("device-mtu", name, message, `ip link set dev ${name} mtu ${mtu}`));
  }
  const mac = publishedMac(it.own);
  if (mac !== null && link.mac !== mac) {
    const message =
      `${name} has MAC ${link.mac}, and the lease says ${mac}: ` +
      "what peers send is dropped without a word";
    findings.push(wrong("device-mac", name, message, ...macCommands(it, name, mac)));
  }
  if (!link.isUp) {
    findings.push(wrong("device-down", name, `${name} is down`, `ip link set dev ${name} up`));
  }
  if (link.offloadsChecksum === true) {
    const message =
      `${name} leaves UDP checksums to the hardware: ` +
      "where that gets VXLAN wrong, connections stall for a minute";
    const command = `ethtool -K ${name} tx-checksum-ip-generic off`;
    findings.push(warning("checksum-offload", name, message, command));
  }
  return [...findings, ...underlayFindings(it, plan)];
}

/** An MTU of the config that the underlay's device does not have. */
function underlayFindings({ config, external }: Case, { name }: DevicePlan): Finding[] {
  const { backend } = config;
  if (backend.type !== "vxlan" || backend.mtu <= external.mtu) return [];
  const message =
    `the config's MTU is ${backend.mtu}, and ${external.name} has ${external.mtu}: ` +
    `long packets of ${name} do not fit`;
  const command = `ip link set dev ${external.name} mtu ${backend.mtu}`;
  return [wrong("underlay-mtu", external.name, message, command)];
}

function addressFindings(it: Case, plan: DevicePlan, link: LinkFact): Finding[] {
  const { name, network } = plan;
  const address = deviceAddress(it.own.subnet);
  const others = link.addresses.filter((one) => one !== address && isInside(network, one));
  const findings = others.map((other) => {
    const message = `${name} has ${other}, which is no address of this node's lease`;
    return wrong("address-stale", name, message, `ip address del ${other} dev ${name}`);
  });
  if (link.addresses.includes(address)) return findings;
  const message = `${name} has no address ${address}`;
  return [...findings, wrong("address-missing", name, message, addressCommand(it, plan))];
}

/** Routes of the device itself: the whole network, for udp. */
function routeFindings({ host }: Case, plan: DevicePlan): Finding[] {
  return plan.routes.flatMap(({ dst }) => {
    if (host.routes.some((route) => route.dst === dst && route.dev === plan.name)) return [];
    const message = `there is no route to ${dst} by ${plan.name}`;
    return wrong(
      "route-missing",
      dst,
      message,
      `ip route replace ${dst} dev ${plan.name} scope global`,
    );
  });
}

function makeCommands(it: Case, plan: DevicePlan): string[] {
  if (plan.kind === "udp") return [it.host.restart];
  const { name, mtu, underlay, local, vni, port, gbp, learning } = plan;
  const mac = publishedMac(it.own);
  const words = [
    `ip link add ${name}${mac === null ? "" : ` address ${mac}`} mtu ${mtu} type vxlan`,
    `id ${vni} dev ${underlay} local ${local} dstport ${port || VXLAN_PORT}`,
    `${learning ? "" : "no"}learning${gbp ? " gbp" : ""}`,
  ];
  return [words.join(" "), addressCommand(it, plan), `ip link set dev ${name} up`];
}

/** A device that gets another MAC forgets its neighbors. */
function macCommands(it: Case, name: string, mac: string): string[] {
  const neighbors = it.peers.flatMap((peer) => peer.neighbors.map(neighborCommand));
  return [`ip link set dev ${name} address ${mac}`, ...neighbors];
}

/** With the device goes all that leads to peers. */
function remakeCommands(it: Case, plan: DevicePlan): string[] {
  const entries = it.peers.flatMap(peerCommands);
  return [`ip link delete ${plan.name}`, ...makeCommands(it, plan), ...entries];
}

function addressCommand(it: Case, { name }: DevicePlan): string {
  return `ip address replace ${deviceAddress(it.own.subnet)} dev ${name}`;
}
