// The rules by iptables: one restore makes a chain whole. What the kernel says of it right after is
// what is compared later: order, duplicates and foreign rules in our chains are seen, and no
// version's wording is taken for a change.
import { IPTABLES_PLACES, iptablesPayload } from "../../../agent/iptables.ts";
import type { ChainPurpose, Family, FilterChain } from "../../../agent/rules.ts";
import type { FilterDriver } from "./driver.ts";
import { FirewallError, filterTool } from "./error.ts";
import { prune } from "./prune.ts";
import { type Ownership, type Standing, standingOf } from "./standing.ts";

const PURPOSES: readonly ChainPurpose[] = ["masq", "forward"];
/** Somebody may change the table between our look and our change. */
const TRIES_MAX = 3;
/** Seconds that legacy iptables waits for its lock; the one on nf_tables has no lock. */
const LOCK_WAIT_S = "5";
const PROBE_CHAIN = "HEDDLE-PROBE";

export class IptablesDriver implements FilterDriver {
  readonly family: Family;
  readonly #program: "iptables" | "ip6tables";
  readonly #ownership: Ownership;
  /** What stood in each chain that was put, right after. */
  readonly #put = new Map<ChainPurpose, string>();

  constructor(family: Family, ownership: Ownership) {
    this.family = family;
    this.#ownership = ownership;
    this.#program = family === "ipv4" ? "iptables" : "ip6tables";
  }

  async supportsRandom(): Promise<boolean> {
    const rule = `-A ${PROBE_CHAIN} -j MASQUERADE --random-fully`;
    const payload = ["*nat", `:${PROBE_CHAIN} - [0:0]`, rule, "COMMIT", ""].join("\n");
    try {
      await this.#restore(payload, "--test");
      return true;
    } catch (error) {
      if (error instanceof FirewallError && error.code === "Refused") return false;
      throw error;
    }
  }

  async apply(chains: readonly FilterChain[], isRandom: boolean): Promise<void> {
    for (const purpose of PURPOSES) {
      const chain = chains.find((each) => each.purpose === purpose);
      await (chain === undefined ? this.#takeAway(purpose) : this.#putWhole(chain, isRandom));
    }
  }

  async drift(): Promise<string> {
    const found: string[] = [];
    for (const [purpose, rules] of this.#put) {
      const { chain, hook } = IPTABLES_PLACES[purpose];
      const standing = await this.#look(purpose);
      const isAsPut = standing.own.join("\n") === rules && standing.isSharedFirst;
      if (!standing.hasChain) found.push(`chain ${chain} is gone`);
      else if (!isAsPut) found.push(`the rules of ${chain} changed`);
      if (!standing.hasHook) found.push(`${hook} does not lead to ${chain}`);
      if (standing.drops.length > 0) found.push(`${hook} leads to ${chain} more than once`);
    }
    return found.join(", ");
  }

  async remove(): Promise<boolean> {
    const taken: boolean[] = [];
    for (const purpose of PURPOSES) taken.push(await this.#takeAway(purpose));
    return taken.includes(true);
  }

  async #putWhole(chain: FilterChain, isRandom: boolean): Promise<void> {
    const { purpose, rules } = chain;
    await this.#change(purpose, (standing) => iptablesPayload(chain, isRandom, standing));
    const standing = await this.#look(purpose);
    const isWhole = standing.own.length === rules.length && standing.hasHook;
    if (!isWhole || standing.drops.length > 0) {
      const { chain: name } = IPTABLES_PLACES[purpose];
      throw new FirewallError("Refused", `${this.#program}: ${name} is not what was just put`);
    }
    this.#put.set(purpose, standing.own.join("\n"));
  }

  async #takeAway(purpose: ChainPurpose): Promise<boolean> {
    this.#put.delete(purpose);
    const hasChanged = await this.#change(purpose, (standing) => removal(purpose, standing));
    if (hasChanged) await prune(this.family, IPTABLES_PLACES[purpose]);
    return hasChanged;
  }

  /** Restores what `payloadOf` makes of what stands; false when it makes nothing. */
  async #change(
    purpose: ChainPurpose,
    payloadOf: (standing: Standing) => string,
  ): Promise<boolean> {
    for (let triesLeft = TRIES_MAX - 1; ; triesLeft--) {
      const payload = payloadOf(await this.#look(purpose));
      if (payload === "") return false;
      try {
        await this.#restore(payload);
        return true;
      } catch (error) {
        if (triesLeft === 0) throw error;
      }
    }
  }

  async #look(purpose: ChainPurpose): Promise<Standing> {
    const { table } = IPTABLES_PLACES[purpose];
    return standingOf(
      purpose,
      await filterTool(`${this.#program}-save`, ["-t", table]),
      this.#ownership,
    );
  }

  async #restore(payload: string, ...options: readonly string[]): Promise<void> {
    const words = ["--noflush", "--wait", LOCK_WAIT_S, ...options];
    await filterTool(`${this.#program}-restore`, words, payload);
  }
}

function removal(purpose: ChainPurpose, standing: Standing): string {
  const { table, chain } = IPTABLES_PLACES[purpose];
  const { drops, hasChain, others, own, shared, unhook } = standing;
  if (others.length > 0) {
    if (own.length === shared.length && drops.length === 0) return "";
    const rest = [`:${chain} - [0:0]`, ...shared, ...others];
    return [`*${table}`, ...drops, ...rest, "COMMIT", ""].join("\n");
  }
  const all = [...drops, ...unhook, ...(hasChain ? [`-F ${chain}`, `-X ${chain}`] : [])];
  return all.length === 0 ? "" : [`*${table}`, ...all, "COMMIT", ""].join("\n");
}
