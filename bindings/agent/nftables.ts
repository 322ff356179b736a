// The rules in the words of nft, in flannel's tables and chains. All is spelled as flannel leaves
// it, but for two rules that flannel gets wrong there (pkg/trafficmngr/nftables of flannel), and
// which do here what they do under iptables:
//   1  flannel compares the whole mark with 0x4000; another bit beside it hides kube-proxy's
//   4  flannel returns what comes from outside P to C; then 6 is never reached, and a host that
//      speaks to a pod of another node does so from an address that this node may not know
import type { ChainPurpose, Family, FilterChain, FilterRule, PrefixMatch } from "./rules.ts";

/** A table that is ours alone: `ip flannel-ipv4`. */
export interface NftTable {
  readonly family: "ip" | "ip6";
  readonly name: string;
}

export const NFT_TABLES: Readonly<Record<Family, NftTable>> = {
  ipv4: { family: "ip", name: "flannel-ipv4" },
  ipv6: { family: "ip6", name: "flannel-ipv6" },
};

interface NftPlace {
  readonly chain: string;
  readonly comment: string;
  readonly hook: string;
}

// The comments are flannel's to the letter: its end-to-end tests compare the printed chains.
const PLACES: Readonly<Record<ChainPurpose, NftPlace>> = {
  masq: {
    chain: "postrtg",
    comment: "chain to manage traffic masquerading by flannel",
    hook: "type nat hook postrouting priority srcnat",
  },
  forward: {
    chain: "forward",
    comment: "chain to accept flannel traffic",
    hook: "type filter hook forward priority filter",
  },
};

/** The rules of a chain, as nft prints them. */
export function nftRules(chain: FilterChain, isRandom: boolean): string[] {
  const { family } = NFT_TABLES[chain.family];
  return chain.rules.map((rule) =>
    [
      ...markWords(rule.mark),
      ...matchWords(`${family} saddr`, rule.src),
      ...matchWords(`${family} daddr`, rule.dst),
      rule.target,
      ...(rule.target === "masquerade" && isRandom ? ["fully-random"] : []),
    ].join(" "),
  );
}

function matchWords(field: string, match: PrefixMatch | undefined): string[] {
  if (match === undefined) return [];
  return [field, ...(match.isNot ? ["!="] : []), match.prefix];
}

function markWords(mark: FilterRule["mark"]): string[] {
  if (mark === undefined) return [];
  const hex = `0x${mark.toString(16).padStart(8, "0")}`;
  return [`meta mark & ${hex} == ${hex}`];
}

/**
 * What makes the table of a family hold these chains and nothing else, for `nft -f -`: one
 * transaction, so that no packet meets half of it. Without chains: the table is gone.
 */
export function nftScript(
  family: Family,
  chains: readonly FilterChain[],
  isRandom: boolean,
): string {
  const { family: nftFamily, name } = NFT_TABLES[family];
  const table = `${nftFamily} ${name}`;
  // Adding what is there does nothing, and deleting what is not fails: so first the one.
  const lines = [`add table ${table}`, `delete table ${table}`];
  if (chains.length > 0) lines.push(`add table ${table} { comment "rules for ${name}" ; }`);
  for (const chain of chains) {
    const { chain: chainName, comment, hook } = PLACES[chain.purpose];
    const words = `comment "${comment}" ; ${hook} ; policy accept ;`;
    lines.push(`add chain ${table} ${chainName} { ${words} }`);
    for (const rule of nftRules(chain, isRandom)) {
      lines.push(`add rule ${table} ${chainName} ${rule}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
