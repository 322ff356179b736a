// IPv6 addresses and prefixes, text to number and back: what is printed is RFC 5952. An address is
// 128 bits of a bigint.
import ipaddr from "ipaddr.js";
import { HeddleError } from "../core/index.ts";

/** An address, and how many of its bits count. */
export interface Ipv6Prefix {
  readonly address: bigint;
  readonly len: number;
}

// Neither a zone nor the forms that nobody but a parser knows.
const IPV6 = /^[\da-f:]+(:\d{1,3}(\.\d{1,3}){3})?$/i;
const PREFIX = /^([^/]+)\/(\d|[1-9]\d|1[01]\d|12[0-8])$/;
const OCTET_WITH_ZERO = /[:.]0\d+(\.|$)/;

/** "fd00:12:13::1" as a number. */
export function parseIpv6(text: string): bigint {
  if (!isIpv6(text)) throw new HeddleError("BadAddress", text, "an IPv6 address as fd00:12:13::1");
  const { parts } = ipaddr.IPv6.parse(text);
  return parts.reduce((address, part) => (address << 16n) | BigInt(part), 0n);
}

/** A number as "fd00:12:13::1". */
export function printIpv6(address: bigint): string {
  const parts = Array.from({ length: 8 }, (_, at) =>
    Number((address >> BigInt(112 - at * 16)) & 0xffffn),
  );
  return new ipaddr.IPv6(parts).toRFC5952String();
}

/** "fd00:12:13::7/56" as the prefix fd00:12:13::/56: host bits go. */
export function parseIpv6Network(text: string): Ipv6Prefix {
  const [, address = "", len = ""] = PREFIX.exec(text) ?? [];
  if (!isIpv6(address)) {
    throw new HeddleError("BadPrefix", text, "an IPv6 prefix as fd00:12:13::/56");
  }
  const prefix = { address: parseIpv6(address), len: Number(len) };
  return { address: ipv6Network(prefix), len: prefix.len };
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

function isIpv6(text: string): boolean {
  return IPV6.test(text) && !OCTET_WITH_ZERO.test(dotted(text)) && ipaddr.IPv6.isValid(text);
}

// Octets with a leading zero are octal to some; in IPv6's own groups a leading zero is nothing.
function dotted(text: string): string {
  return text.includes(".") ? text.slice(text.lastIndexOf(":")) : "";
}
