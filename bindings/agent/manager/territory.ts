// One listing of a network's leases as who looks for a subnet sees it: what is ours, what is free.
import { parseNetwork, printPrefix } from "../../core/address.ts";
import type { LeaseConfigInit, LeaseRules } from "../../core/lease.ts";
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig } from "../config.ts";
import type { Claim } from "./reader.ts";

export interface Own {
  /** To be used on. */
  readonly fit: Claim | null;
  /** Not as the config wants them, or the younger ones of two that overlap. */
  readonly unfit: readonly Claim[];
}

export class Territory {
  readonly #rules: LeaseRules;
  readonly #config: LeaseConfigInit;
  #claims: readonly Claim[];
  /** Taken since the listing. */
  readonly #lost: string[] = [];

  constructor(rules: LeaseRules, config: NetworkConfig, claims: readonly Claim[]) {
    const { network, subnetLen, subnetMin, subnetMax } = config;
    this.#rules = rules;
    this.#config = { network, subnetLen, subnetMin, subnetMax };
    this.#claims = claims;
  }

  /** Leases of this node, by its public address; of several that fit, the one it had before. */
  own(publicIp: string, previous: string | null): Own {
    const own = this.#claims.filter((claim) => claim.lease?.attrs.publicIp === publicIp);
    const fits = own.filter((claim) => this.#isFit(claim, publicIp));
    const fit = fits.find(({ subnet }) => subnet === previous) ?? fits[0] ?? null;
    return { fit, unfit: own.filter((claim) => !fits.includes(claim)) };
  }

  /** Who has some of a subnet that `claim` names, and had it first. */
  elder({ entry, subnet }: Claim, publicIp: string): Claim | undefined {
    const elders = this.#claims.filter((other) => {
      const isOurs = other.lease?.attrs.publicIp === publicIp;
      return !isOurs && other.entry.createRevision < entry.createRevision;
    });
    const index = this.#rules.overlap(elders.map(bare), subnet);
    return index === undefined ? undefined : elders[index];
  }

  /** That it is one of the config's, and nobody has any of it. */
  isFree(subnet: string): boolean {
    const isOurKind = this.#rules.isCompatible(this.#config, subnet);
    return isOurKind && this.#rules.overlap(this.#taken(), subnet) === undefined;
  }

  /** Throws HeddleError OutOfSubnets. */
  draw(dice: number): string {
    return this.#rules.pick(this.#config, this.#taken(), dice).subnet;
  }

  /** Somebody was faster. */
  lose(subnet: string): void {
    this.#lost.push(subnet);
  }

  /** It is gone from the store. */
  drop(claim: Claim): void {
    this.#claims = this.#claims.filter((other) => other !== claim);
  }

  find(key: string): Claim | undefined {
    return this.#claims.find(({ entry }) => entry.key === key);
  }

  #isFit(claim: Claim, publicIp: string): boolean {
    if (claim.ipv6Subnet !== null) return false;
    if (!this.#rules.isCompatible(this.#config, claim.subnet)) return false;
    return this.elder(claim, publicIp) === undefined;
  }

  #taken(): { subnet: string }[] {
    return [...this.#claims.map(bare), ...this.#lost.map((subnet) => ({ subnet }))];
  }
}

function bare({ subnet }: Claim): { subnet: string } {
  return { subnet };
}

/** "10.5.72.1/24" is the subnet 10.5.72.0/24; null for what is none. */
export function subnetOf(text: string): string | null {
  try {
    return printPrefix(parseNetwork(text));
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    return null;
  }
}
