// The lab's words against the tools they come from: what `ip`, `bridge` and `iptables` are told by
// our commands they list as our rows, and what we refuse they refuse in the same words.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import {
  fdbCommand,
  neighborCommand,
  parseRule,
  printFdb,
  printNeighbor,
  printRoute,
  printRule,
  type RuleTable,
  type RuleWords,
  routeCommand,
} from "../../../bindings/lab/words/index.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import {
  neighborOn,
  publishing,
  refusing,
  remoteOf,
  rewriting,
  routeBy,
  rule,
} from "../../host/lab/words/drawn.ts";
import { REFUSED } from "../../host/lab/words/refused.ts";
import { need } from "../../need.ts";
import { type Namespace, openNamespace } from "../namespace.ts";

const seed = drawSeed();
const options = need("root", "ip", "iptables");
const said = `(seed ${seed})`;

let ns: Namespace;

before(async () => {
  if (options.skip) return;
  ns = await openNamespace("words");
  await ns.ip("link", "add", "eth0", "type", "veth", "peer", "name", "p0");
  for (const device of ["eth0", "p0"]) await ns.ip("link", "set", device, "up");
  await ns.ip("address", "add", "10.168.0.2/24", "dev", "eth0");
  const vxlan = "flannel.1 type vxlan id 1 local 10.168.0.2 dev eth0 dstport 8472 nolearning";
  await ns.ip("link", "add", ...vxlan.split(" "));
  await ns.ip("link", "add", "docker0", "type", "bridge");
});

after(() => ns?.close());

/** So many that no two have the same key. */
function draw<T>(drawn: fc.Arbitrary<T>, count: number, key: (value: T) => string): T[] {
  const constraints = { minLength: count, maxLength: count, selector: key };
  return fc.sample(fc.uniqueArray(drawn, constraints), { seed, numRuns: 1 })[0] ?? [];
}

/** Hands lines to a program's standard input. */
function feed(program: string, lines: readonly string[]): Promise<string> {
  return ns.run("sh", "-c", `printf '%s\\n' "$1" | ${program}`, "sh", lines.join("\n"));
}

function sorted(text: string): string[] {
  return text.split("\n").filter(Boolean).sort();
}

test(`ip lists routes as rows ${said}`, options, async () => {
  const gateways = fc.integer({ min: 3, max: 254 }).map((last) => `10.168.0.${last}`);
  const drawn = fc.oneof({ arbitrary: routeBy("eth0", gateways), weight: 4 }, refusing);
  const routes = draw(drawn, 150, ({ prefix, metric }) => `${prefix} ${metric ?? 0}`);
  await feed(
    "ip -batch -",
    routes.map((route) => `route add ${routeCommand(route)}`),
  );
  const rows = routes.map((route) => `${printRoute(route)} `);
  const own = "10.168.0.0/24 dev eth0 proto kernel scope link src 10.168.0.2 ";
  assert.deepEqual(sorted(await ns.ip("-4", "route")), [...rows, own].sort());
  const ofDevice = routes.filter(({ device }) => device !== null);
  const short = ofDevice.map((route) => `${printRoute(route, true)} `);
  const ownShort = own.replace(" dev eth0", "");
  assert.deepEqual(
    sorted(await ns.ip("-4", "route", "show", "dev", "eth0")),
    [...short, ownShort].sort(),
  );
});

test(`ip lists neighbors as rows ${said}`, options, async () => {
  const neighbors = draw(neighborOn("eth0"), 60, ({ address }) => address);
  await feed(
    "ip -batch -",
    neighbors.map((each) => `neigh add ${neighborCommand(each)}`),
  );
  const rows = neighbors.map((each) => `${printNeighbor(each)} `);
  assert.deepEqual(sorted(await ns.ip("-4", "neigh")), rows.sort());
});

test(`bridge lists remotes as rows ${said}`, options, async () => {
  const entries = draw(remoteOf("flannel.1", "eth0"), 80, ({ mac }) => mac);
  await feed(
    "bridge -batch -",
    entries.map((each) => `fdb add ${fdbCommand(each)}`),
  );
  const listed = sorted(await ns.run("bridge", "fdb", "show", "dev", "flannel.1"));
  const rows = entries.map((each) => {
    const row = printFdb(each, true);
    return each.state === "dynamic" ? `${row} ` : row;
  });
  assert.deepEqual(listed, rows.sort());
});

const WRITTEN: readonly (readonly [RuleTable, chain: string, words: string])[] = [
  ["raw", "OUTPUT", "-p icmp -j TRACE"],
  ["raw", "PREROUTING", "-p icmp -j TRACE"],
  ["nat", "PREROUTING", "-m addrtype --dst-type LOCAL -j DOCKER"],
  ["nat", "OUTPUT", "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER"],
  ["nat", "POSTROUTING", "! -o docker0 -s 172.17.0.9/16 -j MASQUERADE"],
  ["nat", "DOCKER", "-p tcp --dport 8080 ! -i docker0 -j DNAT --to 172.17.0.2:80"],
  ["filter", "INPUT", "-m state --state NEW -m tcp -p tcp --dport 2379 -j ACCEPT"],
  ["filter", "INPUT", "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"],
  ["filter", "INPUT", "-p icmp --icmp-type echo-request -j REJECT"],
  ["filter", "INPUT", "-p udp --match multiport --sports 53,1000:2000 -j DROP"],
];

/** A rule, and the text by which it is made. */
type Listed = readonly [table: RuleTable, chain: string, words: RuleWords, text: string];

test(`iptables lists rules as rows ${said}`, options, async () => {
  const free = fc.sample(rule, { seed, numRuns: 100 });
  const sources = fc.sample(rewriting, { seed, numRuns: 50 });
  const ports = fc.sample(publishing, { seed, numRuns: 20 });
  const rules: Listed[] = [
    ...free.map((each) => listing("filter", "FORWARD", each)),
    ...sources.map((each) => listing("nat", "POSTROUTING", each)),
    ...ports.map((each) => listing("nat", "DOCKER", each)),
    ...WRITTEN.map(([table, chain, text]): Listed => [table, chain, parseRule(text), text]),
  ];
  for (const table of ["raw", "nat", "filter"] as const) {
    const own = rules.filter(([of]) => of === table);
    const lines = own.map(([, chain, , text]) => `-A ${chain} ${text}`.trimEnd());
    await feed("iptables-restore", [`*${table}`, ":DOCKER - [0:0]", ...lines, "COMMIT"]);
    const listed = await ns.run("iptables", "-t", table, "-S");
    const rows = own.map(([, chain, each]) => `-A ${chain} ${printRule(each)}`.trimEnd());
    assert.deepEqual(
      listed
        .split("\n")
        .filter((line) => line.startsWith("-A"))
        .sort(),
      rows.sort(),
    );
  }
});

function listing(table: RuleTable, chain: string, words: RuleWords): Listed {
  return [table, chain, words, printRule(words)];
}

for (const [line, words] of REFUSED) {
  test(`refused in the same words: ${line}`, options, async () => {
    const [tool = "", ...rest] = line.split(" ");
    await assert.rejects(ns.run(tool, ...rest), ({ stderr }: { stderr: string }) => {
      assert.equal(stderr.trimEnd(), words);
      return true;
    });
  });
}
