// Where a kernel's ICMP errors are others than the core's.
import { checksum } from "../../core/index.ts";
import { viewOf } from "../packet/bytes.ts";
import { ETHERNET_HEADER_LEN } from "../packet/ethernet.ts";
import { withTtlDecremented } from "../packet/ipv4.ts";
import type { Link } from "./journey.ts";

/** Precedence 6 (RFC 1812, section 4.3.2.5), beside the offender's own bits of service. */
const INTERNETWORK_CONTROL = 0xc0;
const TOS_BITS = 0x1e;
/** Behind the IP header of the error and the header of ICMP stands the offender's. */
const QUOTE_AT = 28;

/**
 * A copy of an error that the core made, as Linux makes it. `isForwarded`: the offender had been
 * forwarded already, and waited for a neighbor; it is quoted with the TTL that it then had.
 */
export function asLinuxSays(bytes: Uint8Array, link: Link, isForwarded: boolean): Uint8Array {
  const copy = bytes.slice();
  const packet = link === "ethernet" ? copy.subarray(ETHERNET_HEADER_LEN) : copy;
  const view = viewOf(packet);
  view.setUint8(1, (view.getUint8(QUOTE_AT + 1) & TOS_BITS) | INTERNETWORK_CONTROL);
  view.setUint16(10, 0);
  view.setUint16(10, checksum(packet.subarray(0, 20)));
  // The quoted header's sum makes up for its TTL: the sum over both stays.
  if (isForwarded) packet.set(withTtlDecremented(packet.subarray(QUOTE_AT)), QUOTE_AT);
  return copy;
}
