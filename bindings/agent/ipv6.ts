// IPv6 addresses and prefixes, text to number and back: what is printed is RFC 5952. An address is
// 128 bits of a bigint.
import ipaddr from "ipaddr.js";
import { HeddleError } from "../core/index.ts";

/** An address, and how many of its bits count. */
export interface Ipv6Prefix {
  readonly address: bigint;
  readonly len: number;
}

// No zone, and none of the forms that only parsers know.
const IPV6 = /^[\da-f:]+$/i;
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
  const parts = Array.from({ length: 8 }, (_, at) =>
    Number((address >> BigInt(112 - at * 16)) & 0xffffn),
  );
  return new ipaddr.IPv6(parts).toRFC5952String();
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
  const hex = inHex(text);
  if (!IPV6.test(hex) || !ipaddr.IPv6.isValid(hex)) return undefined;
  const { parts } = ipaddr.IPv6.parse(hex);
  return parts.reduce((address, part) => (address << 16n) | BigInt(part), 0n);
}

// "::192.0.2.1" as "::c000:201": the library takes it for the mapped address. Octets that are none
// stay, and are no IPv6.
function inHex(text: string): string {
  return text.replace(DOTTED_END, (dotted) => {
    const octets = dotted.split(".").map(Number);
    const isDotted = octets.join(".") === dotted && octets.every((octet) => octet < 256);
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    return isDotted ? `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}` : dotted;
  });
}
