// What a kernel sets in its ICMP errors and the core does not: precedence 6, internetwork control
// (RFC 1812, section 4.3.2.5), beside the offender's own bits of service.
import { checksum } from "../../core/index.ts";
import { viewOf } from "../packet/bytes.ts";
import { ETHERNET_HEADER_LEN } from "../packet/ethernet.ts";
import type { Link } from "./journey.ts";

const INTERNETWORK_CONTROL = 0xc0;
const TOS_BITS = 0x1e;
/** Behind the IP header of the error and the header of ICMP stands the offender's. */
const QUOTE_AT = 28;

/** A copy of an ICMP error that the core made. */
export function withPrecedence(bytes: Uint8Array, link: Link): Uint8Array {
  const copy = bytes.slice();
  const packet = link === "ethernet" ? copy.subarray(ETHERNET_HEADER_LEN) : copy;
  const view = viewOf(packet);
  view.setUint8(1, (view.getUint8(QUOTE_AT + 1) & TOS_BITS) | INTERNETWORK_CONTROL);
  view.setUint16(10, 0);
  view.setUint16(10, checksum(packet.subarray(0, 20)));
  return copy;
}
