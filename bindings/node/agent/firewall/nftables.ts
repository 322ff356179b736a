// The rules by nft: the table is replaced as a whole where nobody else has something in it, and
// changed rule by rule where somebody has. As with iptables, what nft lists right after is what is
// compared later.
import { NFT_TABLES, nftDrops, nftScript, nftTable } from "../../../agent/nftables.ts";
import type { Family, FilterChain } from "../../../agent/rules.ts";
import type { FilterDriver } from "./driver.ts";
import { FirewallError, filterTool } from "./error.ts";
import { type NftStanding, nftStandingOf } from "./nft-table.ts";
import type { Ownership } from "./standing.ts";

export class NftablesDriver implements FilterDriver {
  readonly family: Family;
  readonly #ownership: Ownership;
  #put: string | null = null;

  constructor(family: Family, ownership: Ownership) {
    this.family = family;
    this.#ownership = ownership;
  }

  async supportsRandom(): Promise<boolean> {
    const { family } = NFT_TABLES[this.family];
    const table = `${family} heddle-probe`;
    const script = [
      `add table ${table}`,
      `add chain ${table} probe { type nat hook postrouting priority srcnat ; }`,
      `add rule ${table} probe masquerade fully-random`,
      "",
    ].join("\n");
    try {
      await filterTool("nft", ["--check", "-f", "-"], script);
      return true;
    } catch (error) {
      if (error instanceof FirewallError && error.code === "Refused") return false;
      throw error;
    }
  }

  async apply(chains: readonly FilterChain[], isRandom: boolean): Promise<void> {
    this.#put = null;
    const before = await this.#look();
    await this.#run(this.#scriptFor(chains, isRandom, before));
    if (chains.length === 0) return;
    const after = await this.#look();
    const count = chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    if (after === null || after.own.length + after.shared.length !== count) {
      const { name } = NFT_TABLES[this.family];
      throw new FirewallError("Refused", `nft: ${name} is not what was just put`);
    }
    this.#put = after.picture;
  }

  async drift(): Promise<string> {
    if (this.#put === null) return "";
    const { name } = NFT_TABLES[this.family];
    const standing = await this.#look();
    if (standing === null) return `table ${name} is gone`;
    return standing.picture === this.#put ? "" : `the rules of table ${name} changed`;
  }

  async remove(): Promise<boolean> {
    this.#put = null;
    const standing = await this.#look();
    if (standing === null) return false;
    if (standing.hasOthers && standing.own.length === 0) return false;
    await this.#run(this.#scriptFor([], false, standing));
    return true;
  }

  #scriptFor(
    chains: readonly FilterChain[],
    isRandom: boolean,
    standing: NftStanding | null,
  ): string {
    const table = nftTable(this.family);
    if (standing?.hasOthers) {
      // The mark's goes in again where it belongs; without masquerading of ours it is others'.
      const shared = chains.some(({ purpose }) => purpose === "masq") ? standing.shared : [];
      const drops = [...standing.own, ...shared];
      if (chains.length > 0) return nftScript(this.family, chains, isRandom, drops);
      return `${nftDrops(this.family, drops).join("\n")}\n`;
    }
    // Adding what is there does nothing, and deleting what is not fails: so first the one.
    const clean = `add table ${table}\ndelete table ${table}\n`;
    return chains.length > 0 ? `${clean}${nftScript(this.family, chains, isRandom)}` : clean;
  }

  async #run(script: string): Promise<void> {
    await filterTool("nft", ["-f", "-"], script);
  }

  /** Null when there is no such table. */
  async #look(): Promise<NftStanding | null> {
    const { family, name } = NFT_TABLES[this.family];
    const listing = await filterTool("nft", ["-j", "list", "tables", family]);
    const parsed: { nftables: { table?: { name: string } }[] } = JSON.parse(listing);
    if (!parsed.nftables.some((object) => object.table?.name === name)) return null;
    const table = await filterTool("nft", ["-j", "list", "table", family, name]);
    return nftStandingOf(table, this.#ownership);
  }
}
