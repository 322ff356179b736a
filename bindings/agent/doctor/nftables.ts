// What `nft -j list ruleset` prints, as chains. Of its expressions only those are understood that
// tell one packet from another by what a specimen has; any other makes its rule one that matches
// nothing.
import type { Action, Chain, Hook, Match, PortRange, Rule } from "./ruleset.ts";

type Json = Readonly<Record<string, unknown>>;

const FAMILIES: ReadonlySet<unknown> = new Set(["ip", "inet"]);
const HOOKS: ReadonlySet<unknown> = new Set(["input", "forward", "output", "postrouting"]);
const PASSING: ReadonlySet<string> = new Set(["counter", "log", "comment", "mangle", "notrack"]);
const REWRITING: ReadonlySet<string> = new Set(["masquerade", "snat"]);
/** What iptables keeps in nftables stands in iptables-save already, and better. */
const IPTABLES = /^(filter|nat|mangle|raw|security)$/;
const IPTABLES_CHAIN = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/;

/** Chains of IPv4 in a ruleset; null where the value is no ruleset. */
export function parseNftables(ruleset: unknown): Chain[] | null {
  const items = isJson(ruleset) ? ruleset.nftables : undefined;
  if (!Array.isArray(items)) return null;
  const chains = items.flatMap((item) => (isJson(item) ? chainOf(item.chain) : []));
  const foreign = new Set(chains.filter(isOfIptables).map(({ table }) => table));
  for (const item of items) if (isJson(item)) addRule(chains, item.rule);
  return chains.filter(({ table }) => !foreign.has(table));
}

function isOfIptables({ table, name }: Chain): boolean {
  return IPTABLES.test(table.slice("ip ".length)) && IPTABLES_CHAIN.test(name);
}

function chainOf(value: unknown): Chain[] {
  if (!isJson(value) || !FAMILIES.has(value.family)) return [];
  return [
    {
      tool: "nft",
      table: `${value.family} ${value.table}`,
      name: String(value.name),
      hook: HOOKS.has(value.hook) ? (value.hook as Hook) : null,
      priority: typeof value.prio === "number" ? value.prio : 0,
      policy: value.policy === "drop" ? "drop" : "accept",
      rules: [],
    },
  ];
}

function addRule(chains: readonly Chain[], value: unknown): void {
  if (!isJson(value) || !Array.isArray(value.expr)) return;
  const table = `${value.family} ${value.table}`;
  const chain = chains.find((known) => known.table === table && known.name === value.chain);
  (chain?.rules as Rule[] | undefined)?.push(ruleOf(value.expr));
}

function ruleOf(expressions: readonly unknown[]): Rule {
  const matches: Match[] = [];
  let action: Action = { kind: "none" };
  for (const expression of expressions) {
    if (!isJson(expression)) continue;
    const [kind = "", value] = Object.entries(expression)[0] ?? [];
    if (kind === "match" && isJson(value)) matches.push(matchOf(value));
    else if (actionOf(kind, value) !== null) action = actionOf(kind, value) ?? action;
    else if (!PASSING.has(kind)) matches.push({ on: "unknown" });
  }
  return { matches, action, text: JSON.stringify(expressions) };
}

function actionOf(kind: string, value: unknown): Action | null {
  if (kind === "accept" || kind === "drop" || kind === "return") return { kind };
  if (kind === "reject") return { kind: "drop" };
  if (REWRITING.has(kind)) return { kind: "rewrite" };
  if (kind !== "jump" && kind !== "goto") return null;
  return { kind, chain: isJson(value) ? String(value.target) : "" };
}

function matchOf({ op, left, right }: Json): Match {
  const match = isJson(left) ? testOf(left, right) : null;
  if (match === null || !(op === "==" || op === "!=" || op === "in")) return { on: "unknown" };
  return op === "!=" ? { ...match, isNegated: true } : match;
}

/** Null for what is not understood. */
function testOf(left: Json, right: unknown): Match | null {
  const values = valuesOf(right);
  if (values === null) return null;
  if (isJson(left.payload)) return payloadOf(left.payload, values);
  if (isJson(left.ct) && left.ct.key === "state") return { on: "state", names: texts(values) };
  if (isJson(left.meta)) return metaOf(left.meta, values);
  const [masked, mask] = Array.isArray(left["&"]) ? left["&"] : [];
  if (!isJson(masked) || !isJson(masked.meta) || masked.meta.key !== "mark") return null;
  return { on: "mark", value: Number(values[0]), mask: Number(mask) };
}

function payloadOf({ protocol, field }: Json, values: readonly unknown[]): Match | null {
  if (protocol === "ip" && (field === "saddr" || field === "daddr")) {
    const prefixes = values.map(prefixOf);
    if (prefixes.some((prefix) => prefix === null)) return null;
    return { on: field === "saddr" ? "src" : "dst", prefixes: prefixes as string[] };
  }
  if (protocol === "ip" && field === "protocol") return { on: "protocol", names: texts(values) };
  if (field !== "dport") return null;
  const ranges = values.map(rangeOf);
  return ranges.some((range) => range === null)
    ? null
    : { on: "dstPort", ranges: ranges as PortRange[] };
}

function metaOf({ key }: Json, values: readonly unknown[]): Match | null {
  switch (key) {
    case "iifname":
    case "iif":
      return { on: "inDev", names: texts(values) };
    case "oifname":
    case "oif":
      return { on: "outDev", names: texts(values) };
    case "l4proto":
      return { on: "protocol", names: texts(values) };
    case "mark":
      return { on: "mark", value: Number(values[0]), mask: 0xffffffff };
    default:
      return null;
  }
}

/** One value, or those of an anonymous set; null for a named set, whose elements are elsewhere. */
function valuesOf(right: unknown): readonly unknown[] | null {
  if (typeof right === "string" && right.startsWith("@")) return null;
  if (isJson(right) && Array.isArray(right.set)) return right.set;
  return Array.isArray(right) ? right : [right];
}

function prefixOf(value: unknown): string | null {
  if (typeof value === "string") return /^[\d.]+$/.test(value) ? `${value}/32` : null;
  if (!isJson(value) || !isJson(value.prefix)) return null;
  return `${value.prefix.addr}/${value.prefix.len}`;
}

function rangeOf(value: unknown): PortRange | null {
  if (typeof value === "number") return [value, value];
  if (!isJson(value) || !Array.isArray(value.range)) return null;
  return [Number(value.range[0]), Number(value.range[1])];
}

function texts(values: readonly unknown[]): string[] {
  return values.map(String);
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
