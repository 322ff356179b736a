// What stands in a table of iptables, read from iptables-save: which of it is ours, and which is
// another agent's on this host, whose chains have the same names. Every rule but that for
// kube-proxy's mark names the agent's network, and so tells whose it is; a rule that names none and
// has not flannel's comment is a stranger in our chain, and counts as ours, so that it goes.
import {
  IPTABLES_PLACES,
  type IptablesPlace,
  iptablesHook,
  iptablesLine,
} from "../../../agent/iptables.ts";
import type { ChainPurpose } from "../../../agent/rules.ts";

/** Networks whose rules are ours; null: all are. */
export type Ownership = readonly string[] | null;

export interface Standing {
  /** Whether the chain exists, and whether the kernel's leads to it. */
  readonly hasChain: boolean;
  readonly hasHook: boolean;
  /** The chain's rules but for other agents', as printed. */
  readonly own: readonly string[];
  /** Those that all agents share: the mark's. */
  readonly shared: readonly string[];
  /** Other agents' rules in the chain. */
  readonly others: readonly string[];
  /** Whether what all share comes before all else. */
  readonly isSharedFirst: boolean;
  /** Lines that take away what is ours in other chains: second hooks, rules of an old flannel. */
  readonly drops: readonly string[];
  /** The line that takes away the hook as well. */
  readonly unhook: readonly string[];
}

/** Requires: `listing` is what iptables-save printed of the purpose's table. */
export function standingOf(purpose: ChainPurpose, listing: string, ownership: Ownership): Standing {
  const place = IPTABLES_PLACES[purpose];
  const lines = listing.split("\n").map((line) => line.trimEnd());
  const rules = lines.filter((line) => line.startsWith(`-A ${place.chain} `));
  const others = rules.filter((line) => isOthers(line, place, ownership));
  const own = rules.filter((line) => !others.includes(line));
  const shared = own.filter((line) => hasComment(line, place) && !namesPrefix(line));
  const hook = iptablesLine("-A", place.hook, iptablesHook(purpose));
  const strays = lines.filter((line) => isStray(line, place, ownership));
  const firstHook = strays.indexOf(hook);
  return {
    hasChain: lines.some((line) => line.startsWith(`:${place.chain} `)),
    hasHook: firstHook >= 0,
    own,
    shared,
    others,
    isSharedFirst: shared.length === 0 || rules[0] === shared[0],
    drops: strays.filter((_, index) => index !== firstHook).map(dropping),
    unhook: firstHook >= 0 ? [dropping(hook)] : [],
  };
}

function isOthers(line: string, place: IptablesPlace, ownership: Ownership): boolean {
  if (!hasComment(line, place) || !namesPrefix(line)) return false;
  return !isOwned(line, ownership);
}

/** A rule in another chain that leads to ours, or that flannel once put there for our network. */
function isStray(line: string, place: IptablesPlace, ownership: Ownership): boolean {
  if (!line.startsWith("-A ") || line.startsWith(`-A ${place.chain} `)) return false;
  const isJump = line.endsWith(` -j ${place.chain}`) || line.endsWith(` -g ${place.chain}`);
  return isJump || (hasComment(line, place) && isOwned(line, ownership));
}

function isOwned(line: string, ownership: Ownership): boolean {
  const words = line.split(" ");
  return ownership === null || ownership.some((network) => words.includes(network));
}

function hasComment(line: string, place: IptablesPlace): boolean {
  return line.includes(` --comment "${place.comment}"`);
}

function namesPrefix(line: string): boolean {
  return / -[sd] /.test(line);
}

/** What iptables-save prints is what iptables-restore reads. */
function dropping(line: string): string {
  return `-D ${line.slice("-A ".length)}`;
}
