// Flannel's rules for the IPv6 half of a network config: those of IPv4, in wider numbers.
import { HeddleError } from "../core/index.ts";
import { ipv6Network, parseIpv6, parseIpv6Network, printIpv6, printIpv6Prefix } from "./ipv6.ts";

/** Where a node's IPv6 subnet comes from. */
export interface Ipv6Range {
  /** "fd00:12:13::/48". */
  readonly network: string;
  readonly subnetLen: number;
  readonly subnetMin: string;
  readonly subnetMax: string;
}

/** As it is written: 0, null or "::" is derived. A network of IPv4 may stand in the place. */
export interface GivenIpv6 {
  readonly network: string | undefined;
  readonly subnetLen: number;
  readonly subnetMin: string | null;
  readonly subnetMax: string | null;
}

const SUBNET_LEN_MAX = 126;
const NETWORK_LEN_MAX = 124;
const SUBNET_LEN_DEFAULT = 64;
const FOUR_SUBNETS_LEN = 2;

/** The range with all that it left out. Throws HeddleError BadConfig with the first broken rule. */
export function completeIpv6(given: GivenIpv6): Ipv6Range {
  if (given.network === undefined || given.network === "::/0" || !given.network.includes(":")) {
    refuse(given.network, 'IPv6Network: an IPv6 prefix as "fd00:12:13::/48"');
  }
  const { address, len } = parseIpv6Network(given.network);
  const subnetLen = lenOf(given.network, len, given.subnetLen);
  const size = 1n << BigInt(128 - subnetLen);
  const end = address + (1n << BigInt(128 - len));
  const isInside = (one: bigint): boolean => one >= address && one < end;
  const isAligned = (one: bigint): boolean => one === ipv6Network({ address: one, len: subnetLen });
  const subnetMin = parseIpv6(given.subnetMin ?? "::") || address + size;
  const subnetMax = parseIpv6(given.subnetMax ?? "::") || end - size;
  const bounds = [
    ["IPv6SubnetMin", subnetMin],
    ["IPv6SubnetMax", subnetMax],
  ] as const;
  for (const [key, one] of bounds) {
    if (!isInside(one)) refuse(printIpv6(one), `${key}: an address in ${given.network}`);
  }
  for (const [key, one] of bounds) {
    if (!isAligned(one)) refuse(printIpv6(one), `${key}: the first address of a /${subnetLen}`);
  }
  if (subnetMin > subnetMax) {
    const expected = `IPv6SubnetMin: at most IPv6SubnetMax, which is ${printIpv6(subnetMax)}`;
    refuse(printIpv6(subnetMin), expected);
  }
  return {
    network: printIpv6Prefix({ address, len }),
    subnetLen,
    subnetMin: printIpv6(subnetMin),
    subnetMax: printIpv6(subnetMax),
  };
}

function lenOf(network: string, len: number, given: number): number {
  if (given > SUBNET_LEN_MAX) refuse(given, `IPv6SubnetLen: at most ${SUBNET_LEN_MAX}`);
  const least = len + FOUR_SUBNETS_LEN;
  if (given > 0 && given < least) {
    refuse(given, `IPv6SubnetLen: at least ${least}, for four subnets in ${network}`);
  }
  if (given > 0) return given;
  if (len > NETWORK_LEN_MAX) {
    const expected = `a prefix of at most ${NETWORK_LEN_MAX} bits`;
    refuse(network, `IPv6Network: ${expected}, where IPv6SubnetLen is not given`);
  }
  return Math.max(SUBNET_LEN_DEFAULT, least);
}

function refuse(value: unknown, expected: string): never {
  throw new HeddleError("BadConfig", value, expected);
}
