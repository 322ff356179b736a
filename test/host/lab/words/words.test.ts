import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fdbCommand, parseFdb, parseFdbRow, printFdb } from "../../../../bindings/lab/words/fdb.ts";
import { parseAddress, printAddress, printInet } from "../../../../bindings/lab/words/inet.ts";
import {
  neighborCommand,
  parseNeighbor,
  printNeighbor,
} from "../../../../bindings/lab/words/neighbor.ts";
import {
  parseRoute,
  parseRouteRow,
  printRoute,
  routeCommand,
} from "../../../../bindings/lab/words/route.ts";
import { printRule } from "../../../../bindings/lab/words/rule.ts";
import { parseRule } from "../../../../bindings/lab/words/rule-parse.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";
import {
  address,
  neighborOn,
  publishing,
  refusing,
  remoteOf,
  rewriting,
  routeBy,
  rule,
} from "./drawn.ts";

const seed = drawSeed();
const PARAMETERS = { seed, numRuns: 400 };

/** parse(print(x)) = x, whatever was drawn. */
function law<T>(name: string, drawn: fc.Arbitrary<T>, roundTrip: (value: T) => T): void {
  test(`${name} (seed ${seed})`, () => {
    fc.assert(
      // fast-check's records have no prototype; a clone has.
      fc.property(drawn, (value) => assert.deepEqual(roundTrip(value), structuredClone(value))),
      PARAMETERS,
    );
  });
}

const route = fc.oneof(routeBy("eth0", address), refusing);

law("a route is made by its command", route, (value) => parseRoute(routeCommand(value)));
law("a route is read from its row", route, (value) => parseRouteRow(printRoute(value)));
law("a neighbor is made by its command", neighborOn("eth0"), (value) =>
  parseNeighbor(neighborCommand(value)),
);
law("a neighbor is read from its row", neighborOn("eth0"), (value) =>
  parseNeighbor(printNeighbor(value)),
);
law("a remote is made by its command", remoteOf("flannel.1", "eth0"), (value) =>
  parseFdb(fdbCommand(value)),
);
law("a remote is read from its row", remoteOf("flannel.1", "eth0"), (value) =>
  parseFdbRow(printFdb(value)),
);
law("a rule is read from its row", fc.oneof(rule, rewriting, publishing), (value) =>
  parseRule(printRule(value)),
);

// Rows of the articles and of captures of the kernel: what was printed is printed again.
const ROUTES = [
  "default via 172.17.0.1 dev eth0",
  "172.17.0.0/16 dev eth0 proto kernel scope link src 172.17.0.2",
  "172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown",
  "10.1.16.0/24 via 10.1.16.0 dev flannel.1 onlink",
  "100.96.0.0/16 dev flannel0 proto kernel scope link src 100.96.1.0",
  "10.92.77.163 dev cali93a8a799fe1 scope link",
  "10.92.160.0/23 via 10.106.65.2 dev bond0 proto bird",
  "10.9.0.0/16 via 10.168.0.3 dev eth0 src 10.168.0.2 metric 20 mtu 1400",
  "10.9.0.0/16 dev eth0 proto 200 scope link",
  "unreachable 10.5.0.0/16",
];

for (const row of ROUTES) {
  test(`ip route: ${row}`, () => assert.equal(printRoute(parseRouteRow(row)), row));
}

const NEIGHBORS = [
  "10.1.16.0 dev flannel.1 lladdr 5e:f8:4f:00:e3:37 PERMANENT",
  "172.17.0.1 dev eth0 lladdr 02:42:6a:46:93:d2 DELAY",
  "10.1.16.5 dev eth0 FAILED",
];

for (const row of NEIGHBORS) {
  test(`ip neigh: ${row}`, () => assert.equal(printNeighbor(parseNeighbor(row)), row));
}

const FDB = [
  "5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3 self permanent",
  "02:42:0a:00:01:05 dev vxlan0 dst 172.19.188.123 link-netnsid 0 self permanent",
  "7a:72:0e:c5:e1:4c dev vxlan0 master br0 permanent",
  "02:42:ac:11:00:02 dev veth20b3dac master docker0",
  "01:00:5e:00:00:01 dev veth20b3dac self permanent",
  "5e:f8:4f:00:e3:40 dev flannel.1 dst 10.168.0.3 self",
  "5e:f8:4f:00:e3:42 dev eth0 master docker0 static",
];

for (const row of FDB) {
  test(`bridge fdb: ${row}`, () => assert.equal(printFdb(parseFdbRow(row)), row));
}

const RULES = [
  "-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
  "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
  '-s 10.1.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE',
  "! -s 10.1.0.0/16 -d 10.1.0.0/16 -j MASQUERADE --random-fully",
  "! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
  "-m mark --mark 0x4000/0x4000 -j RETURN",
  "-p tcp -m state --state NEW -m tcp --dport 2379 -j ACCEPT",
  "-p icmp -j TRACE",
];

for (const row of RULES) {
  // Reports in XML have quotes in names as they please.
  test(`iptables: ${row.replaceAll('"', "'")}`, () => assert.equal(printRule(parseRule(row)), row));
}

test("a command's words may come in any order, shortened", () => {
  const words = "dev flannel.1 onlink to 10.1.16.0/255.255.255.0 via inet 10.1.16.0 proto bird";
  assert.equal(
    printRoute(parseRoute(words)),
    "10.1.16.0/24 via 10.1.16.0 dev flannel.1 proto bird onlink",
  );
});

test("a row of one device does not name it", () => {
  const row = "10.1.16.0/24 via 10.1.16.0 dev flannel.1 onlink";
  assert.equal(printRoute(parseRoute(row), true), "10.1.16.0/24 via 10.1.16.0 onlink");
});

test("ip route is silent about scope global, where its command may not be", () => {
  const silent = parseRoute("10.2.0.0/16 dev flannel.1 scope global");
  assert.equal(printRoute(silent), "10.2.0.0/16 dev flannel.1");
  assert.equal(routeCommand(silent), "10.2.0.0/16 dev flannel.1 scope global");
});

test("an address is printed as its command and as its line", () => {
  const words = parseAddress("10.32.0.2/12 broadcast +");
  assert.equal(printAddress(words), "10.32.0.2/12 brd 10.47.255.255");
  assert.equal(printInet(words, "ethwe"), "inet 10.32.0.2/12 brd 10.47.255.255 scope global ethwe");
});
