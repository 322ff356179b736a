// A host's packet filter, whoever wrote it and in whatever language, as chains of rules that can be
// asked what they do to one packet. What a rule matches by that nobody here understands counts as
// "does not match": a verdict is then about the packets that the rule leaves alone.
import { isInside } from "../reconcile.ts";

export type Hook = "input" | "forward" | "output" | "postrouting";
export type Protocol = "udp" | "tcp" | "icmp";

/** The first packet of a flow, as a filter sees it. */
export interface Specimen {
  readonly src: string;
  readonly dst: string;
  /** Left out: from this host, or for it. */
  readonly inDev?: string;
  readonly outDev?: string;
  readonly protocol: Protocol;
  readonly dstPort: number;
  readonly mark?: number;
}

/** Inclusive. */
export type PortRange = readonly [number, number];

export type Test =
  | { readonly on: "src" | "dst"; readonly prefixes: readonly string[] }
  | { readonly on: "inDev" | "outDev"; readonly names: readonly string[] }
  | { readonly on: "protocol"; readonly names: readonly string[] }
  | { readonly on: "dstPort"; readonly ranges: readonly PortRange[] }
  | { readonly on: "mark"; readonly value: number; readonly mask: number }
  | { readonly on: "state"; readonly names: readonly string[] }
  | { readonly on: "unknown" };

export type Match = Test & { readonly isNegated?: boolean };

export type Action =
  | { readonly kind: "accept" | "drop" | "rewrite" | "return" | "none" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

export interface Rule {
  readonly matches: readonly Match[];
  readonly action: Action;
  /** As its own tool prints it, without the chain. */
  readonly text: string;
}

export interface Chain {
  readonly tool: "iptables" | "nft";
  /** "nat", or for nft with the family: "ip nat". */
  readonly table: string;
  readonly name: string;
  /** Null for chains that only others lead to. */
  readonly hook: Hook | null;
  readonly priority: number;
  readonly policy: "accept" | "drop";
  readonly rules: readonly Rule[];
}

/** What becomes of a packet, and which chain of a hook did it; `rule` null: by its policy. */
export interface Verdict {
  readonly outcome: "accept" | "drop" | "rewrite";
  readonly chain: Chain | null;
  readonly rule: Rule | null;
}

const DEPTH_MAX = 32;
const ACCEPTED: Verdict = { outcome: "accept", chain: null, rule: null };

/** Asks all chains of a hook: one that drops or rewrites decides, whatever others accept. */
export function judge(chains: readonly Chain[], hook: Hook, packet: Specimen): Verdict {
  const bases = chains.filter((chain) => chain.hook === hook);
  for (const base of [...bases].sort((a, b) => a.priority - b.priority)) {
    const walked = walk(chains, base, packet, 0);
    if (walked?.action === "accept") continue;
    if (walked !== null) return { outcome: walked.action, chain: base, rule: walked.rule };
    if (base.policy === "drop") return { outcome: "drop", chain: base, rule: null };
  }
  return ACCEPTED;
}

interface Walked {
  readonly action: "accept" | "drop" | "rewrite";
  readonly rule: Rule;
}

/** Null: the chain has no more to say. */
function walk(
  chains: readonly Chain[],
  chain: Chain,
  packet: Specimen,
  depth: number,
): Walked | null {
  if (depth > DEPTH_MAX) return null;
  for (const rule of chain.rules) {
    if (!rule.matches.every((match) => isMatch(match, packet))) continue;
    const { action } = rule;
    if (action.kind === "return") return null;
    if (action.kind === "none") continue;
    if (action.kind !== "jump" && action.kind !== "goto") return { action: action.kind, rule };
    const next = chains.find((other) => isNamed(other, chain, action.chain));
    const walked = next === undefined ? null : walk(chains, next, packet, depth + 1);
    if (walked !== null || action.kind === "goto") return walked;
  }
  return null;
}

function isNamed(other: Chain, from: Chain, name: string): boolean {
  return other.tool === from.tool && other.table === from.table && other.name === name;
}

function isMatch(match: Match, packet: Specimen): boolean {
  if (match.on === "unknown") return false;
  return passes(match, packet) !== (match.isNegated ?? false);
}

function passes(match: Exclude<Match, { on: "unknown" }>, packet: Specimen): boolean {
  switch (match.on) {
    case "src":
    case "dst":
      return match.prefixes.some((prefix) => isInside(prefix, packet[match.on]));
    case "inDev":
    case "outDev":
      return match.names.some((name) => isDevice(packet[match.on] ?? "", name));
    case "protocol":
      return match.names.includes(packet.protocol);
    case "dstPort":
      if (packet.protocol === "icmp") return false;
      return match.ranges.some(([min, max]) => packet.dstPort >= min && packet.dstPort <= max);
    case "mark":
      return ((packet.mark ?? 0) & match.mask) >>> 0 === match.value;
    case "state":
      return match.names.includes("new");
  }
}

/** "veth+" of iptables and "veth*" of nft are all that begin so. */
function isDevice(name: string, pattern: string): boolean {
  if (!/[+*]$/.test(pattern)) return name === pattern;
  return name.startsWith(pattern.slice(0, -1));
}
