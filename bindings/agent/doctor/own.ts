// Which of the leases is this node's, how it stands with it, and what the node told docker and CNI.
import { parseSubnetEnv, printSubnetEnv } from "../subnet-env.ts";
import { addressesOf, type Case, publishedMac, type TimedLease } from "./case.ts";
import type { Facts } from "./facts.ts";
import { type Finding, quote, warning, wrong } from "./finding.ts";

/** Agents renew an hour before the end, and each minute from then on. */
const RENEWAL_S = 3600;
const RETRY_S = 300;

/** By the public address, as the agent does it; behind NAT, by the device's MAC. */
export function ownLease(facts: Facts, leases: readonly TimedLease[]): TimedLease | null {
  const { host, publicIp } = facts;
  const { subnet } = parseSubnetEnv(host.subnetFile.text ?? "");
  const addresses = new Set(publicIp === null ? host.links.flatMap(addressesOf) : [publicIp]);
  const byAddress = leases.filter(({ attrs }) => addresses.has(attrs.publicIp));
  const macs = new Set(host.links.map(({ mac }) => mac));
  const own = byAddress.length > 0 ? byAddress : leases.filter((l) => macs.has(publishedMac(l)));
  return own.find((lease) => lease.subnet === subnet) ?? own[0] ?? null;
}

export function missingLease({ host, publicIp }: Facts, leases: readonly TimedLease[]): Finding {
  const { subnet } = parseSubnetEnv(host.subnetFile.text ?? "");
  const thief = leases.find((lease) => lease.subnet === subnet);
  const who = publicIp === null ? "an address of this host" : publicIp;
  const message = `no lease has ${who} as its PublicIP`;
  const theft = thief ? `; ${subnet} of ${host.subnetFile.path} is ${thief.attrs.publicIp}'s` : "";
  return wrong("own-lease-missing", publicIp ?? "this host", `${message}${theft}`, host.restart);
}

export function expiryFindings({ host }: Facts, { subnet, ttlS }: TimedLease): Finding[] {
  if (ttlS === null || ttlS > RENEWAL_S - RETRY_S) return [];
  const message = `the lease of ${subnet} ends in ${ttlS} seconds, and nobody renews it`;
  return [wrong("own-lease-expires", subnet, message, host.restart)];
}

/** subnet.env against the lease. */
export function subnetFileFindings({ host, config, backend, own }: Case): Finding[] {
  const { path, text } = host.subnetFile;
  const known = parseSubnetEnv(text ?? "");
  const ipMasq = known.ipMasq ?? false;
  const wanted = {
    ...{ network: config.network, subnet: own.subnet, mtu: backend.mtu, ipMasq },
    ...{ ipv6Network: null, ipv6Subnet: null },
  };
  const lines = printSubnetEnv(wanted).trimEnd().split("\n");
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const commands = [
    `mkdir -p ${quote(folder)}`,
    `printf '%s\\n' ${lines.map(quote).join(" ")} > ${quote(path)}`,
  ];
  if (text === null) {
    return [wrong("subnet-file-missing", path, `there is no ${path}`, ...commands)];
  }
  const differs = (["network", "subnet", "mtu"] as const).find((key) => known[key] !== wanted[key]);
  if (differs === undefined) return known.ipMasq === null ? [noMasq(path, commands)] : [];
  const found = known[differs] ?? "none that is valid";
  const message = `${path} has ${differs} ${found}, and the lease implies ${wanted[differs]}`;
  return [wrong("subnet-file-wrong", path, message, ...commands)];
}

function noMasq(path: string, commands: readonly string[]): Finding {
  const message = `${path} does not say FLANNEL_IPMASQ: the CNI plugin refuses it`;
  return warning("subnet-file-wrong", path, message, ...commands);
}
