// iproute2's driver against the kernel.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Change } from "../../../bindings/agent/change.ts";
import { need } from "../../need.ts";
import { type Namespace, openNamespace } from "../namespace.ts";

const INSIDE = new URL("./netcfg.inside.js", import.meta.url);
const DEV = "flannel.1";
const MAC = "02:00:00:00:00:05";

const needs = need("root", "ip");
let host: Namespace;

before(async () => {
  if (needs.skip) return;
  host = await openNamespace("netcfg");
  await host.ip("link", "add", "name", "eth0", "type", "bridge");
  await host.ip("address", "add", "192.168.7.1/24", "dev", "eth0");
  await host.ip("link", "set", "eth0", "up");
  const vxlan = ["type", "vxlan", "id", "1", "dev", "eth0", "local", "192.168.7.1"];
  const rest = ["dstport", "8472", "nolearning", "gbp"];
  await host.ip("link", "add", "name", DEV, "address", MAC, "mtu", "1450", ...vxlan, ...rest);
  await host.ip("address", "add", "10.5.72.0/32", "dev", DEV);
  await host.ip("link", "set", DEV, "up");
});
after(() => host?.close());

const route = (dst: string, via: string, rest = {}): Change => ({
  ...{ action: "put", kind: "route" },
  entry: { dst, via, dev: DEV, onlink: true, ...rest },
});
const neighbor = (address: string, mac: string, action: "put" | "remove" = "put"): Change => ({
  ...{ action, kind: "neighbor" },
  entry: { dev: DEV, address, mac },
});
const fdb = (mac: string, dst: string, action: "put" | "remove" = "put"): Change => ({
  ...{ action, kind: "fdb" },
  entry: { dev: DEV, mac, dst },
});

test("what is put is there, and is listed as it was put", needs, async () => {
  const failures = await host.call(INSIDE, "apply", [
    neighbor("10.5.90.0", "02:aa:00:00:00:01"),
    fdb("02:aa:00:00:00:01", "192.168.7.2"),
    route("10.5.90.0/24", "10.5.90.0"),
    { action: "put", kind: "route", entry: { dst: "10.5.91.0/24", via: "192.168.7.3" } },
    { action: "put", kind: "route", entry: { dst: "10.5.72.0/24", type: "blackhole" } },
  ]);
  assert.deepEqual(failures, []);
  const boot = { metric: 0, protocol: "boot", scope: "global" };
  assert.deepEqual(await host.call(INSIDE, "show", DEV), {
    link: {
      index: 3,
      name: DEV,
      mtu: 1450,
      mac: MAC,
      isUp: true,
      isLoopback: false,
      kind: "vxlan",
      vxlan: {
        vni: 1,
        underlay: "eth0",
        local: "192.168.7.1",
        group: null,
        port: 8472,
        learning: false,
        gbp: true,
        ttl: 0,
        hasChecksum: true,
        extras: [],
      },
    },
    addresses: [
      {
        dev: DEV,
        address: "10.5.72.0/32",
        scope: "global",
        isDynamic: false,
        isDeprecated: false,
        isTemporary: false,
      },
    ],
    routes: [
      { dst: "10.5.72.0/24", type: "blackhole", via: null, dev: null, isOnlink: false, ...boot },
      {
        ...{ dst: "10.5.90.0/24", type: "unicast", via: "10.5.90.0", dev: DEV, isOnlink: true },
        ...boot,
      },
      {
        ...{ dst: "10.5.91.0/24", type: "unicast", via: "192.168.7.3", dev: "eth0" },
        ...{ isOnlink: false, ...boot },
      },
      {
        ...{ dst: "192.168.7.0/24", type: "unicast", via: null, dev: "eth0", isOnlink: false },
        ...{ protocol: "kernel", scope: "link", metric: 0 },
      },
    ],
    neighbors: [{ dev: DEV, address: "10.5.90.0", mac: "02:aa:00:00:00:01", isPermanent: true }],
    fdb: [{ dev: DEV, mac: "02:aa:00:00:00:01", dst: "192.168.7.2", isPermanent: true }],
  });
});

test(
  "a line that fails keeps no other from being done, also where ip gives up",
  needs,
  async () => {
    const changes: Change[] = [
      neighbor("10.5.93.0", "02:aa:00:00:00:03"),
      { ...neighbor("10.5.94.0", "02:aa:00:00:00:04"), entry: wrongNeighbor },
      fdb("02:aa:00:00:00:03", "192.168.7.3"),
      fdb("02:aa:00:00:00:04", "192.168.7.4", "remove"),
      { action: "put", kind: "route", entry: { dst: "10.5.95.0/24", via: "203.0.113.1" } },
      route("10.5.93.0/24", "10.5.93.0"),
      neighbor("10.5.96.0", "02:aa:00:00:00:06", "remove"),
      neighbor("10.5.97.0", "02:aa:00:00:00:07"),
    ] as Change[];
    const failures = await host.call<{ at: number; reason: string }[]>(INSIDE, "apply", changes);
    assert.deepEqual(
      failures.map(({ at }) => at),
      [1, 4],
    );
    assert.match(failures[1]?.reason ?? "", /invalid gateway|unreachable/);
    const { neighbors, fdb: entries } = await host.call<Tables>(INSIDE, "show", DEV);
    const addresses = neighbors.map(({ address }) => address);
    assert.ok(addresses.includes("10.5.93.0") && addresses.includes("10.5.97.0"), `${addresses}`);
    assert.ok(entries.some(({ mac }) => mac === "02:aa:00:00:00:03"));
  },
);

const wrongNeighbor = { dev: DEV, address: "10.5.94.0", mac: "02:aa" }; // too short for a MAC

interface Tables {
  neighbors: { address: string }[];
  fdb: { mac: string }[];
}

test("look-ups say what is on the link, and leave out what has no route", needs, async () => {
  const found = await host.call<{ dst: string; via: string | null }[]>(INSIDE, "lookUp", [
    ...["192.168.7.9", "203.0.113.1", "10.5.93.7", "192.168.7.1"],
  ]);
  const seen = found.map(({ dst, via, ...rest }) => ({ dst, via, type: (rest as Typed).type }));
  assert.deepEqual(seen, [
    { dst: "192.168.7.9", via: null, type: "unicast" },
    { dst: "10.5.93.7", via: "10.5.93.0", type: "unicast" },
    { dst: "192.168.7.1", via: null, type: "local" },
  ]);
});

interface Typed {
  type: string;
}

test("a word that is none is refused before anything is run", needs, async () => {
  const line = ["link", "set", "dev", "eth0;reboot", "up"];
  await assert.rejects(host.call(INSIDE, "ip", [line]), /not a plain word: "eth0;reboot"/);
  await assert.rejects(host.call(INSIDE, "ip", [["link", "a b"]]), /not a plain word/);
});
