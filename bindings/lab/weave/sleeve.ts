// Weave's own tunnel in user space: frames in UDP, each with the peers that it goes between. This
// is the form without a password.
//
//     sender 6 | ( source 6 | target 6 | length 2 | frame )*
import { type Core, decode, encode } from "../../core/index.ts";
import { macAt, putMac, viewOf } from "../packet/bytes.ts";
import { WEAVE_PORT, type WeaveLink } from "./link.ts";

/** A frame, and the peers that captured it and shall inject it. */
export interface SleeveFrame {
  readonly source: string;
  readonly target: string;
  readonly frame: Uint8Array;
}

/** A datagram: who speaks, which in a larger mesh need not be the source of any frame. */
export interface SleeveMessage {
  readonly sender: string;
  readonly frames: readonly SleeveFrame[];
}

const NAME_LEN = 6;
const LENGTH_AT = 2 * NAME_LEN;
const FRAME_HEADER_LEN = LENGTH_AT + 2;

export function encodeSleeve({ sender, frames }: SleeveMessage): Uint8Array {
  const lens = frames.map(({ frame }) => FRAME_HEADER_LEN + frame.length);
  const bytes = new Uint8Array(NAME_LEN + lens.reduce((sum, len) => sum + len, 0));
  putMac(bytes, 0, sender);
  let at = NAME_LEN;
  for (const { source, target, frame } of frames) {
    putMac(bytes, at, source);
    putMac(bytes, at + NAME_LEN, target);
    viewOf(bytes).setUint16(at + LENGTH_AT, frame.length);
    bytes.set(frame, at + FRAME_HEADER_LEN);
    at += FRAME_HEADER_LEN + frame.length;
  }
  return bytes;
}

/** Null for what is cut. */
export function decodeSleeve(bytes: Uint8Array): SleeveMessage | null {
  if (bytes.length < NAME_LEN) return null;
  const frames: SleeveFrame[] = [];
  for (let at = NAME_LEN; at < bytes.length; ) {
    if (at + FRAME_HEADER_LEN > bytes.length) return null;
    const start = at + FRAME_HEADER_LEN;
    const end = start + viewOf(bytes).getUint16(at + LENGTH_AT);
    if (end > bytes.length) return null;
    const frame = bytes.subarray(start, end);
    frames.push({ source: macAt(bytes, at), target: macAt(bytes, at + NAME_LEN), frame });
    at = end;
  }
  return { sender: macAt(bytes, 0), frames };
}

/**
 * A whole outer packet, from IPv4 on. The datagram may be cut on its way where the packet inside
 * may, and not where that forbids it: weave has a socket for each.
 */
export function encapSleeve(
  core: Core,
  { sender, target, local, remote }: WeaveLink,
  frame: Uint8Array,
  id: number,
): Uint8Array {
  const data = encodeSleeve({ sender, frames: [{ source: sender, target, frame }] });
  const inner = decode(core, frame).layers.find(({ layer }) => layer === "ipv4");
  const dontFragment = inner?.layer === "ipv4" && inner.fields.dontFragment;
  return encode([
    { layer: "ipv4", fields: { src: local, dst: remote, id, dontFragment } },
    { layer: "udp", fields: { srcPort: WEAVE_PORT, dstPort: WEAVE_PORT } },
    { layer: "payload", fields: { data } },
  ]);
}
