// Packets that scapy built: heddle finds in them what scapy says is there, and encodes them back.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decode, encode, openCore } from "../../bindings/core/index.ts";
import { readCapture } from "../../bindings/lab/index.ts";
import { need } from "../need.ts";
import { seedOf } from "./codec/seed.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("../../../test/net/codec/packets.py", import.meta.url));
const PACKETS = 100; // of each codec
const CODECS = 12;

interface Stated {
  readonly layer: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-"));
});
after(() => rm(folder, { recursive: true }));

test(
  "packets of scapy's: the fields that it states, and the same bytes again",
  need("scapy"),
  async (t) => {
    const core = await openCore();
    const args = [SCRIPT, String(seedOf(t)), String(PACKETS), folder];
    const { stdout } = await run("/usr/bin/python3", args, { maxBuffer: 1 << 28 });
    const stated: Readonly<Record<"ethernet" | "ip", Stated[][]>> = JSON.parse(stdout);
    assert.equal(stated.ethernet.length + stated.ip.length, CODECS * PACKETS);
    for (const link of ["ethernet", "ip"] as const) {
      const packets = [...readCapture(await readFile(join(folder, `${link}.pcap`)))];
      assert.equal(packets.length, stated[link].length);
      for (const { bytes, index, interface: place } of packets) {
        const hex = Buffer.from(bytes).toString("hex");
        assert.equal(place.linkType, link);
        const { error, layers } = decode(core, bytes, { link });
        assert.equal(error, undefined, hex);
        assert.ok(
          layers.every(({ status }) => status === undefined),
          hex,
        );
        const found = layers.map(({ layer, fields }) => ({ layer, fields }));
        assert.deepEqual(found, stated[link][index], `${link} ${index}: ${hex}`);
        assert.equal(Buffer.from(encode(layers)).toString("hex"), hex);
      }
    }
  },
);
