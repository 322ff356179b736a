// Which interface is the underlay's, as flannel chooses: each --iface, then each --iface-regex,
// then --iface-can-reach, the first that fits; without any of them the interface that has the
// public address, and without that the default route's.

import type { Link, ObservedAddress, ObservedRoute } from "../../agent/observed.ts";
import type { External } from "../../agent/plan.ts";
import { HeddleError } from "../../core/status.ts";
import type { Netcfg } from "./netcfg.ts";
import type { RouteLookup } from "./netcfg-parse.ts";
import { parsePattern } from "./pattern.ts";

/** What the flags say; what none says is "". */
export interface InterfaceWish {
  /** Names or addresses. */
  readonly interfaces: readonly string[];
  /** Matched against addresses, then against names. */
  readonly interfacePatterns: readonly string[];
  /** An address. */
  readonly canReach: string;
  readonly publicIp: string;
}

/** Throws HeddleError that says what was looked for, why each wish failed, and what there is. */
export async function chooseInterface(netcfg: Netcfg, wish: InterfaceWish): Promise<External> {
  const { canReach, publicIp } = wish;
  const host: Host = {
    links: await netcfg.links(),
    addresses: await netcfg.addresses(),
    routes: await netcfg.routes(),
    reach: canReach === "" ? null : await reach(netcfg, canReach),
  };
  const complaints: string[] = [];
  for (const attempt of attempts(wish, host)) {
    const found = attempt();
    if (typeof found === "string") complaints.push(found);
    else return externalOf(found, publicIp);
  }
  const said = complaints.join("; ");
  throw new HeddleError("BadValue", said, `an interface with an IPv4 address: ${inventory(host)}`);
}

interface Host {
  readonly links: readonly Link[];
  readonly addresses: readonly ObservedAddress[];
  readonly routes: readonly ObservedRoute[];
  readonly reach: RouteLookup | null;
}

interface Found {
  readonly link: Link;
  readonly address: string;
}

/** An interface, or why there is none. */
type Attempt = () => Found | string;

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

function attempts(wish: InterfaceWish, host: Host): Attempt[] {
  const { interfaces, interfacePatterns, canReach, publicIp } = wish;
  if (interfaces.length + interfacePatterns.length > 0 || canReach !== "") {
    return [
      ...interfaces.map((iface) => () => byNameOrAddress(host, iface)),
      ...interfacePatterns.map((text) => () => byRegex(host, text)),
      ...(canReach === "" ? [] : [() => byReach(host, canReach)]),
    ];
  }
  return [() => (publicIp === "" ? byDefaultRoute(host) : byPublicIp(host, publicIp))];
}

function byNameOrAddress(host: Host, iface: string): Found | string {
  if (IPV4.test(iface)) return byAddress(host, iface) ?? `no interface has the address ${iface}`;
  const link = linkOf(host, iface);
  return link === undefined ? `no interface is called ${iface}` : withBestAddress(host, link);
}

function byPublicIp(host: Host, publicIp: string): Found | string {
  const hint = "behind NAT, name the interface too";
  return byAddress(host, publicIp) ?? `no interface has the public address ${publicIp} (${hint})`;
}

function byAddress(host: Host, address: string): Found | undefined {
  const owner = host.addresses.find((one) => bare(one) === address);
  const link = owner && linkOf(host, owner.dev);
  return link && { link, address };
}

function byRegex(host: Host, text: string): Found | string {
  const pattern = patternOf(text);
  if (typeof pattern === "string") return pattern;
  for (const link of host.links) {
    const address = candidates(host, link).find((one) => pattern.test(one));
    if (address !== undefined) return { link, address };
  }
  const named = host.links.find(({ name }) => pattern.test(name));
  if (named !== undefined) return withBestAddress(host, named);
  return `no address and no name of an interface matches ${text}`;
}

function patternOf(text: string): RegExp | string {
  try {
    return parsePattern(text);
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

function byReach(host: Host, target: string): Found | string {
  const { reach: route } = host;
  const link = route && linkOf(host, route.dev);
  if (!link || route.source === null) return `there is no route to ${target}`;
  return { link, address: route.source };
}

function byDefaultRoute(host: Host): Found | string {
  const route = host.routes.find(({ dst, type }) => dst === "0.0.0.0/0" && type === "unicast");
  if (route === undefined) return "there is no default route, and no --iface";
  const link = route.dev === null ? undefined : linkOf(host, route.dev);
  return link === undefined
    ? "the default route has several interfaces"
    : withBestAddress(host, link);
}

async function reach(netcfg: Netcfg, target: string): Promise<RouteLookup | null> {
  return (await netcfg.lookUp([target])).get(target) ?? null;
}

function withBestAddress(host: Host, link: Link): Found | string {
  const [address] = candidates(host, link);
  return address === undefined ? `${link.name} has no IPv4 address` : { link, address };
}

/** Usable addresses, the best first: global, permanent, not temporary; then as they were added. */
function candidates({ addresses }: Host, { name }: Link): string[] {
  const usable = addresses.filter((one) => one.dev === name && isUsable(one));
  return usable.toSorted((a, b) => rank(a) - rank(b)).map(bare);
}

function isUsable(one: ObservedAddress): boolean {
  return !one.isDeprecated && !bare(one).startsWith("127.") && !bare(one).startsWith("0.");
}

function rank(one: ObservedAddress): number {
  const isLinkLocal = bare(one).startsWith("169.254.");
  return (isLinkLocal ? 4 : 0) + (one.isDynamic ? 2 : 0) + (one.isTemporary ? 1 : 0);
}

function externalOf({ link, address }: Found, publicIp: string): External {
  const { index, mtu, name } = link;
  if (mtu === 0)
    throw new HeddleError("BadValue", mtu, `MTU of ${name}: what its packets may have`);
  return { name, index, mtu, address, publicIp: publicIp || address };
}

function linkOf({ links }: Host, name: string): Link | undefined {
  return links.find((link) => link.name === name);
}

function inventory(host: Host): string {
  const lines = host.links.map((link) => {
    return [link.name, ...candidates(host, link)].join(" ");
  });
  return `there are ${lines.join(", ")}`;
}

function bare({ address }: ObservedAddress): string {
  return address.slice(0, address.indexOf("/"));
}
