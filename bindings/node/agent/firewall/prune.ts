// iptables on nf_tables makes a table and the kernel's chain with the first rule, and leaves both
// behind when the last one goes: every packet still passes them. A host that had neither is to have
// neither again, and nobody else may lose a rule that comes in while we look.
import type { IptablesPlace } from "../../../agent/iptables.ts";
import type { Family } from "../../../agent/rules.ts";
import { FirewallError, filterTool } from "./error.ts";

const BUILTINS: Readonly<Record<IptablesPlace["table"], readonly string[]>> = {
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** What `nft -j list table` says of the things in a table, as far as we ask. */
interface NftObject {
  readonly metainfo?: object;
  readonly table?: object;
  readonly chain?: { readonly name: string; readonly policy?: string };
  readonly rule?: { readonly chain: string };
}

/** Takes away the kernel's chain that led to ours, and its table, when nothing is in them. */
export async function prune(family: Family, place: IptablesPlace): Promise<void> {
  const program = family === "ipv4" ? "iptables" : "ip6tables";
  const { hook, table } = place;
  try {
    const version = await filterTool(program, ["--version"]);
    if (!version.includes("nf_tables")) return; // the tables of the other come with a module
    const objects = await objectsOf(family, table);
    if (!isIdle(objects, hook)) return;
    // iptables, unlike nft, deletes no chain that has got a rule meanwhile.
    await filterTool(program, ["--table", table, "--delete-chain", hook]);
    if (objects.length === 1) await deleteTable(family, table);
  } catch (error) {
    if (!(error instanceof FirewallError)) throw error; // else they stay, and do no harm
  }
}

async function objectsOf(family: Family, table: string): Promise<NftObject[]> {
  const listing = await filterTool("nft", ["-j", "list", "table", nftFamily(family), table]);
  const parsed: { nftables: NftObject[] } = JSON.parse(listing);
  return parsed.nftables.filter((object) => !object.metainfo && !object.table);
}

function isIdle(objects: readonly NftObject[], hook: string): boolean {
  const chain = objects.find((object) => object.chain?.name === hook)?.chain;
  return chain?.policy === "accept" && !objects.some((object) => object.rule?.chain === hook);
}

/** Where a chain came back meanwhile, it cannot be created, and nothing of this happens. */
async function deleteTable(family: Family, table: IptablesPlace["table"]): Promise<void> {
  const where = `${nftFamily(family)} ${table}`;
  const guards = BUILTINS[table].map((chain) => `create chain ${where} ${chain}`);
  await filterTool("nft", ["-f", "-"], [...guards, `delete table ${where}`, ""].join("\n"));
}

function nftFamily(family: Family): "ip" | "ip6" {
  return family === "ipv4" ? "ip" : "ip6";
}
