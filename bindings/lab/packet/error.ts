import { type ICMP_TIME_EXCEEDED, type ICMP_UNREACHABLE, isIcmpError, writeIcmp } from "./icmp.ts";
import { PROTOCOL_ICMP, readIpv4, totalLengthOf, writeIpv4 } from "./ipv4.ts";

const ERROR_LEN_MAX = 576; // RFC 1812, section 4.3.2.3
const HEADERS_LEN = 28; // IPv4 and ICMP
const OFFSET_BITS = 0x1fff;

/** What a router says of a packet that it does not forward. */
export interface IcmpError {
  readonly type: typeof ICMP_UNREACHABLE | typeof ICMP_TIME_EXCEEDED;
  readonly code: number;
  /** Of the next hop, where fragmentation was needed (RFC 1191). */
  readonly mtu?: number;
}

/**
 * The packet that tells the sender, or null where nothing may be said: about ICMP errors, later
 * fragments, and what went to more than one station (RFC 1122, section 3.2.2).
 */
export function writeIcmpError(
  error: IcmpError,
  about: Uint8Array,
  src: string,
): Uint8Array | null {
  const offender = readIpv4(about);
  if (offender === null || (offender.fragment & OFFSET_BITS) !== 0) return null;
  if (!isStation(offender.src) || !isStation(offender.dst)) return null;
  if (offender.protocol === PROTOCOL_ICMP && isIcmpError(offender.payload[0] ?? 0)) return null;
  const quoteLen = Math.min(totalLengthOf(about), ERROR_LEN_MAX - HEADERS_LEN);
  const { type, code, mtu = 0 } = error;
  const payload = writeIcmp({ type, code, rest: mtu, body: about.subarray(0, quoteLen) });
  const to = { src, dst: offender.src, protocol: PROTOCOL_ICMP };
  return writeIpv4({ ...to, id: 0, isDontFragment: false, ttl: 64, payload });
}

/** False for 0.0.0.0/8, loopback, multicast and everything above: no single station elsewhere. */
function isStation(address: string): boolean {
  const first = Number.parseInt(address, 10);
  return first > 0 && first < 224 && first !== 127;
}
