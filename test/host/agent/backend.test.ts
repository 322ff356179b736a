// What each backend makes of the underlay and of leases, without any effect.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Backend,
  backendOf,
  deviceAddress,
  type External,
  type Lease,
  planPeers,
} from "../../../bindings/agent/index.ts";
import { lease, plain, udp, vxlan, vxlanLease } from "./leases.ts";

const EXTERNAL: External = {
  ...{ name: "eth0", index: 2, mtu: 1500 },
  ...{ address: "192.168.64.1", publicIp: "192.168.64.1" },
};
const NATTED = { ...EXTERNAL, publicIp: "198.51.100.1" };
const OWN = { subnet: "10.5.72.0/24", mac: "02:00:00:00:00:72" };
const MAC = "c6:d2:32:6f:8f:44";
const LEASE = vxlanLease("10.5.90.0/24", "192.168.64.3", MAC);

const nowhere = (): boolean => false;
const anywhere = (): boolean => true;

function answer(backend: Backend, one: Lease): unknown {
  const [found] = planPeers(backend, [one], OWN, anywhere);
  return found;
}

function reasonOf(backend: Backend, one: Lease): string {
  const [found] = planPeers(backend, [one], OWN, nowhere);
  assert.ok(found !== undefined && "reason" in found, JSON.stringify(found));
  return found.reason;
}

test("a vxlan node's device and lease are flannel's", () => {
  const backend = backendOf(vxlan(), NATTED);
  assert.deepEqual(backend.device, {
    ...{ name: "flannel.1", kind: "vxlan", mtu: 1450, network: "10.5.0.0/16" },
    // Not the public address: no packet leaves by one that the host does not have.
    ...{ underlay: "eth0", local: "192.168.64.1", port: 0, vni: 1, learning: false, gbp: false },
    routes: [],
  });
  assert.equal(backend.mtu, 1450);
  assert.equal(
    JSON.stringify(backend.attrs(MAC)),
    '{"publicIp":"198.51.100.1","publicIpv6":null,"backendType":"vxlan",' +
      '"backendData":{"VNI":1,"VtepMAC":"c6:d2:32:6f:8f:44"}}',
  );
  assert.equal(deviceAddress("10.5.72.0/24"), "10.5.72.0/32");
});

test("MTU of a vxlan config is that of the packets outside", () => {
  assert.equal(backendOf(vxlan({ mtu: 1400, vni: 7 }), EXTERNAL).device?.mtu, 1350);
  assert.equal(backendOf(vxlan({ vni: 9999999 }), EXTERNAL).device?.name, "flannel.9999999");
  assert.throws(() => backendOf(vxlan({ vni: 10000000 }), EXTERNAL), /VNI: at most 9999999/);
  assert.throws(() => backendOf(vxlan(), { ...EXTERNAL, mtu: 117 }), /MTU: at least 118/);
});

test("a vxlan peer is a neighbor, an FDB entry and an onlink route", () => {
  assert.deepEqual(planPeers(backendOf(vxlan(), EXTERNAL), [LEASE], OWN, anywhere), [
    {
      ...{ subnet: "10.5.90.0/24", remote: "192.168.64.3", tunnelRoutes: [] },
      neighbors: [{ dev: "flannel.1", address: "10.5.90.0", mac: MAC }],
      fdb: [{ dev: "flannel.1", mac: MAC, dst: "192.168.64.3" }],
      routes: [{ dst: "10.5.90.0/24", via: "10.5.90.0", dev: "flannel.1", onlink: true }],
    },
  ]);
});

test("DirectRouting: a peer on the link is a plain route, others are as ever", () => {
  const backend = backendOf(vxlan({ directRouting: true }), EXTERNAL);
  assert.deepEqual(answer(backend, LEASE), {
    ...{ subnet: "10.5.90.0/24", remote: "192.168.64.3", neighbors: [], fdb: [] },
    ...{ tunnelRoutes: [], routes: [{ dst: LEASE.subnet, via: "192.168.64.3", dev: "eth0" }] },
  });
  const tunnelled = planPeers(backendOf(vxlan(), EXTERNAL), [LEASE], OWN, nowhere);
  assert.deepEqual(planPeers(backend, [LEASE], OWN, nowhere), tunnelled);
});

