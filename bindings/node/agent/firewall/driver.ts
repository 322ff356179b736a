// What the two packet filters have in common.
import type { Family, FilterChain } from "../../../agent/rules.ts";

export type FilterMode = "iptables" | "nftables";

/** The rules of one family in one packet filter. All throw FirewallError. */
export interface FilterDriver {
  readonly family: Family;
  /** Whether source ports can be drawn fully at random. */
  supportsRandom(): Promise<boolean>;
  /** Makes these chains whole, whatever stood there, and takes away those that are not named. */
  apply(chains: readonly FilterChain[], isRandom: boolean): Promise<void>;
  /** What is no longer as `apply` left it, in words; "" when all is. */
  drift(): Promise<string>;
  /** Takes away all that is ours; false when nothing was. */
  remove(): Promise<boolean>;
}
