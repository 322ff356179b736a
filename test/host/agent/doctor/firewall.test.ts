// Packet filters as their tools print them, and what they do to the overlay's packets.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Chain,
  diagnose,
  judge,
  parseIptables,
  parseNftables,
  type Specimen,
} from "../../../../bindings/agent/doctor/index.ts";
import { LeaseRules, openCore } from "../../../../bindings/core/index.ts";
import { CONFIG, FILTER, facts, OWN, PEER, SUBNET_ENV } from "./healthy.ts";

const rules = new LeaseRules(await openCore());

const packet: Specimen = {
  ...{ src: "10.5.1.2", dst: "10.5.2.2", inDev: "cni0", outDev: "flannel.1" },
  ...{ protocol: "tcp", dstPort: 80 },
};

function table(name: string, ...lines: string[]): string {
  const hooks = ["INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
  return [`*${name}`, ...hooks.map((hook) => `:${hook} ACCEPT [0:0]`), ...lines, "COMMIT"].join(
    "\n",
  );
}

/** What the rules of a chain make of a packet. */
function outcome(hook: "FORWARD" | "POSTROUTING", lines: string[], over = {}): string {
  const text = table(hook === "FORWARD" ? "filter" : "nat", ...lines);
  const name = hook === "FORWARD" ? "forward" : "postrouting";
  return judge(parseIptables(text), name, { ...packet, ...over }).outcome;
}

test("matches of iptables: each takes the packets that it names, and no other", () => {
  const drops = (match: string, over = {}): boolean =>
    outcome("FORWARD", [`-A FORWARD ${match} -j DROP`], over) === "drop";
  const cases: [match: string, yes: object, no: object][] = [
    ["-s 10.5.1.0/24", {}, { src: "10.5.2.2" }],
    ["! -s 10.5.1.0/24", { src: "10.5.2.2" }, {}],
    ["-d 10.5.2.2/32", {}, { dst: "10.5.2.3" }],
    ["-i cni0", {}, { inDev: "cni1" }],
    ["-i cni+", {}, { inDev: "eth0" }],
    ["! -o docker0", {}, { outDev: "docker0" }],
    ["-p tcp", {}, { protocol: "udp" }],
    ["-p tcp -m tcp --dport 80", {}, { dstPort: 81 }],
    ["-p tcp -m multiport --dports 22,70:90", {}, { dstPort: 91 }],
    ["-m mark --mark 0x4000/0x4000", { mark: 0xc000 }, { mark: 0x8000 }],
  ];
  for (const [match, yes, no] of cases) {
    assert.deepEqual([drops(match, yes), drops(match, no)], [true, false], match);
  }
  assert.ok(drops("-m conntrack --ctstate NEW"));
  assert.ok(drops('-m comment --comment "-s 9.9.9.9 it\\"s"'));
});

test("what nobody understands matches nothing", () => {
  for (const match of [
    "-m set --match-set pods src",
    "-s 10.0.0.1/255.0.255.0",
    "-m conntrack --ctstate RELATED,ESTABLISHED",
    "-m statistic --mode random --probability 0.5",
  ]) {
    assert.equal(outcome("FORWARD", [`-A FORWARD ${match} -j DROP`]), "accept", match);
  }
});

test("chains: jump and return, goto, order, an accept ends them", () => {
  const jump = [":A - [0:0]", ":B - [0:0]", "-A FORWARD -j A"];
  assert.equal(outcome("FORWARD", [...jump, "-A A -j RETURN", "-A A -j DROP"]), "accept");
  assert.equal(outcome("FORWARD", [...jump, "-A A -j B", "-A B -j DROP"]), "drop");
  const gone = [...jump, "-A A -g B", "-A A -j DROP"];
  assert.equal(outcome("FORWARD", gone), "accept");
  assert.equal(outcome("FORWARD", ["-A FORWARD -j ACCEPT", "-A FORWARD -j DROP"]), "accept");
  assert.equal(outcome("FORWARD", ["-A FORWARD -j LOG", "-A FORWARD -j REJECT"]), "drop");
  const circle = [...jump, "-A A -j B", "-A B -j A", "-A FORWARD -j DROP"];
  assert.equal(outcome("FORWARD", circle), "drop");
});

test("a drop by one table is not undone by an accept of another", () => {
  const both = [
    table("filter", "-A FORWARD -j ACCEPT"),
    table("security", "-A FORWARD -s 10.5.0.0/16 -j DROP"),
  ];
  const verdict = judge(parseIptables(both.join("\n")), "forward", packet);
  assert.deepEqual([verdict.outcome, verdict.chain?.table], ["drop", "security"]);
});

const nft = (...items: object[]): Chain[] =>
  parseNftables({ nftables: [{ metainfo: {} }, ...items] }) ?? [];

function nftChain(name: string, hook: string, policy: string): object {
  const place = { family: "inet", table: "fw", name };
  return { chain: { ...place, type: "filter", hook, prio: 0, policy } };
}

function nftRule(chain: string, ...expr: object[]): object {
  return { rule: { family: "inet", table: "fw", chain, expr } };
}

function nftMatch(left: object, right: unknown, op = "=="): object {
  return { match: { op, left, right } };
}

test("nft: policy, matches, sets, ranges, verdicts", () => {
  const saddr = { payload: { protocol: "ip", field: "saddr" } };
  const dport = { payload: { protocol: "tcp", field: "dport" } };
  const net = { prefix: { addr: "10.5.0.0", len: 16 } };
  const base = nftChain("fwd", "forward", "drop");
  const judged = (...expr: object[]): string =>
    judge(nft(base, nftRule("fwd", ...expr)), "forward", packet).outcome;
  assert.equal(judged({ counter: {} }), "drop");
  assert.equal(judged(nftMatch(saddr, net), { accept: null }), "accept");
  assert.equal(judged(nftMatch(saddr, net, "!="), { accept: null }), "drop");
  assert.equal(judged(nftMatch(saddr, "@pods"), { accept: null }), "drop");
  assert.equal(
    judged(nftMatch(dport, { set: [22, { range: [70, 90] }] }), { accept: null }),
    "accept",
  );
  assert.equal(judged(nftMatch({ meta: { key: "iifname" } }, "cni*"), { accept: null }), "accept");
  assert.equal(judged({ xt: { type: "match", name: "owner" } }, { accept: null }), "drop");
  const mark = { "&": [{ meta: { key: "mark" } }, 0x4000] };
  assert.equal(judged(nftMatch(mark, 0x4000), { accept: null }), "drop");
});

test("nft: what is no ruleset is none, and iptables' own tables are left to iptables-save", () => {
  assert.equal(parseNftables(null), null);
  assert.equal(parseNftables({ nftables: 7 }), null);
  const place = { family: "ip", table: "filter", name: "FORWARD" };
  const chain = { chain: { ...place, hook: "forward", prio: 0, policy: "drop" } };
  assert.deepEqual(nft(chain), []);
});

/** Codes and commands for a host with these filters. */
function brief(filters: string, masquerades = false, config = CONFIG): string[] {
  const text = masquerades ? SUBNET_ENV.replace("=false", "=true") : SUBNET_ENV;
  const host = { chains: parseIptables(filters), subnetFile: { path: "/s", text } };
  const findings = diagnose(facts(host, [OWN, PEER], config), rules);
  return findings.flatMap(({ code, commands }) => [code, ...commands]);
}

test("docker's MASQUERADE takes the source of overlay packets", () => {
  const docker = table("nat", "-A POSTROUTING -s 10.5.1.0/24 ! -o docker0 -j MASQUERADE");
  const insert = "iptables -t nat -I POSTROUTING -s 10.5.0.0/16 -d 10.5.0.0/16 -j ACCEPT";
  assert.deepEqual(brief(docker), ["source-rewritten", insert]);
  const spared = docker.replace("-A POST", "-A POSTROUTING -d 10.5.0.0/16 -j ACCEPT\n-A POST");
  assert.deepEqual(brief(spared), []);
});

test("FORWARD's policy DROP without an accept of ours", () => {
  const dropping = FILTER.replace(":FORWARD ACCEPT", ":FORWARD DROP");
  assert.deepEqual(brief(dropping), [
    "forward-blocked",
    "iptables -t filter -I FORWARD -s 10.5.0.0/16 -j ACCEPT",
    "iptables -t filter -I FORWARD -d 10.5.0.0/16 -j ACCEPT",
  ]);
  const ours = [
    ":FLANNEL-FWD - [0:0]",
    '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
    '-A FLANNEL-FWD -s 10.5.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
    '-A FLANNEL-FWD -d 10.5.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
    "COMMIT",
  ].join("\n");
  assert.deepEqual(brief(dropping.replace("COMMIT", ours)), []);
});

test("the tunnel's port is blocked", () => {
  const blocked = table("filter", "-A INPUT -p udp -m udp --dport 8472 -j DROP");
  const command = "iptables -t filter -I INPUT -p udp --dport 8472 -j ACCEPT";
  assert.deepEqual(brief(blocked), ["port-blocked", command]);
});

const COMMENT = '-m comment --comment "flanneld masq"';
const MASQ = [
  ":FLANNEL-POSTRTG - [0:0]",
  `-A POSTROUTING ${COMMENT} -j FLANNEL-POSTRTG`,
  ...[
    `-m mark --mark 0x4000/0x4000 ${COMMENT} -j RETURN`,
    `-s 10.5.1.0/24 -d 10.5.0.0/16 ${COMMENT} -j RETURN`,
    `-s 10.5.0.0/16 -d 10.5.1.0/24 ${COMMENT} -j RETURN`,
    `! -s 10.5.0.0/16 -d 10.5.1.0/24 ${COMMENT} -j RETURN`,
    `-s 10.5.0.0/16 ! -d 224.0.0.0/4 ${COMMENT} -j MASQUERADE --random-fully`,
    `! -s 10.5.0.0/16 -d 10.5.0.0/16 ${COMMENT} -j MASQUERADE --random-fully`,
  ].map((rule) => `-A FLANNEL-POSTRTG ${rule}`),
];

test("each of flannel's masquerade rules is missed", () => {
  assert.deepEqual(brief(table("nat", ...MASQ), true), []);
  for (let at = 1; at < MASQ.length; at++) {
    const [code, command, ...rest] = brief(table("nat", ...MASQ.toSpliced(at, 1)), true);
    assert.deepEqual([code, rest], ["masquerade-missing", []], MASQ[at]);
    assert.match(command ?? "", /^printf '%s\\n' '\*nat' .* \| iptables-restore --noflush$/);
  }
  assert.deepEqual(brief(table("nat"), false), []);
});
