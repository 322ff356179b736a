// The rules in the words of nft, in flannel's tables and chains. All is spelled as flannel leaves
// it, but for two rules that flannel gets wrong there (pkg/trafficmngr/nftables of flannel), and
// which do here what they do under iptables:
//   1  flannel compares the whole mark with 0x4000; another bit beside it hides kube-proxy's
//   4  flannel returns what comes from outside P to C; then 6 is never reached, and a host that
//      speaks to a pod of another node does so from an address that this node may not know
import type { ChainPurpose, Family, FilterChain, FilterRule, PrefixMatch } from "./rules.ts";

/** A table of flannel's: `ip flannel-ipv4`. */
export interface NftTable {
  readonly family: "ip" | "ip6";
  readonly name: string;
}

export const NFT_TABLES: Readonly<Record<Family, NftTable>> = {
  ipv4: { family: "ip", name: "flannel-ipv4" },
  ipv6: { family: "ip6", name: "flannel-ipv6" },
};

/** A chain of ours, and what the kernel calls it for. */
export interface NftPlace {
  readonly chain: string;
  readonly comment: string;
  readonly hook: string;
}

// The comments are flannel's to the letter: its end-to-end tests compare the printed chains.
export const NFT_PLACES: Readonly<Record<ChainPurpose, NftPlace>> = {
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

/** A rule that stands in a chain, by the number that nft knows it by. */
export interface NftHandle {
  readonly purpose: ChainPurpose;
  readonly handle: number;
}

/**
 * What makes these chains hold these rules, for `nft -f -`, in one transaction. `drops` go; what
 * others have in the table stays, behind the rule that all share.
 */
export function nftScript(
  family: Family,
  chains: readonly FilterChain[],
  isRandom: boolean,
  drops: readonly NftHandle[] = [],
): string {
  const { name } = NFT_TABLES[family];
  const table = nftTable(family);
  const lines = [
    `add table ${table} { comment "rules for ${name}" ; }`,
    ...nftDrops(family, drops),
  ];
  for (const chain of chains) {
    const { chain: chainName, comment, hook } = NFT_PLACES[chain.purpose];
    const words = `comment "${comment}" ; ${hook} ; policy accept ;`;
    lines.push(`add chain ${table} ${chainName} { ${words} }`);
    nftRules(chain, isRandom).forEach((rule, index) => {
      const verb = chain.rules[index]?.mark === undefined ? "add" : "insert";
      lines.push(`${verb} rule ${table} ${chainName} ${rule}`);
    });
  }
  return `${lines.join("\n")}\n`;
}

/** Lines that take rules out of the table. */
export function nftDrops(family: Family, drops: readonly NftHandle[]): string[] {
  const table = nftTable(family);
  return drops.map(
    ({ purpose, handle }) => `delete rule ${table} ${NFT_PLACES[purpose].chain} handle ${handle}`,
  );
}

/** "ip flannel-ipv4". */
export function nftTable(family: Family): string {
  return `${NFT_TABLES[family].family} ${NFT_TABLES[family].name}`;
}
