// A capture that may end at any byte, cut where a block of pcapng ends: so the file is whole.
import { Transform, type TransformCallback } from "node:stream";

const HEAD_LEN = 8; // type, total length
const LENGTH_AT = 4;

/** Passes whole blocks on; what follows the last of them waits, and is never passed. */
export class WholeBlocks extends Transform {
  #rest: Buffer = Buffer.alloc(0);

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const end = endOfBlocks(bytes);
    this.#rest = bytes.subarray(end);
    done(null, end === 0 ? undefined : bytes.subarray(0, end));
  }
}

/** Requires: little-endian blocks from the first byte on, as this machine's agent writes them. */
function endOfBlocks(bytes: Buffer): number {
  let end = 0;
  while (bytes.length - end >= HEAD_LEN) {
    const blockLen = bytes.readUInt32LE(end + LENGTH_AT);
    if (blockLen < HEAD_LEN || blockLen > bytes.length - end) break;
    end += blockLen;
  }
  return end;
}
