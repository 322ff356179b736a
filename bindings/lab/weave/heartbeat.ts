// Weave's proof that a way takes whole frames: a frame of nobody to nobody, as long as they get.
import { viewOf } from "../packet/bytes.ts";

const ETHERNET_LEN = 14;
const LENGTH_AT = ETHERNET_LEN + 8;
const HEARTBEAT_LEN_MIN = LENGTH_AT + 2;

/** Which connection is alive, and how long the frame was when it left. */
export interface Heartbeat {
  readonly connection: bigint;
  readonly len: number;
}

/** `mtu` is that of the containers, whose longest frame this is as long as. */
export function encodeHeartbeat(connection: bigint, mtu: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(ETHERNET_LEN + mtu, HEARTBEAT_LEN_MIN));
  viewOf(bytes).setBigUint64(ETHERNET_LEN, connection);
  viewOf(bytes).setUint16(LENGTH_AT, bytes.length);
  return bytes;
}

/** Null for frames of somebody, and for what has lost its end. */
export function decodeHeartbeat(frame: Uint8Array): Heartbeat | null {
  if (frame.length < HEARTBEAT_LEN_MIN) return null;
  if (frame.subarray(0, ETHERNET_LEN).some((byte) => byte !== 0)) return null;
  const len = viewOf(frame).getUint16(LENGTH_AT);
  const connection = viewOf(frame).getBigUint64(ETHERNET_LEN);
  return len === frame.length ? { connection, len } : null;
}
