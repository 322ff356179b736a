// A card that was to finish the checksums of what it sends, and does not. What goes out has the sum
// over the pseudo header alone, as Linux leaves it for the card (RFC 768; RFC 9293, section 3.1).
import { checksum } from "../../core/index.ts";
import { viewOf } from "../packet/bytes.ts";
import { headerLenOf, isFragment, packetOf, protocolOf, wholePacketOf } from "./frame.ts";
import type { Carried } from "./journey.ts";

const CHECKSUM_AT: Readonly<Record<number, number>> = { 6: 16, 17: 6 };
const ADDRESSES_AT = 12;
const ADDRESSES_LEN = 8;

/** The same frame with its transport checksum undone; what has none stays as it is. */
export function undone(carried: Carried): Carried {
  const packet = wholePacketOf(carried);
  const at = packet && CHECKSUM_AT[protocolOf(packet)];
  if (packet === null || at === null || at === undefined || isFragment(packet)) return carried;
  const bytes = carried.bytes.slice();
  const segment = packetOf({ bytes, link: carried.link }).subarray(0, packet.length);
  const headerLen = headerLenOf(packet);
  const pseudo = new Uint8Array(ADDRESSES_LEN + 4);
  pseudo.set(packet.subarray(ADDRESSES_AT, ADDRESSES_AT + ADDRESSES_LEN));
  pseudo[ADDRESSES_LEN + 1] = protocolOf(packet);
  viewOf(pseudo).setUint16(ADDRESSES_LEN + 2, packet.length - headerLen);
  viewOf(segment).setUint16(headerLen + at, ~checksum(pseudo) & 0xffff);
  replace(carried, bytes);
  return { ...carried, bytes };
}

// What left its hop is what the card made of it.
function replace({ from, bytes: before }: Carried, bytes: Uint8Array): void {
  const at = from?.left.indexOf(before) ?? -1;
  if (from !== null && at >= 0) from.left[at] = bytes;
}
