// The rules in the words of iptables, as flannel orders them and as iptables-save prints them: one
// can be compared with the other as text.
import type { ChainPurpose, FilterChain, FilterRule, PrefixMatch } from "./rules.ts";

/** Where a chain of ours lies, and from which chain of the kernel's it is reached. */
export interface IptablesPlace {
  readonly table: "nat" | "filter";
  readonly hook: "POSTROUTING" | "FORWARD";
  readonly chain: string;
  /** On every rule of ours, so that it is known among others. */
  readonly comment: string;
}

export const IPTABLES_PLACES: Readonly<Record<ChainPurpose, IptablesPlace>> = {
  masq: {
    table: "nat",
    hook: "POSTROUTING",
    chain: "FLANNEL-POSTRTG",
    comment: "flanneld masq",
  },
  forward: { table: "filter", hook: "FORWARD", chain: "FLANNEL-FWD", comment: "flanneld forward" },
};

/** The rule in the kernel's chain that leads to ours, as an argument list behind `-A CHAIN`. */
export function iptablesHook(purpose: ChainPurpose): string[] {
  const { chain, comment } = IPTABLES_PLACES[purpose];
  return ["-m", "comment", "--comment", comment, "-j", chain];
}

/** The rules of a chain, as argument lists behind `-A CHAIN`. */
export function iptablesRules(chain: FilterChain, isRandom: boolean): string[][] {
  const { comment } = IPTABLES_PLACES[chain.purpose];
  return chain.rules.map((rule) => [
    ...matchWords("-s", rule.src),
    ...matchWords("-d", rule.dst),
    ...markWords(rule.mark),
    ...["-m", "comment", "--comment", comment],
    ...["-j", rule.target.toUpperCase()],
    ...(rule.target === "masquerade" && isRandom ? ["--random-fully"] : []),
  ]);
}

function matchWords(flag: string, match: PrefixMatch | undefined): string[] {
  if (match === undefined) return [];
  return match.isNot ? ["!", flag, match.prefix] : [flag, match.prefix];
}

function markWords(mark: FilterRule["mark"]): string[] {
  if (mark === undefined) return [];
  const hex = `0x${mark.toString(16)}`;
  return ["-m", "mark", "--mark", `${hex}/${hex}`];
}

/** One line for iptables-restore, or of iptables-save: `-A POSTROUTING -m comment ...`. */
export function iptablesLine(action: "-A" | "-D", chain: string, words: readonly string[]): string {
  return [action, chain, ...words.map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /[\s"\\]/.test(word) ? `"${word.replace(/["\\]/g, "\\$&")}"` : word;
}

/** What stands already, and how it is met. */
export interface IptablesStanding {
  /** Else the hook is appended. */
  readonly hasHook: boolean;
  /** Lines as `-D CHAIN ...`: what is to go. */
  readonly drops: readonly string[];
  /** Lines as `-A CHAIN ...`: what others have in the chain, and keep. */
  readonly others?: readonly string[];
}

/**
 * What makes a chain whole, for `iptables-restore --noflush`: the chain is made, or emptied, and
 * filled, all at once.
 */
export function iptablesPayload(
  chain: FilterChain,
  isRandom: boolean,
  standing: IptablesStanding,
): string {
  const place = IPTABLES_PLACES[chain.purpose];
  const hook = iptablesLine("-A", place.hook, iptablesHook(chain.purpose));
  const rules = iptablesRules(chain, isRandom).map((words) =>
    iptablesLine("-A", place.chain, words),
  );
  return [
    `*${place.table}`,
    `:${place.chain} - [0:0]`,
    ...standing.drops,
    ...(standing.hasHook ? [] : [hook]),
    ...rules,
    ...(standing.others ?? []),
    "COMMIT",
    "",
  ].join("\n");
}
