// The values that the articles show, by the rules that made them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetwork, printPrefix } from "../../../../bindings/core/index.ts";
import {
  balancerNamespace,
  calicoPodRoutes,
  dockerMac,
  gatewayOf,
  nextDockerNetwork,
  overlayNamespace,
  swarmAddresses,
  swarmNetworks,
} from "../../../../bindings/lab/control/index.ts";
import { linkLocalOf } from "../../../../bindings/lab/render/index.ts";
import { parseRoute } from "../../../../bindings/lab/words/index.ts";

test("a container's MAC is 02:42 and its address", () => {
  const macs = {
    "172.17.0.2": "02:42:ac:11:00:02",
    "10.5.94.2": "02:42:0a:05:5e:02",
    "10.5.90.2": "02:42:0a:05:5a:02",
    "10.0.1.3": "02:42:0a:00:01:03",
    "10.0.1.6": "02:42:0a:00:01:06",
    "172.18.0.3": "02:42:ac:12:00:03",
    "172.20.0.3": "02:42:ac:14:00:03",
  };
  for (const [address, mac] of Object.entries(macs)) assert.equal(dockerMac(address), mac);
  assert.throws(() => dockerMac("172.17.0"), /172\.17\.0/);
});

test("a link-local address is its MAC, unless somebody hid it", () => {
  const addresses = {
    "02:42:6a:46:93:d2": "fe80::42:6aff:fe46:93d2",
    "56:00:02:a3:4b:44": "fe80::5400:2ff:fea3:4b44",
    "32:e2:9c:45:03:29": "fe80::30e2:9cff:fe45:329",
    "02:42:8c:6e:08:4d": "fe80::42:8cff:fe6e:84d",
  };
  for (const [mac, address] of Object.entries(addresses)) assert.equal(linkLocalOf(mac), address);
  assert.notEqual(linkLocalOf("10:7b:44:b0:b1:37"), "fe80::e0c5:55dc:fba0:549b");
});

test("docker takes the next network that is on no link of the host", () => {
  const first = nextDockerNetwork([], []);
  assert.equal(first, "172.17.0.0/16");
  assert.equal(gatewayOf(first), "172.17.0.1/16");
  assert.equal(nextDockerNetwork(["172.17.0.0/16"], []), "172.18.0.0/16");
  const own = ["172.17.0.0/16", "172.18.0.0/16"];
  assert.equal(nextDockerNetwork(own, ["172.19.176.0/20"]), "172.20.0.0/16");
  assert.equal(nextDockerNetwork(own, ["172.16.0.0/12"]), "192.168.0.0/20");
  assert.equal(nextDockerNetwork([], ["172.16.0.0/12", "192.168.0.5/20"]), "192.168.16.0/20");
  assert.equal(nextDockerNetwork([], ["0.0.0.0/0"]), null);
});

test("docker gives all of its networks, each once, before there is none", () => {
  const own: string[] = [];
  for (;;) {
    const next = nextDockerNetwork(own, []);
    if (next === null) break;
    own.push(next);
  }
  assert.equal(own.length, 15 + 16);
  assert.deepEqual(
    [own[14], own[15], own.at(-1)],
    [...["172.31.0.0/16", "192.168.0.0/20", "192.168.240.0/20"]],
  );
  assert.equal(new Set(own).size, own.length);
});

test("a swarm cuts its pool into networks with a VNI each, and each into addresses", () => {
  const [ingress, mynet] = swarmNetworks(["mynet"]);
  assert.deepEqual(ingress, { name: "ingress", subnet: "10.0.0.0/24", vni: 4096 });
  assert.deepEqual(mynet, { name: "mynet", subnet: "10.0.1.0/24", vni: 4097 });
  assert.deepEqual(swarmAddresses("10.0.1.0/24", ["app.1", "app.2"], ["node2", "node1"]), {
    gateway: "10.0.1.1/24",
    virtual: "10.0.1.2/24",
    tasks: { "app.1": "10.0.1.3/24", "app.2": "10.0.1.4/24" },
    endpoints: { node2: "10.0.1.5/24", node1: "10.0.1.6/24" },
  });
});

test("namespaces are called by the ids of their networks, cut short", () => {
  assert.equal(overlayNamespace("ysbj86zsjo3iieivgvkzbr4ly"), "1-ysbj86zsjo");
  assert.equal(overlayNamespace("5knp2oqmdu4n"), "1-5knp2oqmdu");
  assert.equal(balancerNamespace("ysbj86zsjo3iieivgvkzbr4ly"), "lb_ysbj86zsj");
});

test("a pod of Calico is a route of its own, and a prefix with host bits is no route", () => {
  const { host, pod } = calicoPodRoutes("10.92.77.163", "cali93a8a799fe1");
  assert.deepEqual(host, ["10.92.77.163 dev cali93a8a799fe1 scope link"]);
  for (const route of [...host, ...pod]) assert.doesNotThrow(() => parseRoute(route));
  const typed = "10.92.203.0/23";
  const meant = printPrefix(parseNetwork(typed));
  assert.equal(meant, "10.92.202.0/23");
  const rest = "via 10.100.1.2 dev eth0 proto bird";
  assert.throws(() => parseRoute(`${typed} ${rest}`), /Invalid prefix for given prefix length/);
  assert.doesNotThrow(() => parseRoute(`${meant} ${rest}`));
});
