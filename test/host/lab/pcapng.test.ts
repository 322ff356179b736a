import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PcapngWriter } from "../../../bindings/lab/pcapng.ts";
import { need } from "../../need.ts";

const ARP = Buffer.from(
  "ffffffffffff02420a010f020806000108000604000102420a010f020a010f020000000000000a010f01",
  "hex",
);
// A bare IP packet: 10.1.15.2 to 10.1.15.1, UDP 7 to 7, no payload.
const IP = Buffer.from("4500001c000000004011fccb0a010f020a010f010007000700080000", "hex");

function capture(): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk), { comment: "a test" });
  const frames = writer.addInterface({ name: "node1.docker0", linkType: "ethernet" });
  writer.addPacket({ interface: frames, timeNs: 1_000_000_001n, bytes: ARP, comment: "who has" });
  const packets = writer.addInterface({ name: "node1.flannel0", linkType: "ip" });
  writer.addPacket({
    interface: packets,
    timeNs: 1_700_000_000_123_456_789n,
    bytes: IP.subarray(0, 25),
    originalLen: 28,
    direction: "out",
  });
  return chunks;
}

test("each block is a chunk, a multiple of four long, with its length at both ends", () => {
  const chunks = capture();
  const types = chunks.map((chunk) => {
    const view = new DataView(chunk.buffer);
    assert.equal(chunk.length % 4, 0);
    assert.equal(view.getUint32(4, true), chunk.length);
    assert.equal(view.getUint32(chunk.length - 4, true), chunk.length);
    return view.getUint32(0, true);
  });
  assert.deepEqual(types, [0x0a0d0d0a, 1, 6, 1, 6]);
});

test("a packet of an interface that was not added is refused", () => {
  const writer = new PcapngWriter(() => {});
  const packet = { interface: 0, timeNs: 0n, bytes: ARP };
  assert.throws(() => writer.addPacket(packet), RangeError);
});

test("tshark reads names, link types, nanoseconds and comments", need("tshark"), (t) => {
  const dir = mkdtempSync(join(tmpdir(), "heddle-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "test.pcapng");
  writeFileSync(file, Buffer.concat(capture()));
  const fields = "frame.interface_name,frame.time_epoch,frame.cap_len,frame.len,frame.comment";
  const args = ["-r", file, "-T", "fields", "-E", "separator=|"];
  for (const field of [...fields.split(","), "_ws.col.Protocol"]) args.push("-e", field);
  const lines = execFileSync("tshark", args, { encoding: "utf8", stdio: "pipe" })
    .trim()
    .split("\n");
  assert.deepEqual(lines, [
    "node1.docker0|1.000000001|42|42|who has|ARP",
    "node1.flannel0|1700000000.123456789|25|28||UDP",
  ]);
});
