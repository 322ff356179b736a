// The listings that people know from articles about container networks, printed by the networks of
// the scenarios, or by data where no packet is sent.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Core, openCore } from "../../../../bindings/core/index.ts";
import { runScenario } from "../../../../bindings/lab/engine/run.ts";
import {
  linkLocalOf,
  listing,
  loadBalancerNetns,
  overlayNetns,
  viewAt,
} from "../../../../bindings/lab/render/index.ts";
import { SCENARIOS } from "../../../../bindings/lab/scenarios/index.ts";
import type { DeviceSpec, Flavour } from "../../../../bindings/lab/spec/network.ts";
import type { Trace } from "../../../../bindings/lab/trace/trace.ts";
import { alone, stage } from "./stage.ts";

let core: Core;
const traces = new Map<string, Trace>();
before(async () => {
  core = await openCore();
});

function traceOf(slug: string): Trace {
  const scenario = SCENARIOS.find((each) => each.slug === slug);
  if (scenario === undefined) throw new RangeError(slug);
  const trace = traces.get(slug) ?? runScenario(core, scenario);
  traces.set(slug, trace);
  return trace;
}

function printed(slug: string, namespace: string, command: string): string {
  return listing(viewAt(traceOf(slug), namespace), command);
}

test("docker network ls has the three networks that are always there", () => {
  const text = `NETWORK ID     NAME      DRIVER    SCOPE
4765e37b1355   bridge    bridge    local
126dff0a2bdf   host      host      local
097ef05196da   none      null      local
`;
  assert.equal(printed("docker-bridge", "host1", "docker network ls"), text);
});

