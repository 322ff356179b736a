// Routes, neighbors and FDB entries: each missing, wrong and stale.
import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, type Facts, type Finding } from "../../../../bindings/agent/doctor/index.ts";
import { LeaseRules, openCore } from "../../../../bindings/core/index.ts";
import {
  BRIDGE,
  ETH0,
  entry,
  facts,
  link,
  OWN,
  PEER,
  PEER_MAC,
  PREFIX,
  ROUTES,
  route,
  SUBNET_ENV,
} from "./healthy.ts";

const rules = new LeaseRules(await openCore());
const dev = "flannel.1";
const PUT_ROUTE = "ip route replace 10.5.2.0/24 via 10.5.2.0 dev flannel.1 onlink";
const PUT_NEIGHBOR = `ip neighbor replace 10.5.2.0 lladdr ${PEER_MAC} nud permanent dev flannel.1`;
const PUT_FDB = `bridge fdb replace ${PEER_MAC} dev flannel.1 dst 192.168.7.2 self permanent`;

function brief(sick: Facts): string[] {
  return diagnose(sick, rules).flatMap(({ code, commands }: Finding) => [code, ...commands]);
}

test("what is missing", () => {
  const routes = ROUTES.filter(({ dst }) => dst !== "10.5.2.0/24");
  assert.deepEqual(brief(facts({ routes })), ["route-missing", PUT_ROUTE]);
  assert.deepEqual(brief(facts({ neighbors: [] })), ["neighbor-missing", PUT_NEIGHBOR]);
  assert.deepEqual(brief(facts({ fdb: [] })), ["fdb-missing", PUT_FDB]);
});

test("what is wrong", () => {
  const elsewhere = ROUTES.map((one) =>
    one.dst === "10.5.2.0/24" ? { ...one, via: "192.168.7.9", dev: "eth0" } : one,
  );
  assert.deepEqual(brief(facts({ routes: elsewhere })), ["route-wrong", PUT_ROUTE]);
  const dull = ROUTES.map((one) => ({ ...one, isOnlink: false }));
  assert.deepEqual(brief(facts({ routes: dull })), ["route-wrong", PUT_ROUTE]);
  const mac = "02:00:00:00:00:77";
  const neighbors = [{ dev, address: "10.5.2.0", mac, isPermanent: true }];
  assert.deepEqual(brief(facts({ neighbors })), ["neighbor-wrong", PUT_NEIGHBOR]);
  const passing = [{ dev, address: "10.5.2.0", mac: PEER_MAC, isPermanent: false }];
  assert.deepEqual(brief(facts({ neighbors: passing })), ["neighbor-wrong", PUT_NEIGHBOR]);
  const fdb = [{ dev, mac: PEER_MAC, dst: "192.168.7.9", isPermanent: true }];
  assert.deepEqual(brief(facts({ fdb })), ["fdb-wrong", PUT_FDB]);
});

test("what is stale", () => {
  const old = route("10.5.8.0/24", { via: "10.5.8.0", dev, isOnlink: true });
  const { neighbors, fdb } = facts().host;
  assert.deepEqual(brief(facts({ routes: [...ROUTES, old] })), [
    "route-stale",
    "ip route del 10.5.8.0/24 via 10.5.8.0 dev flannel.1 onlink",
  ]);
  const mac = "02:00:00:00:00:08";
  const leftBehind = facts({
    neighbors: [...neighbors, { dev, address: "10.5.8.0", mac, isPermanent: true }],
    fdb: [...fdb, { dev, mac, dst: "192.168.7.8", isPermanent: true }],
  });
  assert.deepEqual(brief(leftBehind), [
    "neighbor-stale",
    "ip neighbor del 10.5.8.0 dev flannel.1",
    "fdb-stale",
    `bridge fdb del ${mac} dev flannel.1 dst 192.168.7.8 self`,
  ]);
  assert.ok(diagnose(leftBehind, rules).every(({ isWrong }) => !isWrong));
});

test("a longer prefix takes a peer's packets away", () => {
  const narrow = route("10.5.2.128/25", { dev: "docker0", scope: "link", protocol: "kernel" });
  assert.deepEqual(brief(facts({ routes: [...ROUTES, narrow] })), [
    "route-stale",
    "ip route del 10.5.2.128/25 dev docker0",
  ]);
});

