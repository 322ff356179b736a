// How a node comes by its subnet: the one that it has by its public address, else the one that it
// had, else one that is drawn. What is written is bound to what was read; whoever loses a race
// looks again, and whoever finds an older lease in its way goes.
import type { LeaseRules } from "../../core/lease.ts";
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig } from "../config.ts";
import { subnetKey, subnetsPrefix } from "../key.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { Log } from "../log.ts";
import { StoreError } from "../store.ts";
import { printLeaseAttrs } from "../value.ts";
import type { Claim, LeaseReader } from "./reader.ts";
import { Tenure } from "./tenure.ts";
import { grantTerm, type Term, type TermInit } from "./term.ts";
import { subnetOf, Territory } from "./territory.ts";

export interface AcquireInit extends TermInit {
  readonly prefix: string;
  readonly rules: LeaseRules;
  readonly reader: LeaseReader;
  readonly log: Log;
}

export interface Wish {
  readonly attrs: LeaseAttrs;
  /** The subnet from before. */
  readonly previous: string | null;
}

// A listing is long, and who lost a race knows to whom: a few more draws, and then it is old.
const DRAWS_MAX = 4;
const STALE_OF = 8; // a term that lost so much of its time is no good any more

export class Acquisition {
  readonly #init: AcquireInit;
  readonly #attrs: LeaseAttrs;
  readonly #value: string;
  readonly #previous: string | null;
  /** For the key that is written; one that was not used yet serves the next try. */
  #term: Term | null = null;
  /** It may stand on the key that we have already: with it, the key would go. */
  #isInDoubt = false;

  constructor(init: AcquireInit, { attrs, previous }: Wish) {
    if (attrs.publicIp === "0.0.0.0") {
      throw new HeddleError("BadAddress", attrs.publicIp, "publicIp: the address of one node");
    }
    this.#init = init;
    this.#attrs = attrs;
    this.#value = printLeaseAttrs(attrs);
    this.#previous = previous === null ? null : subnetOf(previous);
  }

  /** One try: null when somebody else was faster, and all has to be looked at anew. */
  async attempt(config: NetworkConfig): Promise<Tenure | null> {
    expectIpv4(config);
    try {
      const territory = await this.#list(config);
      const tenure = await this.#find(territory, config);
      return tenure !== null && this.#isOver(tenure) ? null : tenure;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "LeaseGone") throw error;
      this.#term = null;
      return null;
    }
  }

  /** Gives back what is not needed; best effort, since it ends by itself. */
  async close(): Promise<void> {
    const term = this.#term;
    this.#term = null;
    if (term === null || this.#isInDoubt) return;
    await this.#init.store.revokeLease(term.leaseId).catch(() => {});
  }

  async #list(config: NetworkConfig): Promise<Territory> {
    const { store, prefix, reader, rules } = this.#init;
    const { entries } = await store.list(subnetsPrefix(prefix));
    return new Territory(rules, config, reader.claims(entries));
  }

  async #find(territory: Territory, config: NetworkConfig): Promise<Tenure | null> {
    const { publicIp } = this.#attrs;
    const { fit, unfit } = territory.own(publicIp, this.#previous);
    if (fit !== null) return this.#reuse(fit);
    for (const claim of unfit) {
      const isSettled = await this.#giveUp(claim, territory);
      if (!isSettled) return null;
    }
    const again = this.#free(territory);
    if (again !== null) {
      this.#say("Found previously leased subnet, reusing", again);
      const tenure = await this.#create(again, territory, config);
      if (tenure !== "taken") return tenure;
    }
    return this.#draw(territory, config);
  }

  async #reuse({ entry, subnet, ipv6Subnet }: Claim): Promise<Tenure | null> {
    const { key, modRevision, leaseId } = entry;
    const lease = { key, subnet, ipv6Subnet, attrs: this.#attrs, modRevision, leaseId };
    this.#say("Found lease for current IP, reusing", subnet);
    // A reservation is the operator's: it is used, and stays one.
    if (leaseId === null && entry.value === this.#value) return this.#tenure(lease, null);
    const term = leaseId === null ? null : await this.#grant();
    const id = term?.leaseId ?? null;
    this.#isInDoubt = true;
    const outcome = await this.#init.store.replace(key, this.#value, id, modRevision);
    this.#isInDoubt = false;
    if (!outcome.done) return null;
    return this.#tenure({ ...lease, modRevision: outcome.revision, leaseId: id }, term);
  }

  // False when the key changed meanwhile.
  async #giveUp(claim: Claim, territory: Territory): Promise<boolean> {
    const { store, log } = this.#init;
    const { key, modRevision, leaseId } = claim.entry;
    if (leaseId === null) {
      log("warn", "a reservation for current IP cannot be used", { subnet: claim.subnet });
      return true;
    }
    const what = "Found lease for current IP but not compatible with current config, deleting";
    this.#say(what, claim.subnet);
    const outcome = await store.remove(key, modRevision);
    const isGone = outcome.done || outcome.entry === null;
    if (isGone) territory.drop(claim);
    return isGone;
  }

