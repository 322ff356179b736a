// What stands in a table of iptables and is ours, read from iptables-save.
import {
  IPTABLES_PLACES,
  type IptablesPlace,
  iptablesHook,
  iptablesLine,
} from "../../../agent/iptables.ts";
import type { ChainPurpose } from "../../../agent/rules.ts";

export interface Standing {
  /** Whether our chain exists. */
  readonly hasChain: boolean;
  /** The rules of our chain, as printed. */
  readonly rules: readonly string[];
  /** Whether the kernel's chain leads to ours. */
  readonly hasHook: boolean;
  /** Lines that take away what is ours in other chains: second hooks, rules of an old flannel. */
  readonly drops: readonly string[];
  /** The line that takes away the hook as well. */
  readonly unhook: readonly string[];
}

/** Requires: `listing` is what iptables-save printed of the purpose's table. */
export function standingOf(purpose: ChainPurpose, listing: string): Standing {
  const place = IPTABLES_PLACES[purpose];
  const lines = listing.split("\n");
  const hook = iptablesLine("-A", place.hook, iptablesHook(purpose));
  const isRule = (line: string): boolean => line.startsWith(`-A ${place.chain} `);
  const strays = lines.filter((line) => !isRule(line) && isOurs(line, place));
  const firstHook = strays.indexOf(hook);
  const drops = strays.filter((_, index) => index !== firstHook).map(dropping);
  return {
    hasChain: lines.some((line) => line.startsWith(`:${place.chain} `)),
    rules: lines.filter(isRule),
    hasHook: firstHook >= 0,
    drops,
    unhook: firstHook >= 0 ? [dropping(hook)] : [],
  };
}

/** A rule in another chain that leads to ours, or has our comment. */
function isOurs(line: string, place: IptablesPlace): boolean {
  if (!line.startsWith("-A ")) return false;
  const isJump = line.endsWith(` -j ${place.chain}`) || line.endsWith(` -g ${place.chain}`);
  return isJump || line.includes(` --comment "${place.comment}"`);
}

/** What iptables-save prints is what iptables-restore reads. */
function dropping(line: string): string {
  return `-D ${line.slice("-A ".length)}`;
}
