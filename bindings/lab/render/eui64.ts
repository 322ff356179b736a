// The link-local address that a kernel makes of a MAC (RFC 4291, appendix A): fffe in its middle,
// its second bit turned over.
import { parseMac } from "../../core/index.ts";

const UNIVERSAL_BIT = 0x02;

/** "02:42:6a:46:93:d2" as "fe80::42:6aff:fe46:93d2". Throws where `mac` is none. */
export function linkLocalOf(mac: string): string {
  parseMac(mac);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac
    .split(":")
    .map((part) => Number.parseInt(part, 16));
  const groups = [((a ^ UNIVERSAL_BIT) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  const words = groups.map((group) => group.toString(16)).join(":");
  return `fe80::${words.replace(/^0:/, "")}`; // the zeros in front are one run with the others
}

/** The multicast MAC that a station with this address listens to: its last three bytes. */
export function solicitedMacOf(mac: string): string {
  return `33:33:ff:${mac.slice(9)}`;
}
