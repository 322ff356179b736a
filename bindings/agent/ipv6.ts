// IPv6 addresses and prefixes, text to number and back (RFC 4291, section 2.2): what is printed is
// RFC 5952. An address is 128 bits of a bigint. No library has this as a module that browsers load
// as it is, and the lab is to run there.
import { HeddleError } from "../core/index.ts";

/** An address, and how many of its bits count. */
export interface Ipv6Prefix {
  readonly address: bigint;
  readonly len: number;
}

const GROUPS = 8;
const GROUP = /^[\da-f]{1,4}$/i;
const DOTTED_END = /(?<=:)\d{1,3}(?:\.\d{1,3}){3}$/;
const PREFIX = /^([^/]+)\/(\d|[1-9]\d|1[01]\d|12[0-8])$/;

/** "fd00:12:13::1" as a number. */
export function parseIpv6(text: string): bigint {
  const address = numberOf(text);
  if (address === undefined) {
    throw new HeddleError("BadAddress", text, "an IPv6 address as fd00:12:13::1");
  }
  return address;
}

/** A number as "fd00:12:13::1". */
export function printIpv6(address: bigint): string {
  const groups = Array.from({ length: GROUPS }, (_, at) =>
    Number((address >> BigInt(112 - at * 16)) & 0xffffn),
  );
  const { start, len } = longestZeros(groups);
  const print = (some: readonly number[]): string => some.map((one) => one.toString(16)).join(":");
  if (len < 2) return print(groups);
  return `${print(groups.slice(0, start))}::${print(groups.slice(start + len))}`;
}

// The first of the longest runs of zeros (RFC 5952, section 4.2.3).
function longestZeros(groups: readonly number[]): { readonly start: number; readonly len: number } {
  let longest = { start: 0, len: 0 };
  for (let start = 0; start < GROUPS; start++) {
    const end = groups.findIndex((group, at) => at >= start && group !== 0);
    const len = (end < 0 ? GROUPS : end) - start;
    if (len > longest.len) longest = { start, len };
  }
  return longest;
}

/** "fd00:12:13::7/56" as the prefix fd00:12:13::/56: host bits go. */
export function parseIpv6Network(text: string): Ipv6Prefix {
  const [, written = "", bits] = PREFIX.exec(text) ?? [];
  const address = numberOf(written);
  if (address === undefined) {
    throw new HeddleError("BadPrefix", text, "an IPv6 prefix as fd00:12:13::/56");
  }
  const len = Number(bits);
  return { address: ipv6Network({ address, len }), len };
}

/** An address and a length as "fd00:12:13::/56". */
export function printIpv6Prefix({ address, len }: Ipv6Prefix): string {
  return `${printIpv6(address)}/${len}`;
}

/** The address with every bit behind the length cleared. */
export function ipv6Network({ address, len }: Ipv6Prefix): bigint {
  const hostLen = BigInt(128 - len);
  return (address >> hostLen) << hostLen;
}

function numberOf(text: string): bigint | undefined {
  const [head = "", tail, ...more] = inHex(text).split("::");
  const [left, right] = [groupsOf(head), groupsOf(tail ?? "")];
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  const zeros = GROUPS - left.length - right.length;
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined;
  const groups = [...left, ...new Array<string>(zeros).fill("0"), ...right];
  return groups.reduce((address, group) => (address << 16n) | BigInt(`0x${group}`), 0n);
}

function groupsOf(text: string): readonly string[] | undefined {
  const groups = text === "" ? [] : text.split(":");
  return groups.every((group) => GROUP.test(group)) ? groups : undefined;
}

// "::192.0.2.1" as "::c000:201". Octets that are none stay, and are no IPv6.
function inHex(text: string): string {
  return text.replace(DOTTED_END, (dotted) => {
    const octets = dotted.split(".").map(Number);
    const isDotted = octets.join(".") === dotted && octets.every((octet) => octet < 256);
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    return isDotted ? `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}` : dotted;
  });
}
