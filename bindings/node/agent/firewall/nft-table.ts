// What stands in our table of nftables, read from `nft -j`: as with iptables, a rule tells by the
// network in it whose it is; only the mark's names none, and all agents of a host share it.
import { NFT_PLACES, type NftHandle } from "../../../agent/nftables.ts";
import type { ChainPurpose } from "../../../agent/rules.ts";
import type { Ownership } from "./standing.ts";

/** A thing in a table as nft lists it, as far as we ask. */
interface NftObject {
  readonly chain?: { readonly name: string; readonly handle: number };
  readonly rule?: { readonly chain: string; readonly handle: number; readonly expr: unknown };
}

export interface NftStanding {
  /** Our rules in our chains, but for those of the mark. */
  readonly own: readonly NftHandle[];
  /** The mark's. */
  readonly shared: readonly NftHandle[];
  /** Whether others have rules or chains in the table. */
  readonly hasOthers: boolean;
  /** Our chains and rules in their order: equal texts, equal rules. */
  readonly picture: string;
}

const PURPOSES: readonly ChainPurpose[] = ["masq", "forward"];

/** Requires: `listing` is what `nft -j list table` printed. */
export function nftStandingOf(listing: string, ownership: Ownership): NftStanding {
  const { nftables }: { nftables: NftObject[] } = JSON.parse(listing);
  const chains = nftables.flatMap(({ chain }) => (chain === undefined ? [] : [chain]));
  const rules = nftables.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  const firsts = new Set(chains.map(({ name }) => rules.find((rule) => rule.chain === name)));
  const standing = { own: [] as NftHandle[], shared: [] as NftHandle[] };
  const picture: unknown[] = [];
  let hasOthers = false;
  for (const { handle: _, ...chain } of chains) {
    if (purposeOf(chain.name) === undefined) hasOthers = true;
    else picture.push(chain);
  }
  for (const rule of rules) {
    const purpose = purposeOf(rule.chain);
    const whose = whoseIs(rule.expr, ownership);
    if (purpose === undefined || whose === "others") {
      hasOthers = true;
      continue;
    }
    standing[whose].push({ purpose, handle: rule.handle });
    picture.push([rule.chain, rule.expr, whose === "own" || firsts.has(rule)]);
  }
  return { ...standing, hasOthers, picture: JSON.stringify(picture) };
}

function purposeOf(chain: string): ChainPurpose | undefined {
  return PURPOSES.find((purpose) => NFT_PLACES[purpose].chain === chain);
}

function whoseIs(expr: unknown, ownership: Ownership): "own" | "shared" | "others" {
  const text = JSON.stringify(expr);
  if (!text.includes('"saddr"') && !text.includes('"daddr"')) return "shared";
  const isOwn = ownership?.some((network) => text.includes(prefixText(network))) ?? true;
  return isOwn ? "own" : "others";
}

/** "10.5.0.0/16" as it stands in a rule of JSON. */
function prefixText(network: string): string {
  const [addr = "", len = ""] = network.split("/");
  return JSON.stringify({ addr, len: Number(len) });
}
