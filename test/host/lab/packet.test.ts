import assert from "node:assert/strict";
import { test } from "node:test";
import { checksum } from "../../../bindings/core/index.ts";
import { withTtlDecremented } from "../../../bindings/lab/packet/ipv4.ts";

const TTL = 64;

/** An IPv4 header with its checksum. */
function header(id: number, ttl: number): Buffer {
  const bytes = Buffer.from("4500005000004000001100000a010f020a011003", "hex");
  bytes.writeUInt16BE(id, 4);
  bytes.writeUInt8(ttl, 8);
  bytes.writeUInt16BE(checksum(bytes), 10);
  return bytes;
}

test("the checksum follows the TTL as a new sum would", () => {
  for (let id = 0; id < 0x10000; id++) {
    assert.deepEqual(Buffer.from(withTtlDecremented(header(id, TTL))), header(id, TTL - 1));
  }
});
