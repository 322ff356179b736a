// Fragments until they are a packet again (RFC 791, section 3.2): only who it is for does this.
import { checksum } from "../../core/index.ts";
import { viewOf } from "../packet/bytes.ts";
import { headerLenOf } from "./frame.ts";

const MORE = 0x2000;
const OFFSET_BITS = 0x1fff;
const UNIT = 8; // bytes that an offset counts in
const FRAGMENT_AT = 6;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

export class Reassembly {
  readonly #pieces = new Map<string, Piece[]>();

  /** Takes a fragment; gives the packet once nothing of it is missing. */
  take(packet: Uint8Array): Uint8Array | null {
    const word = viewOf(packet).getUint16(FRAGMENT_AT);
    const headerLen = headerLenOf(packet);
    const piece = {
      offset: (word & OFFSET_BITS) * UNIT,
      bytes: packet.slice(headerLen),
      isLast: (word & MORE) === 0,
    };
    const key = [...packet.subarray(4, 6), ...packet.subarray(9, 10), ...packet.subarray(12, 20)];
    const name = key.join(".");
    const pieces = [...(this.#pieces.get(name) ?? []), piece].sort((a, b) => a.offset - b.offset);
    this.#pieces.set(name, pieces);
    const body = joined(pieces);
    if (body === null) return null;
    this.#pieces.delete(name);
    return whole(packet.subarray(0, headerLen), body);
  }
}

/** Everything from the first byte to the last; null where something is missing. */
function joined(pieces: readonly Piece[]): Uint8Array | null {
  let end = 0;
  for (const { offset, bytes } of pieces) {
    if (offset > end) return null;
    end = Math.max(end, offset + bytes.length);
  }
  if (!pieces.some(({ isLast }) => isLast)) return null;
  const body = new Uint8Array(end);
  for (const { offset, bytes } of pieces) body.set(bytes, offset);
  return body;
}

function whole(header: Uint8Array, body: Uint8Array): Uint8Array {
  const packet = new Uint8Array(header.length + body.length);
  packet.set(header);
  packet.set(body, header.length);
  const view = viewOf(packet);
  view.setUint16(2, packet.length);
  view.setUint16(FRAGMENT_AT, 0);
  view.setUint16(10, 0);
  view.setUint16(10, checksum(packet.subarray(0, header.length)));
  return packet;
}