test("VtepMAC is read in each of Go's forms", () => {
  const backend = backendOf(vxlan(), EXTERNAL);
  for (const data of [
    { VNI: 1, VtepMAC: "C6:D2:32:6F:8F:44" },
    { vtepmac: "c6-d2-32-6f-8f-44" },
    { VTEPMAC: "c6d2.326f.8f44", VNI: null, Rest: [] },
  ]) {
    const one = { ...LEASE, attrs: { ...LEASE.attrs, backendData: data } };
    assert.deepEqual(answer(backend, one), answer(backend, LEASE));
  }
});

test("data that no vxlan node writes is refused with the reason", () => {
  const backend = backendOf(vxlan(), EXTERNAL);
  const zero = "00:00:00:00:00:00"; // in an FDB, where all that is unknown goes
  for (const data of [
    ...[undefined, null, [], "c6:d2:32:6f:8f:44", {}, { VtepMAC: 5 }, { VtepMAC: zero }],
    ...[{ VtepMAC: "ff:ff:ff:ff:ff:ff" }, { VtepMAC: "01:00:5e:00:00:01" }],
    ...[{ VtepMAC: "c6:d2:32:6f:8f" }, { VtepMAC: MAC, VNI: "1" }, { VtepMAC: MAC, VNI: -1 }],
  ]) {
    const attrs = { ...LEASE.attrs, backendData: data };
    assert.match(reasonOf(backend, { ...LEASE, attrs }), /BackendData|VtepMAC|VNI|JSON/i);
  }
  const own = { ...LEASE.attrs, backendData: { VNI: 1, VtepMAC: OWN.mac } };
  assert.match(reasonOf(backend, { ...LEASE, attrs: own }), /is this node's own/);
});

const CLAIMS: [subnet: string, publicIp: string, reason: RegExp][] = [
  ["10.6.90.0/24", "192.168.64.3", /10\.6\.90\.0\/24 is not inside of 10\.5\.0\.0\/16/],
  ["0.0.0.0/0", "192.168.64.3", /is not inside of/],
  ["10.4.0.0/15", "192.168.64.3", /is not inside of/],
  ["10.5.90.7/24", "192.168.64.3", /"10\.5\.90\.7\/24" is no IPv4 subnet/],
  ["10.5.90.0/33", "192.168.64.3", /is no IPv4 subnet/],
  ["10.5.72.128/25", "192.168.64.3", /overlaps this node's own 10\.5\.72\.0\/24/],
  ["10.5.0.0/16", "192.168.64.3", /overlaps this node's own/],
  ["10.5.90.0/24", "0.0.0.0", /PublicIP 0\.0\.0\.0 is no host's address/],
  ["10.5.90.0/24", "127.0.0.1", /is no host's address/],
  ["10.5.90.0/24", "239.1.1.1", /is no host's address/],
  ["10.5.90.0/24", "255.255.255.255", /is no host's address/],
  ["10.5.90.0/24", "1.2.3", /is no host's address/],
  ["10.5.90.0/24", "192.168.64.1", /PublicIP 192\.168\.64\.1 is this node's own/],
  ["10.5.90.0/24", "198.51.100.1", /is this node's own/],
  ["10.5.90.0/24", "10.5.3.3", /is inside of the overlay/],
];

test("no backend takes a lease that bends routes which are none of the overlay's", () => {
  const cases: [Backend, string, unknown][] = [
    [backendOf(vxlan(), NATTED), "vxlan", { VtepMAC: MAC }],
    [backendOf(udp(), NATTED), "", undefined],
  ];
  for (const [backend, backendType, backendData] of cases) {
    for (const [subnet, publicIp, reason] of CLAIMS) {
      const one = lease(subnet, { publicIp, backendType, backendData });
      assert.match(reasonOf(backend, one), reason);
    }
  }
  const hostGw = backendOf(plain("host-gw"), EXTERNAL);
  for (const [subnet, publicIp, reason] of CLAIMS.filter(([, ip]) => ip !== NATTED.publicIp)) {
    const one = lease(subnet, { publicIp, backendType: "host-gw" });
    assert.match(reasonOf(hostGw, one), reason);
  }
});

test("udp: the whole network by the TUN, a lease without a type, and the others told why", () => {
  const backend = backendOf(udp(), EXTERNAL);
  assert.deepEqual(backend.device, {
    ...{ name: "flannel0", kind: "udp", mtu: 1472, network: "10.5.0.0/16", underlay: "eth0" },
    ...{ local: "192.168.64.1", port: 8285 },
    routes: [{ dst: "10.5.0.0/16", dev: "flannel0", scope: "global" }],
  });
  const attrs = { publicIp: "192.168.64.1", publicIpv6: null, backendType: "" };
  assert.deepEqual(backend.attrs(null), attrs);
  const one = lease("10.5.90.0/24", { publicIp: "192.168.64.3", backendType: "" });
  assert.deepEqual(answer(backend, one), {
    ...{ subnet: "10.5.90.0/24", remote: "192.168.64.3", neighbors: [], fdb: [], routes: [] },
    tunnelRoutes: [{ dst: "10.5.90.0/24", remote: "192.168.64.3" }],
  });
  assert.match(reasonOf(backend, LEASE), /BackendType is "vxlan"/);
  assert.throws(() => backendOf(udp(), { ...EXTERNAL, mtu: 90 }), /MTU of eth0: at least 96/);
});

test("host-gw: by the peer itself, if it is on the link", () => {
  const backend = backendOf(plain("host-gw"), EXTERNAL);
  assert.deepEqual([backend.device, backend.mtu], [null, 1500]);
  const one = lease("10.5.90.0/24", { publicIp: "192.168.64.3", backendType: "host-gw" });
  assert.deepEqual(answer(backend, one), {
    ...{ subnet: "10.5.90.0/24", remote: "192.168.64.3", neighbors: [], fdb: [] },
    ...{ tunnelRoutes: [], routes: [{ dst: one.subnet, via: "192.168.64.3", dev: "eth0" }] },
  });
  assert.equal(reasonOf(backend, one), "the gateway 192.168.64.3 is not on the link of eth0");
  assert.throws(() => backendOf(plain("host-gw"), NATTED), /198\.51\.100\.1.*needs no NAT/);
});

test("alloc: a lease without a type, and nothing else", () => {
  const backend = backendOf(plain("alloc"), NATTED);
  assert.deepEqual(
    [backend.device, backend.mtu, backend.attrs(null).publicIp],
    [...[null, 1500, "198.51.100.1"]],
  );
  const empty = { neighbors: [], fdb: [], tunnelRoutes: [], routes: [] };
  const plan = { subnet: "10.5.90.0/24", remote: "192.168.64.3", ...empty };
  assert.deepEqual(answer(backend, LEASE), plan);
});

test("of two leases with one MAC the later has it, unless they agree", () => {
  const backend = backendOf(vxlan(), EXTERNAL);
  const former = vxlanLease("10.5.91.0/24", "192.168.64.4", MAC, 5n);
  const latter = vxlanLease("10.5.90.0/24", "192.168.64.3", MAC, 9n);
  for (const leases of [
    [former, latter],
    [latter, former],
  ]) {
    const answers = planPeers(backend, leases, OWN, nowhere);
    const refused = answers.flatMap((one) => ("reason" in one ? [one] : []));
    const reason = `VtepMAC ${MAC} is at 192.168.64.3 by the later lease of 10.5.90.0/24`;
    assert.deepEqual(refused, [{ subnet: "10.5.91.0/24", reason }]);
    assert.deepEqual(
      answers.map(({ subnet }) => subnet),
      leases.map(({ subnet }) => subnet),
    );
  }
  const second = vxlanLease("10.5.92.0/24", "192.168.64.3", MAC, 3n);
  const both = planPeers(backend, [latter, second], OWN, nowhere);
  assert.ok(
    both.every((one) => !("reason" in one)),
    "two subnets of one node",
  );
});

test("of two subnets that begin at one address the later has the neighbor", () => {
  const backend = backendOf(vxlan(), EXTERNAL);
  const long = vxlanLease("10.5.90.0/25", "192.168.64.4", "02:00:00:00:00:04", 2n);
  const [first, second] = planPeers(backend, [LEASE, long], OWN, nowhere);
  assert.ok(first !== undefined && "reason" in first);
  assert.match(first.reason, /neighbor 10\.5\.90\.0 is at 02:00:00:00:00:04/);
  assert.ok(second !== undefined && !("reason" in second));
});

test("the own lease is nobody's peer", () => {
  const own = vxlanLease(OWN.subnet, EXTERNAL.publicIp, OWN.mac);
  assert.deepEqual(planPeers(backendOf(vxlan(), EXTERNAL), [own], OWN, nowhere), []);
});
