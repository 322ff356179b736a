// From facts to findings. What hangs on something that is missing is not looked at: one broken
// thing is one finding, as far as that can be.
import type { LeaseRules } from "../../core/lease.ts";
import { HeddleError } from "../../core/status.ts";
import { type Backend, backendOf, planPeers } from "../backend/index.ts";
import { type NetworkConfig, parseNetworkConfig } from "../config.ts";
import { configKey } from "../key.ts";
import type { External } from "../plan.ts";
import { bridgeFindings } from "./bridge.ts";
import {
  addressesOf,
  type Case,
  isOnLink,
  lookUp,
  publishedMac,
  putKey,
  type TimedLease,
} from "./case.ts";
import { deviceFindings } from "./device.ts";
import { peerFindings } from "./entries.ts";
import type { Facts, LinkFact } from "./facts.ts";
import { type Finding, wrong } from "./finding.ts";
import { firewallFindings } from "./firewall.ts";
import { leaseFindings, readLeases } from "./leases.ts";
import { expiryFindings, missingLease, ownLease, subnetFileFindings } from "./own.ts";
import { pathFindings } from "./path.ts";
import { settingFindings } from "./settings.ts";
import { socketFindings } from "./sockets.ts";

/** What a tunnel adds in front of a packet, with the outer IPv4 header. */
const OVERHEAD_LENS: Readonly<Record<Backend["type"], number>> = {
  vxlan: 50,
  udp: 28,
  "host-gw": 0,
  alloc: 0,
};

const EXAMPLE = '{"Network":"10.5.0.0/16","Backend":{"Type":"vxlan"}}';

/** What is wrong with a node, in the order in which it is to be mended. */
export function diagnose(facts: Facts, rules: LeaseRules): Finding[] {
  const { findings, it } = examine(facts, rules);
  if (it === null) return [...findings];
  return [
    ...findings,
    ...expiryFindings(facts, it.own),
    ...subnetFileFindings(it),
    ...socketFindings(it),
    ...deviceFindings(it),
    ...peerFindings(it).filter(({ code, subject }) => !isSaid(findings, code, subject)),
    ...bridgeFindings(it),
    ...settingFindings(it),
    ...firewallFindings(it),
    ...pathFindings(it),
  ];
}

/** The ways that the overlay's packets take, and how long its longest are on them. */
export function pathsOf(facts: Facts, rules: LeaseRules): { remote: string; len: number }[] {
  const { it } = examine(facts, rules);
  if (it === null) return [];
  const len = it.backend.mtu + OVERHEAD_LENS[it.backend.type];
  const remotes = new Set(it.peers.map(({ remote }) => remote));
  return [...remotes].map((remote) => ({ remote, len: Math.min(len, it.external.mtu) }));
}

interface Examination {
  /** Of the store alone, and what kept the rest from being looked at. */
  readonly findings: readonly Finding[];
  readonly it: Case | null;
}

function examine(facts: Facts, rules: LeaseRules): Examination {
  const { store } = facts;
  const { leases, findings } = readLeases(store);
  const config = readConfig(facts, rules);
  if ("code" in config) return { findings: [config, ...findings], it: null };
  const own = ownLease(facts, leases);
  const first = [...findings, ...leaseFindings(store, config, leases)];
  const stopped = (finding: Finding): Examination => ({ findings: [...first, finding], it: null });
  if (own === null) return stopped(missingLease(facts, leases));
  const external = externalOf(facts, own);
  if ("code" in external) return stopped(external);
  const backend = backendFor(config, external);
  if ("code" in backend) return stopped(backend);
  return { findings: first, it: caseOf(facts, { config, own, external, backend, leases }) };
}

/** A lease that is refused for what was found in it before. */
function isSaid(before: readonly Finding[], code: string, subject: string): boolean {
  return code === "peer-refused" && before.some((finding) => finding.subject === subject);
}

function readConfig({ store }: Facts, rules: LeaseRules): NetworkConfig | Finding {
  const key = configKey(store.prefix);
  const example = putKey(store, key, EXAMPLE);
  if (store.config === null) {
    return wrong("config-missing", key, `${key} is not in the store`, ...example);
  }
  try {
    return parseNetworkConfig(store.config, rules);
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    return wrong("config-malformed", key, `${key}: ${error.message}`, ...example);
  }
}

/** The underlay's device: that of the public address, else where the host's traffic goes. */
function externalOf(facts: Facts, { attrs }: TimedLease): External | Finding {
  const { host, iface } = facts;
  const { publicIp } = attrs;
  const has = (address: string | null) => (link: LinkFact) =>
    link.name === address || addressesOf(link).some((own) => own === address);
  const byDefault = lookUp(host.routes, publicIp)?.dev ?? null;
  const link =
    host.links.find(has(iface ?? publicIp)) ?? host.links.find(({ name }) => name === byDefault);
  const own = link === undefined ? [] : addressesOf(link);
  const address = own.find((one) => one === publicIp || one === iface) ?? own[0];
  if (link === undefined || address === undefined) {
    const message = `no device has the lease's PublicIP ${publicIp}: --iface names the underlay's`;
    return wrong("underlay-missing", publicIp, message);
  }
  const { name, index, mtu } = link;
  return { name, index, mtu, address, publicIp };
}

function backendFor(config: NetworkConfig, external: External): Backend | Finding {
  try {
    return backendOf(config, external);
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    return wrong("backend-impossible", config.backend.type, error.message);
  }
}

interface Sorted extends Pick<Case, "config" | "own" | "external" | "backend"> {
  readonly leases: readonly TimedLease[];
}

function caseOf({ host, store }: Facts, { leases, ...sorted }: Sorted): Case {
  const { own, backend } = sorted;
  const answers = planPeers(
    backend,
    leases.filter(({ key }) => key !== own.key),
    { subnet: own.subnet, mac: publishedMac(own) },
    (address) => isOnLink(host.routes, address),
  );
  return {
    ...{ host, store, ...sorted },
    peers: answers.flatMap((answer) => ("reason" in answer ? [] : answer)),
    refusals: answers.flatMap((answer) => ("reason" in answer ? answer : [])),
  };
}
