// The texts are what flannel leaves behind, as its end-to-end tests compare them, with a network
// and subnet of ours; where heddle departs from them, the comment says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IPTABLES_PLACES,
  iptablesHook,
  iptablesLine,
  iptablesPayload,
  iptablesRules,
} from "../../../bindings/agent/iptables.ts";
import { nftRules, nftScript } from "../../../bindings/agent/nftables.ts";
import {
  type ChainPurpose,
  type FilterChain,
  filterChains,
} from "../../../bindings/agent/rules.ts";

const C = "10.42.0.0/16";
const P = "10.42.7.0/24";
const all = { masq: true, forward: true };

function chainOf(purpose: ChainPurpose, overlay = { network: C, subnet: P }): FilterChain {
  const chain = filterChains(overlay, all).find((each) => each.purpose === purpose);
  assert.ok(chain);
  return chain;
}

function printed(chain: FilterChain, isRandom: boolean): string[] {
  const name = IPTABLES_PLACES[chain.purpose].chain;
  return iptablesRules(chain, isRandom).map((words) => iptablesLine("-A", name, words));
}

test("masquerade rules read as iptables prints flannel's: the hook and six", () => {
  const comment = '-m comment --comment "flanneld masq"';
  assert.equal(
    iptablesLine("-A", "POSTROUTING", iptablesHook("masq")),
    `-A POSTROUTING ${comment} -j FLANNEL-POSTRTG`,
  );
  assert.deepEqual(printed(chainOf("masq"), true), [
    `-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 ${comment} -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${P} -d ${C} ${comment} -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${C} -d ${P} ${comment} -j RETURN`,
    `-A FLANNEL-POSTRTG ! -s ${C} -d ${P} ${comment} -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${C} ! -d 224.0.0.0/4 ${comment} -j MASQUERADE --random-fully`,
    `-A FLANNEL-POSTRTG ! -s ${C} -d ${C} ${comment} -j MASQUERADE --random-fully`,
  ]);
});

test("--random-fully stands with both that masquerade, or with none", () => {
  const count = (isRandom: boolean): number =>
    printed(chainOf("masq"), isRandom).filter((line) => line.endsWith(" --random-fully")).length;
  assert.deepEqual([count(true), count(false)], [2, 0]);
});

test("forward rules read as iptables prints flannel's", () => {
  const comment = '-m comment --comment "flanneld forward"';
  assert.equal(
    iptablesLine("-A", "FORWARD", iptablesHook("forward")),
    `-A FORWARD ${comment} -j FLANNEL-FWD`,
  );
  assert.deepEqual(printed(chainOf("forward"), true), [
    `-A FLANNEL-FWD -s ${C} ${comment} -j ACCEPT`,
    `-A FLANNEL-FWD -d ${C} ${comment} -j ACCEPT`,
  ]);
});

test("the payload empties the chain, takes strays away, and appends the hook where none is", () => {
  const chain = chainOf("forward");
  const comment = '-m comment --comment "flanneld forward"';
  const rules = [
    `-A FLANNEL-FWD -s ${C} ${comment} -j ACCEPT`,
    `-A FLANNEL-FWD -d ${C} ${comment} -j ACCEPT`,
  ];
  const hook = `-A FORWARD ${comment} -j FLANNEL-FWD`;
  const head = ["*filter", ":FLANNEL-FWD - [0:0]"];
  assert.equal(
    iptablesPayload(chain, true, { hasHook: false, drops: [] }),
    [...head, hook, ...rules, "COMMIT", ""].join("\n"),
  );
  const drop = `-D FORWARD -s ${P} -j FLANNEL-FWD`;
  const other = "-A FLANNEL-FWD -s 10.7.0.0/16 -j ACCEPT";
  assert.equal(
    iptablesPayload(chain, true, { hasHook: true, drops: [drop], others: [other] }),
    [...head, drop, ...rules, other, "COMMIT", ""].join("\n"),
  );
});

test("a word with a blank, a quote or a backslash is quoted for iptables-restore", () => {
  const words = ["--comment", 'a "b" \\c', "-j", "X"];
  assert.equal(iptablesLine("-D", "Y", words), '-D Y --comment "a \\"b\\" \\\\c" -j X');
});

// flannel has `meta mark 0x00004000`, and `ip saddr != P ip daddr C` as the fourth.
test("masquerade rules read as nft prints flannel's, but for the mark and the fourth", () => {
  assert.deepEqual(nftRules(chainOf("masq"), true), [
    "meta mark & 0x00004000 == 0x00004000 return",
    `ip saddr ${P} ip daddr ${C} return`,
    `ip saddr ${C} ip daddr ${P} return`,
    `ip saddr != ${C} ip daddr ${P} return`,
    `ip saddr ${C} ip daddr != 224.0.0.0/4 masquerade fully-random`,
    `ip saddr != ${C} ip daddr ${C} masquerade fully-random`,
  ]);
  assert.ok(!nftRules(chainOf("masq"), false).some((rule) => rule.includes("random")));
});

test("the script makes flannel's table and chains, the mark's rule before all others", () => {
  const chains = filterChains({ network: C, subnet: P }, all);
  const drops = [{ purpose: "masq", handle: 7 }] as const;
  const script = nftScript("ipv4", chains, true, drops).split("\n");
  assert.deepEqual(script.slice(0, 4), [
    'add table ip flannel-ipv4 { comment "rules for flannel-ipv4" ; }',
    "delete rule ip flannel-ipv4 postrtg handle 7",
    'add chain ip flannel-ipv4 postrtg { comment "chain to manage traffic masquerading by ' +
      'flannel" ; type nat hook postrouting priority srcnat ; policy accept ; }',
    "insert rule ip flannel-ipv4 postrtg meta mark & 0x00004000 == 0x00004000 return",
  ]);
  assert.deepEqual(script.slice(9, 13), [
    'add chain ip flannel-ipv4 forward { comment "chain to accept flannel traffic" ; ' +
      "type filter hook forward priority filter ; policy accept ; }",
    `add rule ip flannel-ipv4 forward ip saddr ${C} accept`,
    `add rule ip flannel-ipv4 forward ip daddr ${C} accept`,
    "",
  ]);
});

test("IPv6 has tables, words and a multicast range of its own", () => {
  const overlay = { network: "fc00::/48", subnet: "fc00:0:0:7::/64" };
  const chain = chainOf("masq", overlay);
  assert.equal(
    nftRules(chain, true)[4],
    "ip6 saddr fc00::/48 ip6 daddr != ff00::/8 masquerade fully-random",
  );
  assert.match(printed(chain, false)[4] ?? "", /-s fc00::\/48 ! -d ff00::\/8 .* -j MASQUERADE$/);
  assert.match(nftScript("ipv6", [chain], true), /^add table ip6 flannel-ipv6 \{/);
});

test("what is not wished for has no chain", () => {
  const overlay = { network: C, subnet: P };
  const purposes = (masq: boolean, forward: boolean): string[] =>
    filterChains(overlay, { masq, forward }).map((chain) => chain.purpose);
  assert.deepEqual(purposes(true, false), ["masq"]);
  assert.deepEqual(purposes(false, true), ["forward"]);
  assert.deepEqual(purposes(false, false), []);
});