  #free(territory: Territory): string | null {
    const previous = this.#previous;
    if (previous === null) return null;
    if (territory.isFree(previous)) return previous;
    this.#init.log("warn", "the previous subnet cannot be had again", { subnet: previous });
    return null;
  }

  async #draw(territory: Territory, config: NetworkConfig): Promise<Tenure | null> {
    const { subnetMin, subnetMax } = config;
    const { dice, log } = this.#init;
    log("info", "Picking subnet in range", { subnetMin, subnetMax });
    for (let draws = 0; draws < DRAWS_MAX; draws++) {
      const subnet = this.#drawOne(territory, dice(), draws > 0);
      if (subnet === null) return null;
      const tenure = await this.#create(subnet, territory, config);
      if (tenure !== "taken") return tenure;
    }
    return null;
  }

  // That all are taken is believed of a listing that is fresh.
  #drawOne(territory: Territory, dice: number, isStale: boolean): string | null {
    try {
      return territory.draw(dice);
    } catch (error) {
      if (!isStale || !(error instanceof HeddleError) || error.code !== "OutOfSubnets") throw error;
      return null;
    }
  }

  async #create(
    subnet: string,
    territory: Territory,
    config: NetworkConfig,
  ): Promise<Tenure | "taken" | null> {
    const key = subnetKey(this.#init.prefix, { subnet, ipv6Subnet: null });
    const term = await this.#grant();
    const outcome = await this.#init.store.create(key, this.#value, term.leaseId);
    if (!outcome.done) {
      territory.lose(subnet);
      return "taken";
    }
    return this.#verify(key, outcome.revision, term, config);
  }

  // The key was free, but a subnet has more names than one: the lengths of another config, or the
  // keys of two families. Both see each other here, and the younger one goes.
  async #verify(
    key: string,
    modRevision: bigint,
    term: Term,
    config: NetworkConfig,
  ): Promise<Tenure | null> {
    const territory = await this.#list(config);
    const claim = territory.find(key);
    if (claim === undefined || claim.entry.modRevision !== modRevision) return null;
    const { subnet } = claim;
    const elder = territory.elder(claim, this.#attrs.publicIp);
    if (elder === undefined) {
      const { leaseId } = term;
      const lease = { key, subnet, ipv6Subnet: null, attrs: this.#attrs, modRevision, leaseId };
      return this.#tenure(lease, term);
    }
    const { log, store } = this.#init;
    log("warn", "an older lease overlaps: yielding", { subnet, other: elder.subnet });
    await store.remove(key, modRevision);
    return null;
  }

  async #grant(): Promise<Term> {
    const { clock, ttlS } = this.#init;
    const lostMs = clock.nowMs() - (this.#term?.beganMs ?? Number.NEGATIVE_INFINITY);
    const isFresh = lostMs < (ttlS * 1000) / STALE_OF;
    if (this.#term === null || !isFresh) this.#term = await grantTerm(this.#init);
    return this.#term;
  }

  #tenure(lease: Lease, term: Term | null): Tenure {
    if (term === this.#term) this.#term = null;
    return new Tenure(this.#init, lease, term);
  }

  // This process may have slept between the store's answers.
  #isOver(tenure: Tenure): boolean {
    return this.#init.clock.nowMs() >= tenure.dates.endsMs;
  }

  #say(message: string, subnet: string): void {
    this.#init.log("info", message, { subnet, publicIp: this.#attrs.publicIp });
  }
}

function expectIpv4({ enableIpv4, enableIpv6 }: NetworkConfig): void {
  if (!enableIpv4) {
    throw new HeddleError("BadConfig", enableIpv4, "EnableIPv4: true, as nodes are known by it");
  }
  if (enableIpv6) {
    throw new HeddleError("BadConfig", enableIpv6, "EnableIPv6: false, as leases have IPv4 alone");
  }
}
