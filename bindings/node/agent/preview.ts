// What `heddle up` would do here and now, without doing any of it.
import {
  backendOf,
  type DevicePlan,
  deviceAddress,
  type External,
  type Lease,
  type NetworkConfig,
  type PeerAnswer,
  parseSubnetEnv,
  planPeers,
  printSubnetEnv,
  type SubnetLeases,
} from "../../agent/index.ts";
import {
  IPTABLES_PLACES,
  iptablesHook,
  iptablesLine,
  iptablesRules,
} from "../../agent/iptables.ts";
import { nftScript } from "../../agent/nftables.ts";
import { type FilterChain, filterChains } from "../../agent/rules.ts";
import type { LeaseInit } from "../../core/index.ts";
import type { AgentContext } from "./context.ts";
import { chooseInterface } from "./interface.ts";
import { OnLink } from "./on-link.ts";
import { readSubnetFile } from "./subnet-file.ts";

export interface Preview {
  readonly config: NetworkConfig;
  readonly external: External;
  readonly subnet: string;
  /** Where the subnet comes from; one that is drawn may be another in earnest. */
  readonly because: "own lease" | "subnet file" | "drawn";
  readonly device: DevicePlan | null;
  /** Of the device; null where it would be drawn, or is none. */
  readonly mac: string | null;
  readonly subnetEnv: string;
  readonly peers: readonly PeerAnswer[];
  /** Lines for iptables or nft. */
  readonly rules: readonly string[];
}

/** Reads the store and this host. Throws what would keep the agent from joining. */
export async function preview(
  context: AgentContext,
  leases: SubnetLeases,
  config: NetworkConfig,
): Promise<Preview> {
  const { netcfg, settings } = context;
  const external = await chooseInterface(netcfg, settings);
  const backend = backendOf(config, external);
  const { device } = backend;
  const mac = device?.kind === "vxlan" ? ((await netcfg.link(device.name))?.mac ?? null) : null;
  const all = await leases.leases();
  const { subnet, because } = await subnetFor(context, config, external, all);
  const others = all.filter((lease) => lease.subnet !== subnet);
  const onLink = new OnLink({ netcfg, underlay: external.name });
  if (backend.asksOnLink) await onLink.learn(others, true);
  const peers = planPeers(backend, others, { subnet, mac }, onLink.isOnLink);
  const overlay = { network: config.network, subnet };
  const wish = { masq: settings.masquerades, forward: settings.forwards };
  const subnetEnv = printSubnetEnv({
    ...{ network: config.network, subnet, ipv6Network: null, ipv6Subnet: null },
    ...{ mtu: backend.mtu, ipMasq: settings.masquerades },
  });
  const rules = rulesOf(filterChains(overlay, wish), config, settings.isFullyRandom);
  return { config, external, subnet, because, device, mac, subnetEnv, peers, rules };
}

async function subnetFor(
  { dice, rules, settings }: AgentContext,
  config: NetworkConfig,
  { publicIp }: External,
  leases: readonly Lease[],
): Promise<Pick<Preview, "subnet" | "because">> {
  const taken: LeaseInit[] = leases.map(({ subnet, attrs }) => {
    return { subnet, publicIp: attrs.publicIp };
  });
  const { network, subnetLen, subnetMin, subnetMax } = config;
  const range = { network, subnetLen, subnetMin, subnetMax };
  const own = taken[rules.own(range, taken, publicIp) ?? -1]?.subnet;
  if (own !== undefined && rules.isCompatible(range, own)) {
    return { subnet: own, because: "own lease" };
  }
  const previous = parseSubnetEnv((await readSubnetFile(settings.subnetFile)) ?? "").subnet;
  const isFree = previous !== null && rules.overlap(taken, previous) === undefined;
  if (isFree && rules.isCompatible(range, previous)) {
    return { subnet: previous, because: "subnet file" };
  }
  return { subnet: rules.pick(range, taken, dice()).subnet, because: "drawn" };
}

function rulesOf(
  chains: readonly FilterChain[],
  config: NetworkConfig,
  isRandom: boolean,
): string[] {
  if (config.enableNftables) return nftScript("ipv4", chains, isRandom).trimEnd().split("\n");
  return chains.flatMap((chain) => {
    const { chain: name, hook, table } = IPTABLES_PLACES[chain.purpose];
    const lines = iptablesRules(chain, isRandom).map((words) => iptablesLine("-A", name, words));
    const jump = iptablesLine("-A", hook, iptablesHook(chain.purpose));
    return [jump, ...lines].map((line) => `-t ${table} ${line}`);
  });
}

/** For people. */
export function previewText(plan: Preview): string {
  const { because, config, device, external, mac, peers, rules, subnet, subnetEnv } = plan;
  const lines = [
    `network   ${config.network}, ${config.backend.type}`,
    `underlay  ${external.name} ${external.address}, published as ${external.publicIp}`,
    `subnet    ${subnet}, ${because === "drawn" ? "or another: it is drawn" : `by the ${because}`}`,
    device ? deviceLine(device, subnet, mac) : "device    none",
    ...(device?.routes.map(({ dst }) => `route     ${dst} dev ${device.name}`) ?? []),
    ...peers.flatMap(peerLines),
    ...rules.map((line) => `rule      ${line}`),
    ...subnetEnv
      .trimEnd()
      .split("\n")
      .map((line) => `file      ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

function deviceLine({ name, mtu }: DevicePlan, subnet: string, mac: string | null): string {
  return `device    ${name} ${deviceAddress(subnet)}, MTU ${mtu}${mac === null ? "" : `, ${mac}`}`;
}

function peerLines(answer: PeerAnswer): string[] {
  if ("reason" in answer) return [`refused   ${answer.subnet}: ${answer.reason}`];
  const { fdb, neighbors, remote, routes, subnet, tunnelRoutes } = answer;
  return [
    `peer      ${subnet} at ${remote}`,
    ...neighbors.map(({ address, dev, mac }) => `neighbor  ${address} lladdr ${mac} dev ${dev}`),
    ...fdb.map(({ mac, dst }) => `fdb       ${mac} dst ${dst}`),
    ...tunnelRoutes.map(({ dst, remote: to }) => `tunnel    ${dst} to ${to}`),
    ...routes.map(({ dst, via, dev, onlink }) => {
      const device = dev === undefined ? "" : ` dev ${dev}`;
      return `route     ${dst} via ${via}${device}${onlink ? " onlink" : ""}`;
    }),
  ];
}
