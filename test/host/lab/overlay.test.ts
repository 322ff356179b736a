import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type OverlayOptions, runOverlay } from "../../../bindings/lab/index.ts";
import type { Backend } from "../../../bindings/lab/report.ts";

const BACKENDS: readonly Backend[] = ["vxlan", "udp"];
const EXPECTED = { vxlan: { ttl: 62, mtu: 1450 }, udp: { ttl: 60, mtu: 1472 } };

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
  const { ttl, mtu } = EXPECTED[backend];

  test(`${backend}: pings both ways, and destinations see TTL ${ttl}`, async () => {
    const { pings, hosts } = await runOverlay({ backend, pings: 5 });
    for (const [at, [from, to]] of [["c1", "c2"] as const, ["c2", "c1"] as const].entries()) {
      const ping = pings[at];
      assert.ok(ping?.rttMs);
      assert.ok(ping.rttMs.min <= ping.rttMs.avg && ping.rttMs.avg <= ping.rttMs.max);
      const { rttMs, ...rest } = ping;
      assert.deepEqual(rest, { from, to, sent: 5, received: 5, ttlAtDestination: ttl });
    }
    // Ten requests, ten answers, the probe that fits; only the one that does not is lost.
    const [one, two] = hosts;
    assert.deepEqual(one, { name: "host1", encapped: 11, decapped: 11, drops: { TooBig: 1 } });
    assert.deepEqual(two, { name: "host2", encapped: 11, decapped: 11, drops: {} });
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
    const { bulk, hosts } = await runOverlay({
      backend,
      pings: 1,
      bulk: { wallMs, packets: 1000 },
    });
    assert.deepEqual(bulk, {
      packets: 1000,
      delivered: 1000,
      packetLen: mtu,
      wallMs: 10,
      throughputGbitPerS: (1000 * mtu * 8) / 10e6,
    });
    assert.equal(hosts[1]?.decapped, 1003);
  });

  const hasTshark = spawnSync("tshark", ["-v"]).status === 0;

  test(`${backend}: tshark finds nothing wrong in the capture`, { skip: !hasTshark }, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "heddle-"));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, `${backend}.pcapng`);
    writeFileSync(file, await capture({ backend, pings: 2 }));
    const checks = ["ip.check_checksum:TRUE", "udp.check_checksum:TRUE"].flatMap((o) => ["-o", o]);
    const wrong =
      "_ws.malformed or _ws.expert.severity >= 6291456 or ip.checksum.status == Bad" +
      " or udp.checksum.status == Bad or icmp.checksum.status == Bad";
    const read = (filter: string): string[] => {
      const args = ["-r", file, "-d", "udp.port==8472,vxlan", ...checks, "-Y", filter];
      return execFileSync("tshark", args, { encoding: "utf8", stdio: "pipe" }).split("\n");
    };
    assert.deepEqual(read(wrong), [""]);
    const outer = backend === "vxlan" ? "vxlan.vni == 1 && udp.port == 8472" : "udp.port == 8285";
    assert.equal(read(`${outer} && ip.ttl == 64`).length - 1, 2 * 10); // on both ends of the cable
  });
}
