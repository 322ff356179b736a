// The rules by nft: the table is ours alone, and is replaced as a whole. As with iptables, what nft
// lists right after is what is compared later.
import { NFT_TABLES, nftScript } from "../../../agent/nftables.ts";
import type { Family, FilterChain } from "../../../agent/rules.ts";
import type { FilterDriver } from "./driver.ts";
import { FirewallError, filterTool } from "./error.ts";

export class NftablesDriver implements FilterDriver {
  readonly family: Family;
  #put: string | null = null;

  constructor(family: Family) {
    this.family = family;
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
    await filterTool("nft", ["-f", "-"], nftScript(this.family, chains, isRandom));
    if (chains.length === 0) return;
    const objects = await this.#look();
    const count = chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    if (objects?.filter((object) => "rule" in object).length !== count) {
      const { name } = NFT_TABLES[this.family];
      throw new FirewallError("Refused", `nft: ${name} is not what was just put`);
    }
    this.#put = JSON.stringify(objects);
  }

  async drift(): Promise<string> {
    if (this.#put === null) return "";
    const { name } = NFT_TABLES[this.family];
    const objects = await this.#look();
    if (objects === null) return `table ${name} is gone`;
    return JSON.stringify(objects) === this.#put ? "" : `the rules of table ${name} changed`;
  }

  async remove(): Promise<boolean> {
    this.#put = null;
    if (!(await this.#isThere())) return false;
    await filterTool("nft", ["-f", "-"], nftScript(this.family, [], false));
    return true;
  }

  /** The table as nft lists it, without what changes by itself; null when there is none. */
  async #look(): Promise<object[] | null> {
    if (!(await this.#isThere())) return null;
    const { family, name } = NFT_TABLES[this.family];
    const listing = await filterTool("nft", ["-j", "list", "table", family, name]);
    const parsed: { nftables: object[] } = JSON.parse(listing, withoutHandles);
    return parsed.nftables;
  }

  async #isThere(): Promise<boolean> {
    const { family, name } = NFT_TABLES[this.family];
    const listing = await filterTool("nft", ["-j", "list", "tables", family]);
    const parsed: { nftables: { table?: { name: string } }[] } = JSON.parse(listing);
    return parsed.nftables.some((object) => object.table?.name === name);
  }
}

function withoutHandles(key: string, value: unknown): unknown {
  return key === "handle" ? undefined : value;
}
