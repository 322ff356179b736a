// Keys of the store: where a network's config lies, and one key for each subnet that somebody has.
// Text that comes out of the store is anybody's: a key that is none throws HeddleError BadLease,
// and nothing else.
import { HeddleError, parseNetwork, parsePrefix, printPrefix } from "../core/index.ts";
import { parseIpv6Network, printIpv6Prefix } from "./ipv6.ts";
import { excerpt } from "./json.ts";

/** What the name of a key says. */
export interface SubnetKey {
  /** "10.5.72.0/24". */
  readonly subnet: string;
  /** "fd00:12:13::/56", or null. */
  readonly ipv6Subnet: string | null;
}

const NAME_LEN_MAX = 80; // the longest that can be printed has 62
const NAME = /^([\d.]+)-(\d|[12]\d|3[01])(?:&([\da-f:]+)-(\d|[1-9]\d|1[01]\d|12[0-7]))?$/;

/** Where the network config lies: "/coreos.com/network/config". */
export function configKey(prefix: string): string {
  return joined(prefix, "config");
}

/** What the keys of all subnets begin with: "/coreos.com/network/subnets/". */
export function subnetsPrefix(prefix: string): string {
  return `${joined(prefix, "subnets")}/`;
}

/** The whole key of a subnet: "/coreos.com/network/subnets/10.5.72.0-24". */
export function subnetKey(prefix: string, key: SubnetKey): string {
  return subnetsPrefix(prefix) + printSubnetKey(key);
}

/**
 * The subnets that a key stands for; of a path, only the last part is looked at. Lengths are 0 to
 * 31, and 0 to 127 for IPv6, as flannel has them. Host bits, which flannel keeps, go: the subnet is
 * taken all the same, and no route can have any.
 */
export function parseSubnetKey(key: string): SubnetKey {
  const name = key.slice(key.lastIndexOf("/") + 1);
  try {
    const parts = name.length > NAME_LEN_MAX ? null : NAME.exec(name);
    if (parts !== null) return subnetsOf(parts);
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
  }
  throw new HeddleError("BadLease", excerpt(name), "a key as 10.5.72.0-24");
}

/** "10.5.72.0-24", or "10.5.72.0-24&fd00:12:13::-56". Throws HeddleError for what is no subnet. */
export function printSubnetKey({ subnet, ipv6Subnet }: SubnetKey): string {
  const ipv4 = printPrefix(parsePrefix(subnet)).replace("/", "-");
  if (ipv6Subnet === null) return ipv4;
  return `${ipv4}&${printIpv6Prefix(parseIpv6Network(ipv6Subnet)).replace("/", "-")}`;
}

function subnetsOf([, address, len, address6, len6]: RegExpExecArray): SubnetKey {
  const ipv6 = address6 === undefined ? null : parseIpv6Network(`${address6}/${len6}`);
  return {
    subnet: printPrefix(parseNetwork(`${address}/${len}`)),
    ipv6Subnet: ipv6 && printIpv6Prefix(ipv6),
  };
}

// As Go's path.Join: one slash where there are several, none at the end, no "." and no "..".
function joined(prefix: string, name: string): string {
  const parts: string[] = [];
  const isRooted = prefix.startsWith("/");
  for (const part of [...prefix.split("/"), name]) {
    if (part === "" || part === ".") continue;
    const isBack = part === ".." && (isRooted || (parts.length > 0 && parts.at(-1) !== ".."));
    if (isBack) parts.pop();
    else parts.push(part);
  }
  return (isRooted ? "/" : "") + parts.join("/");
}
