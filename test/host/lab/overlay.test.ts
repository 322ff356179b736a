import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Backend, type OverlayOptions, runOverlay } from "../../../bindings/lab/index.ts";
import { STREAM_LEN } from "../../../bindings/lab/scenarios/flannel/overlay.ts";
import { need } from "../../need.ts";

const BACKENDS: readonly Backend[] = ["vxlan", "udp"];
const EXPECTED = {
  vxlan: { ttl: 62, mtu: 1450, len: 148 }, // of a ping's frame on the underlay
  udp: { ttl: 60, mtu: 1472, len: 126 },
};

async function capture(options: OverlayOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await runOverlay({ ...options, capture: (chunk) => chunks.push(chunk) });
  return Buffer.concat(chunks);
}

test("a count that cannot be is refused before anything runs", async () => {
  for (const pings of [-1, 1.5, Number.NaN]) {
    await assert.rejects(runOverlay({ backend: "vxlan", pings }), {
      code: "BadValue",
      value: pings,
    });
  }
});

for (const backend of BACKENDS) {
  const { ttl, mtu, len } = EXPECTED[backend];

  test(`${backend}: pings both ways, and destinations see TTL ${ttl}`, async () => {
    const { pings, hosts, stream } = await runOverlay({ backend, pings: 5 });
    for (const [at, [from, to]] of [["c1", "c2"] as const, ["c2", "c1"] as const].entries()) {
      const ping = pings[at];
      assert.ok(ping?.rttMs);
      assert.ok(ping.rttMs.min <= ping.rttMs.avg && ping.rttMs.avg <= ping.rttMs.max);
      const { rttMs, ...rest } = ping;
      assert.deepEqual(rest, { from, to, sent: 5, received: 5, ttlAtDestination: ttl });
    }
    assert.equal(stream.bytes, STREAM_LEN);
    const [one, two] = hosts;
    assert.deepEqual([one?.name, one?.drops], ["host1", { TooBig: 1 }], "the probe too long");
    assert.deepEqual([two?.name, two?.drops], ["host2", {}]);
    assert.deepEqual([one?.encapped, one?.decapped], [two?.decapped, two?.encapped]);
    const segments = Math.ceil(STREAM_LEN / (mtu - 52)); // IPv4, TCP and its time stamps
    assert.ok((one?.encapped ?? 0) >= 11 + segments, "pings, the probe that fits, the stream");
  });

  test(`${backend}: without a ping there are the probes and the stream`, async () => {
    const { pings, mtuProbe } = await runOverlay({ backend, pings: 0 });
    const nothing = { sent: 0, received: 0, ttlAtDestination: null, rttMs: null };
    assert.deepEqual(
      pings.map(({ from, to, ...rest }) => rest),
      [nothing, nothing],
    );
    assert.equal(mtuProbe.fits.isAnswered, true);
  });

  test(`${backend}: ${mtu} bytes with DF pass, one more is refused with that MTU`, async () => {
    const report = await runOverlay({ backend, pings: 1 });
    assert.equal(report.mtu, mtu);
    assert.deepEqual(report.mtuProbe, {
      fits: { len: mtu, isAnswered: true },
      tooLong: { len: mtu + 1, isAnswered: false, saidMtu: mtu },
    });
  });

  test(`${backend}: the same seed gives the same bytes, another seed others`, async () => {
    const [first, second, other] = await Promise.all([
      capture({ backend, pings: 2, seed: 5n }),
      capture({ backend, pings: 2, seed: 5n }),
      capture({ backend, pings: 2, seed: 6n }),
    ]);
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  test(`${backend}: a bulk transfer is timed by the caller's clock`, async () => {
    let readings = 0;
    const wallMs = (): number => 10 * readings++;
    const { bulk } = await runOverlay({ backend, pings: 1, bulk: { wallMs, packets: 1000 } });
    assert.deepEqual(bulk, {
      packets: 1000,
      delivered: 1000,
      packetLen: mtu,
      wallMs: 10,
      throughputGbitPerS: (1000 * mtu * 8) / 10e6,
    });
  });

  test(`${backend}: tshark finds nothing wrong in the capture`, need("tshark"), async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "heddle-"));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, `${backend}.pcapng`);
    writeFileSync(file, await capture({ backend, pings: 2 }));
    const sums = ["ip", "udp", "tcp"].map((layer) => `${layer}.check_checksum:TRUE`);
    // Every device saw the stream: for one reader it comes again and again.
    const checks = [...sums, "tcp.analyze_sequence_numbers:FALSE"].flatMap((o) => ["-o", o]);
    const wrong =
      "_ws.malformed or _ws.expert.severity >= 6291456 or ip.checksum.status == Bad" +
      " or udp.checksum.status == Bad or tcp.checksum.status == Bad or icmp.checksum.status == Bad";
    const read = (filter: string): string[] => {
      const args = ["-r", file, "-d", "udp.port==8472,vxlan", ...checks, "-Y", filter];
      return execFileSync("tshark", args, { encoding: "utf8", stdio: "pipe" }).split("\n");
    };
    assert.deepEqual(read(wrong), [""]);
    const outer = backend === "vxlan" ? "vxlan.vni == 1 && udp.port == 8472" : "udp.port == 8285";
    const wrapped = read(`${outer} && ip.ttl == 64 && frame.len == ${len}`);
    assert.equal(wrapped.length - 1, 2 * 8, "two pings and their answers, on both ends of a cable");
  });
}