test("a container's routes, as route -n prints them", () => {
  const text = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         172.17.0.1      0.0.0.0         UG    0      0        0 eth0
172.17.0.0      0.0.0.0         255.255.0.0     U     0      0        0 eth0
`;
  assert.equal(printed("docker-bridge", "c1", "route -n"), text);
});

test("brctl show names the bridge by its MAC", () => {
  const text = printed("docker-bridge", "host1", "brctl show");
  assert.match(text, /^docker0\t\t8000\.02426a4693d2\tno\t\tveth20b3dac$/m);
});

test("ifconfig counts what was seen, and both ends of a pair count the same", () => {
  const [inside, outside] = [
    printed("docker-bridge", "c1", "ifconfig eth0"),
    printed("docker-bridge", "host1", "ifconfig veth20b3dac"),
  ];
  assert.match(inside, /^eth0 {6}Link encap:Ethernet {2}HWaddr 02:42:AC:11:00:02 {2}$/m);
  assert.match(
    inside,
    /inet addr:172\.17\.0\.2 {2}Bcast:172\.17\.255\.255 {2}Mask:255\.255\.0\.0$/m,
  );
  const [, rx, tx] = /RX bytes:(\d+) .*TX bytes:(\d+) /.exec(inside) ?? [];
  assert.ok(Number(rx) > 0 && Number(tx) > 0);
  assert.match(outside, new RegExp(`RX packets \\d+ {2}bytes ${tx} `));
  assert.match(outside, new RegExp(`TX packets \\d+ {2}bytes ${rx} `));
});

test("etcd's keys are directories and values", () => {
  const at = ["flannel-udp", "node1"] as const;
  const subnets = "/coreos.com/network/subnets";
  assert.match(
    printed(...at, `etcdctl ls ${subnets}`),
    /^(\/coreos\.com\/\S+\/100\.96\.\d\.0-24\n)+$/,
  );
  const lease = printed(...at, `etcdctl get ${subnets}/100.96.2.0-24`);
  assert.equal(lease, '{"PublicIP":"10.168.0.3"}\n');
  assert.match(printed(...at, "etcdctl get /nothing"), /Key not found/);
});

test("the overlay's namespaces have docker's names", () => {
  assert.equal(overlayNetns(OVERLAY_ID), "1-ysbj86zsjo");
  assert.equal(overlayNetns("5knp2oqmdu4n"), "1-5knp2oqmdu");
  assert.equal(loadBalancerNetns(OVERLAY_ID), "lb_ysbj86zsj");
});

test("link-local addresses are made of MACs", () => {
  const known = {
    "02:42:6a:46:93:d2": "fe80::42:6aff:fe46:93d2",
    "56:00:02:a3:4b:44": "fe80::5400:2ff:fea3:4b44",
    "32:e2:9c:45:03:29": "fe80::30e2:9cff:fe45:329",
    "02:42:8c:6e:08:4d": "fe80::42:8cff:fe6e:84d",
    "02:00:0a:a8:00:02": "fe80::aff:fea8:2",
  };
  for (const [mac, address] of Object.entries(known)) assert.equal(linkLocalOf(mac), address);
});

const OVERLAY_ID = "ysbj86zsjo3iieivgvkzbr4ly";

const ENO1: DeviceSpec = {
  ...{ kind: "nic", name: "eno1", mac: "10:7b:44:b0:b1:37" },
  addresses: ["192.168.0.106/24 brd + noprefixroute valid_lft 5187"],
  addresses6: ["fe80::e0c5:55dc:fba0:549b/64 noprefixroute"],
};

const DOCKER0: DeviceSpec = {
  ...{ kind: "bridge", name: "docker0", mac: "02:42:8c:6e:08:4d" },
  addresses: ["172.17.0.1/16 brd +"],
};

function hostAs(flavour: Flavour): string {
  const sysctls = { "net.ipv6.conf.all.disable_ipv6": 0 };
  const devices = [ENO1, DOCKER0];
  const trace = stage(alone({ name: "host", kind: "host", flavour, sysctls, devices }));
  return listing(viewAt(trace, "host"), "ip addr").replaceAll(/ +$/gm, "");
}

/** Without the blanks at the ends of lines. */
const IPROUTE2 = [
  "1: lo: <LOOPBACK,UP,LOWER_UP> " +
    "mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
  "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
  "    inet 127.0.0.1/8 scope host lo",
  "       valid_lft forever preferred_lft forever",
  "    inet6 ::1/128 scope host",
  "       valid_lft forever preferred_lft forever",
  "2: eno1: <BROADCAST,MULTICAST,UP,LOWER_UP> " +
    "mtu 1500 qdisc pfifo_fast state UP group default qlen 1000",
  "    link/ether 10:7b:44:b0:b1:37 brd ff:ff:ff:ff:ff:ff",
  "    inet 192.168.0.106/24 brd 192.168.0.255 scope global dynamic noprefixroute eno1",
  "       valid_lft 5187sec preferred_lft 5187sec",
  "    inet6 fe80::e0c5:55dc:fba0:549b/64 scope link noprefixroute",
  "       valid_lft forever preferred_lft forever",
  "3: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> " +
    "mtu 1500 qdisc noqueue state DOWN group default",
  "    link/ether 02:42:8c:6e:08:4d brd ff:ff:ff:ff:ff:ff",
  "    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0",
  "       valid_lft forever preferred_lft forever",
  "",
].join("\n");

test("ip addr of one host in the words of three programs", () => {
  assert.equal(hostAs("iproute2"), IPROUTE2);
  const alpine = IPROUTE2.replaceAll(/ group default/g, "");
  assert.equal(hostAs("alpine"), alpine);
  assert.equal(hostAs("busybox"), alpine.replaceAll(/ state \S+/g, ""));
});

test("busybox says M-DOWN of a pair whose other end it cannot see, iproute2 does not", () => {
  const busybox = printed("docker-bridge", "c1", "ip link");
  assert.match(busybox, /^\d+: eth0@if\d+: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500/m);
  assert.doesNotMatch(printed("docker-bridge", "host1", "ip link"), /M-DOWN/);
});

const OVERLAY = ["swarm-overlay", "1-ysbj86zsjo.node1"] as const;

test("the overlay's stations, as bridge fdb lists them before a packet is sent", () => {
  const view = viewAt(traceOf("swarm-overlay"), OVERLAY[1], 0);
  const stations = [
    "33:33:00:00:00:01 dev br0 self permanent",
    "01:00:5e:00:00:01 dev br0 self permanent",
    "7a:72:0e:c5:e1:4c dev vxlan0 master br0 permanent",
    "02:42:0a:00:01:05 dev vxlan0 dst 172.19.188.123 link-netnsid 0 self permanent",
    "02:42:0a:00:01:04 dev vxlan0 dst 172.19.188.123 link-netnsid 0 self permanent",
    "da:73:88:00:81:1c dev veth0 master br0 permanent",
    "33:33:00:00:00:01 dev veth0 self permanent",
    "01:00:5e:00:00:01 dev veth0 self permanent",
    "fe:43:7b:22:c2:8f dev veth1 master br0 permanent",
    "33:33:00:00:00:01 dev veth1 self permanent",
    "01:00:5e:00:00:01 dev veth1 self permanent",
  ];
  const learned = /master br0 $/;
  const lines = listing(view, "bridge fdb").split("\n");
  assert.deepEqual(
    lines.filter((line) => line !== "" && !learned.test(line)),
    stations,
  );
});

test("the overlay's neighbors are permanent, and its tunnel's index is its own", () => {
  const neighbors = printed(...OVERLAY, "ip neigh")
    .trimEnd()
    .split(" \n")
    .sort();
  assert.deepEqual(neighbors, [
    "10.0.1.4 dev vxlan0 lladdr 02:42:0a:00:01:04 PERMANENT",
    "10.0.1.5 dev vxlan0 lladdr 02:42:0a:00:01:05 PERMANENT",
  ]);
  const links = printed(...OVERLAY, "ip link");
  for (const name of ["97: vxlan0@if97:", "99: veth0@if98:", "101: veth1@if100:"]) {
    assert.ok(links.includes(`${name} <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450`), name);
  }
});

test("docker network inspect says what the overlay is, and who is in it", () => {
  const text = printed("swarm-overlay", "node1", "docker network inspect mynet");
  const [mynet] = JSON.parse(text);
  assert.deepEqual([mynet.Scope, mynet.Driver, mynet.Id], ["swarm", "overlay", OVERLAY_ID]);
  assert.deepEqual(mynet.IPAM.Config, [{ Subnet: "10.0.1.0/24", Gateway: "10.0.1.1" }]);
  assert.deepEqual(mynet.Containers["03be3938e6bc"], {
    Name: "app.1",
    MacAddress: "02:42:0a:00:01:03",
    IPv4Address: "10.0.1.3/24",
    IPv6Address: "",
  });
  const list = "com.docker.network.driver.overlay.vxlanid_list";
  assert.deepEqual(mynet.Options, { [list]: "4097" });
  assert.deepEqual(mynet.Peers, [
    { Name: "a69283b7d627", IP: "172.19.177.14" },
    { Name: "7826e8e0446d", IP: "172.19.188.123" },
  ]);
  assert.match(printed("swarm-overlay", "node1", "ls /run/docker/netns"), /^1-ysbj86zsjo$/m);
});
