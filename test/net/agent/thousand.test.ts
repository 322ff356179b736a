// A node that comes into a network of a thousand others: from its start to the last entry.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { need } from "../../need.ts";
import { openHost } from "./host.ts";
import { PREFIX, Wire } from "./wire.ts";

const COUNT = 1000;

const needs = need("root", "tun", "ip", "etcd", "iptables");
let wire: Wire;

before(async () => {
  if (needs.skip) return;
  wire = await Wire.open("many");
  const config = { Network: "10.0.0.0/8", SubnetLen: 24, Backend: { Type: "vxlan" } };
  await wire.startEtcd(config);
  await wire.putAll(Array.from({ length: COUNT }, (_, at) => leaseOf(at)));
});
after(() => wire?.close());

/** 10.100.0.0/24 and on, at 172.16.0.0 and on. */
function leaseOf(at: number): [key: string, value: string] {
  const [high, low] = [at >> 8, at & 0xff];
  const mac = `02:00:00:01:${hex(high)}:${hex(low)}`;
  const value = {
    PublicIP: `172.16.${high}.${low}`,
    PublicIPv6: null,
    BackendType: "vxlan",
    BackendData: { VNI: 1, VtepMAC: mac },
  };
  return [`${PREFIX}/subnets/10.${100 + high}.${low}.0-24`, JSON.stringify(value)];
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

for (const [datapath, station] of [
  ["kernel", 82],
  ["wasm", 81],
] as const) {
  test(`${datapath}: ready with ${COUNT} peers`, needs, async (t) => {
    const host = await openHost(wire, `many-${datapath}`, station);
    try {
      const beganMs = performance.now();
      host.start(`--datapath=${datapath}`);
      const { peers, rssBytes } = await host.ready();
      const tookMs = Math.round(performance.now() - beganMs);
      t.diagnostic(`ready after ${tookMs} ms, ${Math.round(rssBytes / 2 ** 20)} MiB resident`);
      assert.ok(peers.programmed >= COUNT, JSON.stringify(peers));
      const routes = await host.show("route", "show", "dev", "flannel.1");
      assert.ok(routes.length >= COUNT);
      const fdb = JSON.parse(await host.heddle("fdb", "--json", `--socket=${host.socket}`));
      assert.ok(fdb.length >= COUNT);
    } finally {
      await host.close();
    }
  });
}
