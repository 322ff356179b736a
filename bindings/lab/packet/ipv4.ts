import { viewOf } from "./bytes.ts";

/** The packet one hop further: TTL less by one. The checksum follows without a new sum. */
export function withTtlDecremented(packet: Uint8Array): Uint8Array {
  const next = packet.slice();
  const view = viewOf(next);
  view.setUint8(8, view.getUint8(8) - 1);
  const sum = view.getUint16(10) + 0x0100; // the TTL is the high byte of its word
  // A carry comes round, and 0xffff is zero, as in a new sum (RFC 1624).
  view.setUint16(10, sum < 0xffff ? sum : sum + 1);
  return next;
}
