// subnet.env: what a node tells docker, CNI and its own next start about its subnet. Written to the
// byte as flannel does; read as any shell's list of variables, since people edit it.
import { HeddleError, parseNetwork, parsePrefix, printIpv4, printPrefix } from "../core/index.ts";
import { parseIpv6Network, printIpv6, printIpv6Prefix } from "./ipv6.ts";
import { TEXT_LEN_MAX } from "./json.ts";

/** What subnet.env says; null for what it does not say. */
export interface SubnetEnv {
  /** "10.5.0.0/16". */
  readonly network: string | null;
  /** The subnet itself, "10.5.72.0/24": in the file stands its first address. */
  readonly subnet: string | null;
  readonly ipv6Network: string | null;
  readonly ipv6Subnet: string | null;
  readonly mtu: number | null;
  readonly ipMasq: boolean | null;
}

const MTU_MAX = 65535;
// No two of these can match the same run of blanks: what is long is read in no more steps.
const LINE = /^(?:export\s+)?([A-Za-z_]\w*)\s*[=:](.*)$/;
const COMMENT = /(?:^|\s)#/;
const QUOTED = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?$/;

/**
 * The file's text: shells source it, so nothing else than addresses, a number and a word can be in
 * it. Throws HeddleError for a value that is none.
 */
export function printSubnetEnv(env: SubnetEnv): string {
  const { network, subnet, ipv6Network, ipv6Subnet, mtu, ipMasq } = env;
  const lines = [
    ["FLANNEL_NETWORK", network && printPrefix(parsePrefix(network))],
    ["FLANNEL_SUBNET", subnet && firstAddress(subnet)],
    ["FLANNEL_IPV6_NETWORK", ipv6Network && printIpv6Prefix(parseIpv6Network(ipv6Network))],
    ["FLANNEL_IPV6_SUBNET", ipv6Subnet && firstIpv6Address(ipv6Subnet)],
    ["FLANNEL_MTU", mtu === null ? null : String(checkedMtu(mtu))],
    ["FLANNEL_IPMASQ", ipMasq === null ? null : String(ipMasq === true)],
  ];
  return lines.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}\n`])).join("");
}

/**
 * What a file's text says. Never throws: what cannot be read is not said. A list has one value, or
 * says nothing, once what is no prefix is left out of it.
 */
export function parseSubnetEnv(text: string): SubnetEnv {
  const values = parseEnv(text);
  const mtu = Number(/^[1-9]\d{0,4}$/.exec(values.get("FLANNEL_MTU") ?? ""));
  const ipMasq = values.get("FLANNEL_IPMASQ");
  return {
    network: only(values.get("FLANNEL_NETWORK"), printedNetwork),
    subnet: only(values.get("FLANNEL_SUBNET"), printedNetwork),
    ipv6Network: only(values.get("FLANNEL_IPV6_NETWORK"), printedIpv6Network),
    ipv6Subnet: only(values.get("FLANNEL_IPV6_SUBNET"), printedIpv6Network),
    mtu: mtu > 0 && mtu <= MTU_MAX ? mtu : null,
    ipMasq: ipMasq === "true" ? true : ipMasq === "false" ? false : null,
  };
}

/**
 * The variables of a text: NAME=value lines with quotes, comments and `export`. The last of a name
 * counts; a line that is none is left out, as is everything of a text that is far too long.
 */
export function parseEnv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (text.length > TEXT_LEN_MAX) return values;
  for (const line of text.split(/\r?\n/)) {
    const [, name, written = ""] = LINE.exec(line.trim()) ?? [];
    const value = unquoted(written.trim());
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  return values;
}

function unquoted(written: string): string | undefined {
  const [whole, double, single] = QUOTED.exec(written) ?? [];
  if (whole !== undefined) return double?.replace(/\\(.)/g, "$1") ?? single;
  if (/^["']/.test(written)) return undefined; // it has no end
  const end = written.search(COMMENT);
  return end < 0 ? written : written.slice(0, end).trimEnd();
}

function only(list: string | undefined, read: (text: string) => string): string | null {
  const found = (list ?? "").split(",").flatMap((one) => {
    try {
      return [read(one.trim())];
    } catch {
      return [];
    }
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function printedNetwork(text: string): string {
  return printPrefix(parseNetwork(text));
}

function printedIpv6Network(text: string): string {
  return printIpv6Prefix(parseIpv6Network(text));
}

function firstAddress(subnet: string): string {
  const { address, len } = parsePrefix(subnet);
  if (len > 31) throw new HeddleError("BadPrefix", subnet, "a subnet with a first address");
  return `${printIpv4(address + 1)}/${len}`;
}

function firstIpv6Address(subnet: string): string {
  const { address, len } = parseIpv6Network(subnet);
  if (len > 127) throw new HeddleError("BadPrefix", subnet, "a subnet with a first address");
  return `${printIpv6(address + 1n)}/${len}`;
}

function checkedMtu(mtu: number): number {
  if (Number.isInteger(mtu) && mtu > 0 && mtu <= MTU_MAX) return mtu;
  throw new HeddleError("BadValue", mtu, `mtu: a whole number from 1 to ${MTU_MAX}`);
}
