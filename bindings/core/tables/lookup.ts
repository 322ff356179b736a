// Looking up many keys at once: they pass through the node's records in runs that fit.
import { accept } from "../status.ts";
import type { Room } from "./room.ts";

type Numbers = Uint32Array | BigUint64Array;

/** Looks up `count` keys at `keys`, writes the answers to `out`, and returns the hits. */
type Lookup = (keys: number, out: number, count: number) => number;

/** Fills `out`, as long as `keys`, by as many calls as it takes. */
export function lookupBulk(room: Room, keys: Numbers, out: Numbers, lookup: Lookup): void {
  const most = Math.floor(room.recordsLen / (keys.BYTES_PER_ELEMENT + out.BYTES_PER_ELEMENT));
  const from = bytesOf(keys);
  const to = bytesOf(out);
  for (let first = 0; first < keys.length; first += most) {
    const count = Math.min(most, keys.length - first);
    const keysAt = room.records;
    const outAt = keysAt + count * keys.BYTES_PER_ELEMENT;
    const at = first * keys.BYTES_PER_ELEMENT;
    room.bytes.set(from.subarray(at, at + count * keys.BYTES_PER_ELEMENT), keysAt);
    accept(lookup(keysAt, outAt, count), keys, "keys to look up");
    const answers = room.bytes.subarray(outAt, outAt + count * out.BYTES_PER_ELEMENT);
    to.set(answers, first * out.BYTES_PER_ELEMENT);
  }
}

function bytesOf(numbers: Numbers): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
