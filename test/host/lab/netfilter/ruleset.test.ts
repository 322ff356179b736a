import assert from "node:assert/strict";
import { test } from "node:test";
import { Ruleset } from "../../../../bindings/lab/netfilter/index.ts";
import { parseRuleCommand, Refusal } from "../../../../bindings/lab/words/index.ts";

const DOCKER = [
  "-t nat -N DOCKER",
  "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
  "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
  "-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
];

function refused(rules: Ruleset, command: string): string {
  try {
    rules.apply(parseRuleCommand(command));
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  return "";
}

test("rules are rows that make the same rules again, and policies of ACCEPT are no rows", () => {
  const rules = new Ruleset([...DOCKER, "-P FORWARD DROP", "-P INPUT ACCEPT", "-A INPUT -i lo"]);
  assert.deepEqual(rules.rows(), [...DOCKER, "-P FORWARD DROP", "-A INPUT -i lo"]);
  assert.deepEqual(new Ruleset(rules.rows()).rows(), rules.rows());
});

test("rules go to their numbers, and are found by their words", () => {
  const rules = new Ruleset(["-A INPUT -i a", "-A INPUT -i b", "-I INPUT -i first"]);
  const change = (command: string): string[] => {
    assert.equal(refused(rules, command), "");
    return rules.rows().map((row) => row.split(" ").at(-1) ?? "");
  };
  assert.deepEqual(change("-I INPUT 2 -i second"), ["first", "second", "a", "b"]);
  assert.deepEqual(change("-R INPUT 3 -i third"), ["first", "second", "third", "b"]);
  assert.deepEqual(change("-D INPUT 1"), ["second", "third", "b"]);
  assert.deepEqual(change("-D INPUT -i third"), ["second", "b"]);
  assert.deepEqual(change("-C INPUT -i b"), ["second", "b"]);
  assert.deepEqual(change("-F INPUT"), []);
});

test("what is not there, and what is in use, is refused in iptables' words", () => {
  const rules = new Ruleset(DOCKER);
  const before = rules.rows();
  const nothing = "iptables: No chain/target/match by that name.";
  const noRule = "iptables: Bad rule (does a matching rule exist in that chain?).";
  const cases = {
    "-A NOWHERE -j ACCEPT": nothing,
    "-A INPUT -j DOCKER": nothing, // it is in another table
    "-t nat -A OUTPUT -j POSTROUTING": nothing,
    "-F NOWHERE": nothing,
    "-D INPUT -i eth0": noRule,
    "-C INPUT -i eth0": noRule,
    "-D INPUT 1": "iptables: Index of deletion too big.",
    "-R INPUT 1 -i eth0": "iptables: Index of replacement too big.",
    "-I INPUT 2 -i eth0": "iptables: Index of insertion too big.",
    "-t nat -N DOCKER": "iptables: Chain already exists.",
    "-t nat -X DOCKER": "iptables: Directory not empty.",
    "-X INPUT": "iptables: Invalid argument.",
  };
  for (const [command, words] of Object.entries(cases)) {
    assert.equal(refused(rules, command), words, command);
  }
  assert.equal(refused(rules, "-t nat -F DOCKER"), "");
  assert.equal(refused(rules, "-t nat -X DOCKER"), "iptables: Too many links.");
  assert.equal(refused(rules, "-t nat -F PREROUTING"), "");
  assert.equal(refused(rules, "-t nat -X"), "");
  assert.equal(rules.rows().length, before.length - 3);
});

test("chains may call each other as deep as the kernel's stack is, and never in a circle", () => {
  const names = Array.from({ length: 17 }, (_, at) => `c${at + 1}`);
  const rules = new Ruleset([...names.map((name) => `-N ${name}`), "-A FORWARD -j c1"]);
  const calls = names.slice(1).map((name, at) => `-A c${at + 1} -j ${name}`);
  const said = calls.map((call) => refused(rules, call));
  assert.deepEqual(said.slice(0, 14).join(""), "");
  const tooDeep = (verb: string, chain: string): string =>
    `iptables v1.8.9 (nf_tables):  RULE_${verb} failed (Too many links): rule in chain ${chain}`;
  assert.equal(said[14], tooDeep("APPEND", "c15"));
  assert.equal(refused(rules, "-I c14 -g c1"), tooDeep("INSERT", "c14"));
  assert.equal(refused(rules, "-R c2 1 -j c2"), tooDeep("REPLACE", "c2"));
  assert.equal(rules.chain("filter", "c15")?.rules.length, 0);
  assert.equal(rules.chain("filter", "c14")?.rules.length, 1);
});

test("a circle that no hook leads to is taken, and then nothing leads to it", () => {
  const rules = new Ruleset(["-t nat -N A", "-t nat -A A -j A"]);
  assert.match(refused(rules, "-t nat -A PREROUTING -j A"), /Too many links\): rule in chain PRER/);
  assert.deepEqual(rules.rows(), ["-t nat -N A", "-t nat -A A -j A"]);
});
