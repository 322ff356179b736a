// Addresses as people write them and as the core keeps them, in pairs: what one half prints, the
// other half parses, and nothing else. An IPv4 address is a number in host order; a MAC is its six
// bytes read little-endian, below 2^48.
import { HeddleError } from "./status.ts";

/** 24 bits (RFC 7348). */
export const VNI_MAX = 0xffffff;

/** An IPv4 prefix: an address in host order, and how many of its bits count. */
export interface Prefix {
  readonly address: number;
  readonly len: number;
}

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"; // no leading zero: some read it as octal
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);
const PREFIX = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** "192.0.2.1" as 0xc0000201. */
export function parseIpv4(text: string): number {
  const parts = IPV4.exec(text);
  if (parts === null) throw new HeddleError("BadAddress", text, "an IPv4 address as 192.0.2.1");
  const [, a, b, c, d] = parts;
  return ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d);
}

/** 0xc0000201 as "192.0.2.1". */
export function printIpv4(address: number): string {
  const low = `${(address >>> 8) & 0xff}.${address & 0xff}`;
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${low}`;
}

/** "10.42.0.0/16" as its address and length. Bits behind the length are zero, or it throws. */
export function parsePrefix(text: string): Prefix {
  const prefix = parseCidr(text);
  if (network(prefix) !== prefix.address) {
    const meant = printPrefix({ address: network(prefix), len: prefix.len });
    throw new HeddleError("BadPrefix", text, `no host bits, as in ${meant}`);
  }
  return prefix;
}

/** "10.42.7.9/16" as the prefix 10.42.0.0/16: an address in a network, for the network. */
export function parseNetwork(text: string): Prefix {
  const { address, len } = parseCidr(text);
  return { address: network({ address, len }), len };
}

function parseCidr(text: string): Prefix {
  const parts = PREFIX.exec(text);
  if (parts === null || !IPV4.test(parts[1] ?? "")) {
    throw new HeddleError("BadPrefix", text, "an IPv4 prefix as 10.42.0.0/16");
  }
  return { address: parseIpv4(parts[1] ?? ""), len: Number(parts[2]) };
}

/** An address and a length as "10.42.0.0/16". */
export function printPrefix(prefix: Prefix): string {
  return `${printIpv4(prefix.address)}/${prefix.len}`;
}

/** The address with every bit behind the length cleared. */
export function network(prefix: Prefix): number {
  if (prefix.len === 0) return 0; // a shift by 32 would shift by nothing
  return (prefix.address & (-1 << (32 - prefix.len))) >>> 0;
}

/** "02:42:ac:11:00:02" as 0x020011ac4202. */
export function parseMac(text: string): number {
  if (!MAC.test(text)) throw new HeddleError("BadMac", text, "a MAC as 02:42:ac:11:00:02");
  let mac = 0;
  for (let at = text.length - 2; at >= 0; at -= 3) {
    mac = mac * 256 + Number.parseInt(text.slice(at, at + 2), 16);
  }
  return mac;
}

/** 0x020011ac4202 as "02:42:ac:11:00:02". */
export function printMac(mac: number): string {
  let text = HEX[mac % 256] ?? "";
  for (let at = 1, rest = Math.floor(mac / 256); at < 6; at++, rest = Math.floor(rest / 256)) {
    text += `:${HEX[rest % 256]}`;
  }
  return text;
}
