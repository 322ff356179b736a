// What `iptables-save` prints, as chains. Its lines are the arguments of iptables itself, one rule
// each; only a comment is ever quoted.
import type { Action, Chain, Hook, Match, PortRange, Rule } from "./ruleset.ts";

const HOOKS: Readonly<Record<string, Hook>> = {
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
};

/** Tables in the order in which a hook runs through them (netfilter's priorities). */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  filter: 0,
  security: 50,
  nat: 100,
};

const ACTIONS: Readonly<Record<string, Action["kind"]>> = {
  ACCEPT: "accept",
  DROP: "drop",
  REJECT: "drop",
  RETURN: "return",
  MASQUERADE: "rewrite",
  SNAT: "rewrite",
  NETMAP: "rewrite",
};

/** Targets that do something else to a packet and let it go on. */
const PASSING: ReadonlySet<string> = new Set([
  ...["LOG", "NFLOG", "MARK", "CONNMARK", "TRACE", "TCPMSS", "CT", "NOTRACK", "CHECKSUM"],
  ...["TOS", "DSCP", "TTL", "SET", "AUDIT", "CLASSIFY", "REDIRECT", "DNAT"],
]);

/** Chains of `iptables-save`; lines that are none are passed over. */
export function parseIptables(text: string): Chain[] {
  const chains: Chain[] = [];
  let table = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1).trim();
    if (line.startsWith(":")) chains.push(chainOf(table, line));
    if (line.startsWith("-A ")) addRule(chains, table, line);
  }
  return chains;
}

function chainOf(table: string, line: string): Chain & { rules: Rule[] } {
  const [name = "", policy] = line.slice(1).split(" ");
  return {
    tool: "iptables",
    table,
    name,
    hook: policy === "-" ? null : (HOOKS[name] ?? null),
    priority: PRIORITIES[table] ?? 0,
    policy: policy === "DROP" ? "drop" : "accept",
    rules: [],
  };
}

function addRule(chains: readonly Chain[], table: string, line: string): void {
  const [, name = "", ...words] = wordsOf(line);
  const chain = chains.find((known) => known.table === table && known.name === name);
  const text = line.slice(`-A ${name} `.length);
  (chain?.rules as Rule[] | undefined)?.push({ ...ruleOf(words), text });
}

/** Words, of which some stand in double quotes with backslashes. */
function wordsOf(line: string): string[] {
  const words = line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return [...words].map(([, quoted, plain]) => plain ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
}

function ruleOf(words: readonly string[]): Omit<Rule, "text"> {
  const matches: Match[] = [];
  for (let at = 0; at < words.length; ) {
    const isNegated = words[at] === "!";
    if (isNegated) at++;
    const option = words[at] ?? "";
    if (option === "-j" || option === "--jump") return { matches, action: target(words[at + 1]) };
    if (option === "-g") return { matches, action: { kind: "goto", chain: words[at + 1] ?? "" } };
    const values = valuesOf(words, at + 1);
    const match = matchOf(option, values.join(" "));
    if (match !== null) matches.push(isNegated ? { ...match, isNegated } : match);
    at += 1 + values.length;
  }
  return { matches, action: { kind: "none" } };
}

/** What follows an option, up to the next one. A comment may look like one: it is one word. */
function valuesOf(words: readonly string[], from: number): string[] {
  if (words[from - 1] === "--comment") return words.slice(from, from + 1);
  const end = words.findIndex((word, at) => at >= from && (word === "!" || word.startsWith("-")));
  return words.slice(from, end === -1 ? words.length : end);
}

function target(name = ""): Action {
  const kind = ACTIONS[name];
  if (kind !== undefined && kind !== "jump" && kind !== "goto") return { kind };
  return PASSING.has(name) ? { kind: "none" } : { kind: "jump", chain: name };
}

/** Null for what matches every packet. */
function matchOf(option: string, value: string): Match | null {
  switch (option) {
    case "-m": // names the extension of the options that follow
    case "--comment":
      return null;
    case "-s":
      return addressMatch("src", value);
    case "-d":
      return addressMatch("dst", value);
    case "-i":
      return { on: "inDev", names: [value] };
    case "-o":
      return { on: "outDev", names: [value] };
    case "-p":
      return value === "all" ? null : { on: "protocol", names: [value] };
    case "--dport":
    case "--dports":
      return { on: "dstPort", ranges: value.split(",").map(portRange) };
    case "--ctstate":
    case "--state":
      return { on: "state", names: value.toLowerCase().split(",") };
    case "--mark":
      return markOf(value);
    default:
      return { on: "unknown" };
  }
}

/** A mask with holes, which iptables allows, is not understood. */
function addressMatch(on: "src" | "dst", value: string): Match {
  const prefix = value.includes("/") ? value : `${value}/32`;
  return /^[\d.]+\/\d+$/.test(prefix) ? { on, prefixes: [prefix] } : { on: "unknown" };
}

function portRange(text: string): PortRange {
  const [min = "0", max = min] = text.split(":");
  return [Number(min), Number(max)];
}

function markOf(text: string): Match {
  const [value = "0", mask = "0xffffffff"] = text.split("/");
  return { on: "mark", value: Number(value), mask: Number(mask) };
}
