// Fragments until they are a packet again (RFC 791, section 3.2): only who it is for does this.
import { checksum } from "../../core/index.ts";
import { SECOND } from "../clock.ts";
import { viewOf } from "../packet/bytes.ts";
import { fragmentName, headerLenOf } from "./frame.ts";

const MORE = 0x2000;
const OFFSET_BITS = 0x1fff;
const LEN_MAX = 0xffff;
const TIMEOUT_NS = 30 * SECOND; // net.ipv4.ipfrag_time
const UNIT = 8; // bytes that an offset counts in
const FRAGMENT_AT = 6;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

interface Begun {
  readonly sinceNs: number;
  readonly pieces: readonly Piece[];
}

export class Reassembly {
  readonly #packets = new Map<string, Begun>();

  /** Takes a fragment; gives the packet once nothing of it is missing. */
  take(packet: Uint8Array, nowNs: number): Uint8Array | null {
    const word = viewOf(packet).getUint16(FRAGMENT_AT);
    const headerLen = headerLenOf(packet);
    const piece = {
      offset: (word & OFFSET_BITS) * UNIT,
      bytes: packet.slice(headerLen),
      isLast: (word & MORE) === 0,
    };
    const name = fragmentName(packet);
    const { sinceNs, pieces } = this.#begin(name, nowNs);
    const all = [...pieces, piece].sort((a, b) => a.offset - b.offset);
    this.#packets.set(name, { sinceNs, pieces: all });
    const body = joined(all);
    if (body === null) return null;
    this.#packets.delete(name);
    // Fragments may claim more than a packet can hold.
    if (headerLen + body.length > LEN_MAX) return null;
    return whole(packet.subarray(0, headerLen), body);
  }

  // What has waited too long is given up: a fragment that comes then begins anew.
  #begin(name: string, nowNs: number): Begun {
    const known = this.#packets.get(name);
    if (known !== undefined && nowNs - known.sinceNs < TIMEOUT_NS) return known;
    return { sinceNs: nowNs, pieces: [] };
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