test("the core has the FDB of a TAP device", () => {
  const tap = link("flannel.1", "tun", {
    mac: OWN.value.match(/02:[0-9a-f:]+/)?.[0] ?? "",
    mtu: 1450,
    addresses: ["10.5.1.0/32"],
  });
  const links = [ETH0, tap, BRIDGE];
  assert.deepEqual(brief(facts({ links, fdb: [] })), []);
});

test("host-gw: routes by the peers' own addresses, and one that is not on the link", () => {
  const plain = (name: string, publicIp: string): typeof OWN =>
    entry(name, publicIp, "", {
      value: JSON.stringify({ PublicIP: publicIp, PublicIPv6: null, BackendType: "host-gw" }),
    });
  const entries = [plain("10.5.1.0-24", "192.168.7.1"), plain("10.5.2.0-24", "192.168.7.2")];
  const config = '{"Network":"10.5.0.0/16","Backend":{"Type":"host-gw"}}';
  const host = {
    links: [ETH0, { ...BRIDGE, mtu: 1500 }],
    routes: [
      ...ROUTES.filter(({ dev }) => dev !== "flannel.1"),
      route("10.5.2.0/24", { via: "192.168.7.2" }),
    ],
    ...{ neighbors: [], fdb: [], sockets: [] },
    subnetFile: { path: "/s", text: SUBNET_ENV.replace("1450", "1500") },
  };
  assert.deepEqual(brief(facts(host, entries, config)), []);
  const far = plain("10.5.3.0-24", "172.16.0.3");
  const [refused] = diagnose(facts(host, [...entries, far], config), rules);
  assert.equal(refused?.code, "peer-refused");
  assert.match(refused?.message ?? "", /172\.16\.0\.3 is not on the link/);
});

test("udp: one route for the network, by a TUN device", () => {
  const plain = (name: string, publicIp: string): typeof OWN =>
    entry(name, publicIp, "", { value: `{"PublicIP":"${publicIp}","PublicIPv6":null}` });
  const entries = [plain("10.5.1.0-24", "192.168.7.1"), plain("10.5.2.0-24", "192.168.7.2")];
  const config = '{"Network":"10.5.0.0/16"}';
  const tun = link("flannel0", "tun", { mac: null, mtu: 1472, addresses: ["10.5.1.0/32"] });
  const host = {
    links: [ETH0, tun, BRIDGE],
    routes: [
      ...ROUTES.filter(({ dev }) => dev !== "flannel.1"),
      route("10.5.0.0/16", { dev: "flannel0" }),
    ],
    ...{ neighbors: [], fdb: [] },
    sockets: [{ port: 8285, address: "192.168.7.1", owner: { pid: 9, name: "flanneld" } }],
    subnetFile: { path: "/s", text: SUBNET_ENV.replace("1450", "1472") },
  };
  assert.deepEqual(brief(facts(host, entries, config)), []);
  const bare = { ...host, routes: ROUTES.filter(({ dev }) => dev !== "flannel.1") };
  assert.deepEqual(brief(facts(bare, entries, config)), [
    "route-missing",
    "ip route replace 10.5.0.0/16 dev flannel0 scope global",
  ]);
});

test("a lease of another backend is nobody's peer", () => {
  const other = entry("10.5.3.0-24", "192.168.7.3", "", {
    value: '{"PublicIP":"192.168.7.3","PublicIPv6":null,"BackendType":"host-gw"}',
  });
  const [refused] = diagnose(facts({}, [OWN, PEER, other]), rules);
  assert.equal(refused?.code, "peer-refused");
  assert.deepEqual([refused?.subject, refused?.commands], ["10.5.3.0/24", []]);
});

test("the store's tool is named where there is one", () => {
  const torn = { ...PEER, key: `${PREFIX}/subnets/x` };
  const sick = facts({}, [OWN, PEER, torn]);
  const { store } = sick;
  assert.deepEqual(brief({ ...sick, store: { ...store, tool: null } }), ["lease-malformed"]);
});
