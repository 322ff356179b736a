// iptables on nf_tables makes a table with the first rule, and leaves it behind when the last one
// goes: empty chains that every packet still passes. A host that had no such table is to have none
// again, and nobody else may lose a rule that comes in while we look.
import type { Family } from "../../../agent/rules.ts";
import { FirewallError, filterTool } from "./error.ts";

const BUILTINS = {
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
} as const;

/** Takes a table of iptables away when nothing is in it that acts. */
export async function pruneTable(family: Family, table: "nat" | "filter"): Promise<void> {
  const program = family === "ipv4" ? "iptables" : "ip6tables";
  const nftFamily = family === "ipv4" ? "ip" : "ip6";
  try {
    const version = await filterTool(program, ["--version"]);
    if (!version.includes("nf_tables")) return; // the tables of the other come with a module
    const listing = await filterTool("nft", ["-j", "list", "table", nftFamily, table]);
    const idle = idleChains(listing, BUILTINS[table]);
    if (idle === null) return;
    // iptables deletes no chain that has a rule, unlike nft.
    for (const chain of idle) await filterTool(program, ["-t", table, "-X", chain]);
    // And where a chain came back, it cannot be created, and nothing of this happens.
    const guards = BUILTINS[table].map((chain) => `create chain ${nftFamily} ${table} ${chain}`);
    const script = [...guards, `delete table ${nftFamily} ${table}`, ""].join("\n");
    await filterTool("nft", ["-f", "-"], script);
  } catch (error) {
    if (!(error instanceof FirewallError)) throw error; // else it stays, and does no harm
  }
}

/** The chains of a table in which nothing is but empty chains that accept; null when more is. */
function idleChains(listing: string, builtins: readonly string[]): string[] | null {
  const parsed: { nftables: Record<string, NftChain>[] } = JSON.parse(listing);
  const idle: string[] = [];
  for (const object of parsed.nftables) {
    if ("metainfo" in object || "table" in object) continue;
    const chain = object.chain;
    if (chain === undefined || chain.policy !== "accept") return null;
    if (!builtins.includes(chain.name)) return null;
    idle.push(chain.name);
  }
  return idle;
}

interface NftChain {
  readonly name: string;
  /** Only of chains that the kernel calls. */
  readonly policy?: string;
}
