// Flannel's rules for subnets: what a network config must be, which lease is ours, which subnets
// are free. The decisions are the core's; whoever calls has the store, the clock and the dice.
//
// IPv4. Flannel draws IPv6 subnets by the same rules, for themselves: they will be texts in the
// same places.
import { parseIpv4, parseNetwork, printPrefix } from "./address.ts";
import type { Core } from "./core.ts";
import {
  byName,
  type Field,
  field,
  ipv4,
  type NameOf,
  named,
  prefix,
  short,
  u8x16,
  u16,
} from "./field.ts";
import { LeaseAt, LeaseConfigAt, LeaseFlag, LeaseRule, Status } from "./layout.ts";
import { RecordLayout } from "./record.ts";
import { accept, HeddleError } from "./status.ts";

/** A network config as it is written: what is left out, or "0.0.0.0" or 0, is derived. */
export interface LeaseConfigInit {
  /** "10.42.0.0/16", of 1 to 28 bits; host bits are cleared. */
  readonly network: string;
  /** Bits of each subnet, at most 30, and two more than the network's at least. */
  readonly subnetLen?: number;
  /** The first subnet to give out. Left out: the second of the network. */
  readonly subnetMin?: string;
  /** The last one. Left out: the last of the network. */
  readonly subnetMax?: string;
}

/** A network config that is whole. */
export interface LeaseConfig extends Required<LeaseConfigInit> {}

/** A subnet that somebody has. */
export interface LeaseInit {
  /** "10.42.7.0/24", of any length. */
  readonly subnet: string;
  /** The address by which its node knows it again. Left out: "0.0.0.0", nobody's. */
  readonly publicIp?: string;
  /** Unix milliseconds. Left out, or null: a reservation, which does not expire. */
  readonly expiryMs?: number | null;
}

/** A subnet that was drawn. */
export interface LeasePick {
  readonly subnet: string;
  /** From how many it was drawn: 1 to 100. */
  readonly candidates: number;
}

const configLayout: RecordLayout<LeaseConfigInit, LeaseConfig> = new RecordLayout(
  { name: "config", len: LeaseConfigAt.End, familyAt: LeaseConfigAt.Family },
  {
    network: networkField(),
    subnetLen: field(u16(LeaseConfigAt.SubnetLen), short, 0),
    subnetMin: field(u8x16(LeaseConfigAt.SubnetMin), ipv4, "0.0.0.0"),
    subnetMax: field(u8x16(LeaseConfigAt.SubnetMax), ipv4, "0.0.0.0"),
  },
);

const leaseLayout: RecordLayout<LeaseInit, Required<LeaseInit>> = new RecordLayout(
  { name: "lease", len: LeaseAt.End, familyAt: LeaseAt.Family },
  {
    subnet: prefix(u16(LeaseAt.Len), u8x16(LeaseAt.Address)),
    publicIp: field(u8x16(LeaseAt.PublicIp), ipv4, "0.0.0.0"),
    expiryMs: expiryField(),
  },
);

const ruleOf = named(byName(LeaseRule));
const DICE_MAX = 0xffffffff;

/** Flannel's rules, asked of the core. Records pass through memory that no node has. */
export class LeaseRules {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * The config with all that it left out. Throws HeddleError BadConfig, with the first value that
   * breaks a rule, in flannel's order: network, lengths, subnetMin, subnetMax.
   */
  complete(config: LeaseConfigInit): LeaseConfig {
    return this.#ask(config, [], (laid) => {
      this.#accept(this.#core.exports.lease_config_check(laid.cfg), laid, config);
      return configLayout.read(this.#core.view, laid.cfg);
    });
  }

  /** True for a subnet that the config could have given: its length, and from min to max. */
  isCompatible(config: LeaseConfigInit, subnet: string): boolean {
    return this.#ask(config, [{ subnet }], (laid) => {
      const answer = this.#core.exports.lease_compatible(laid.cfg, laid.recs);
      return this.#accept(answer, laid, config) === 1;
    });
  }

  /**
   * Which of these leases is this node's, by its public address: the first compatible one, else the
   * first, which is to be given up; undefined where there is none.
   */
  own(config: LeaseConfigInit, leases: readonly LeaseInit[], publicIp: string): number | undefined {
    const address = parseIpv4(publicIp);
    if (address === 0) {
      throw new HeddleError("BadAddress", publicIp, "publicIp: the address of one node");
    }
    return this.#ask(config, leases, (laid) => {
      const own = this.#core.exports.lease_own(laid.cfg, laid.recs, leases.length, address);
      return own === Status.NotFound ? undefined : this.#accept(own, laid, config);
    });
  }

  /**
   * Draws one of the first hundred subnets that overlap none of these leases; `dice` is 32 random
   * bits. Throws HeddleError OutOfSubnets when there is none, BadConfig as `complete` does.
   */
  pick(config: LeaseConfigInit, leases: readonly LeaseInit[], dice: number): LeasePick {
    if (!(Number.isInteger(dice) && dice >= 0 && dice <= DICE_MAX)) {
      throw new HeddleError("BadValue", dice, `dice: a whole number from 0 to ${DICE_MAX}`);
    }
    return this.#ask(config, leases, (laid) => {
      const { cfg, recs, out } = laid;
      const picked = this.#core.exports.lease_pick(cfg, recs, leases.length, dice, out);
      const candidates = this.#accept(picked, laid, config);
      return { subnet: leaseLayout.read(this.#core.view, out).subnet, candidates };
    });
  }

  /** The first of these leases that has an address in common with the subnet, if one has. */
  overlap(leases: readonly LeaseInit[], subnet: string): number | undefined {
    return this.#ask(NO_CONFIG, [...leases, { subnet }], ({ recs }) => {
      const rec = recs + leases.length * leaseLayout.len;
      const index = this.#core.exports.lease_overlap(recs, leases.length, rec);
      return index === Status.NotFound ? undefined : accept(index, subnet, "a subnet");
    });
  }

  #ask<T>(config: LeaseConfigInit, leases: readonly LeaseInit[], use: (laid: Laid) => T): T {
    const { bytes } = this.#core;
    const encodedConfig = configLayout.encode([config]);
    const encoded = leaseLayout.encode(leases);
    const head = configLayout.len + leaseLayout.len;
    return this.#core.borrow(head + encoded.length, (cfg) => {
      bytes.set(encodedConfig, cfg);
      bytes.set(encoded, cfg + head);
      return use({ cfg, out: cfg + configLayout.len, recs: cfg + head });
    });
  }

  #accept(answer: number, { cfg }: Laid, config: LeaseConfigInit): number {
    if (answer !== Status.BadConfig) return accept(answer, config, expectedOf(answer));
    const rule = ruleOf.print(this.#core.view.getUint16(cfg + LeaseConfigAt.Rule, true));
    const [name, expected] = brokenBy(rule, config);
    throw new HeddleError("BadConfig", config[name], `${name}: ${expected}`);
  }
}

interface Laid {
  readonly cfg: number;
  readonly out: number;
  readonly recs: number;
}

const NO_CONFIG: LeaseConfigInit = { network: "0.0.0.0/0" };

function expectedOf(answer: number): string {
  if (answer !== Status.OutOfSubnets) return "a config and leases of IPv4";
  return "a subnet from subnetMin to subnetMax that no lease overlaps";
}

/** Which value a rule is about, and what it asks for. */
function brokenBy(
  rule: NameOf<typeof LeaseRule>,
  config: LeaseConfigInit,
): [keyof LeaseConfigInit, string] {
  const { address, len } = parseNetwork(config.network);
  const network = printPrefix({ address, len });
  const subnetLen = config.subnetLen || Math.max(24, len + 2);
  switch (rule) {
    case "subnetTooLong":
      return ["subnetLen", "at most 30"];
    case "tooFewSubnets":
      return ["subnetLen", `at least ${len + 2}, for four subnets in ${network}`];
    case "networkTooLong":
      return ["network", "a prefix of at most 28 bits, where subnetLen is not given"];
    case "minOutside":
      return ["subnetMin", `an address in ${network}`];
    case "maxOutside":
      return ["subnetMax", `an address in ${network}`];
    case "minUnaligned":
      return ["subnetMin", `the first address of a /${subnetLen}`];
    case "maxUnaligned":
      return ["subnetMax", `the first address of a /${subnetLen}`];
    default:
      return ["network", 'a prefix of at least one bit, as "10.42.0.0/16"'];
  }
}

function networkField(): Field<string> {
  const strict = prefix(u16(LeaseConfigAt.NetworkLen), u8x16(LeaseConfigAt.Network));
  return {
    read: strict.read,
    write: (view, ptr, value, name) => {
      const meant: unknown = typeof value === "string" ? printPrefix(parseNetwork(value)) : value;
      strict.write(view, ptr, meant, name);
    },
  };
}

function expiryField(): Field<number | null> {
  return {
    read: (view, ptr) => {
      const isReserved = (view.getUint16(ptr + LeaseAt.Flags, true) & LeaseFlag.Reserved) !== 0;
      return isReserved ? null : view.getFloat64(ptr + LeaseAt.ExpiryMs, true);
    },
    write: (view, ptr, value, name) => {
      if (value === undefined || value === null) {
        view.setUint16(ptr + LeaseAt.Flags, LeaseFlag.Reserved, true);
      } else if (typeof value === "number" && Number.isFinite(value)) {
        view.setFloat64(ptr + LeaseAt.ExpiryMs, value, true);
      } else {
        throw new HeddleError("BadValue", value, `${name}: Unix milliseconds, or null`);
      }
    },
  };
}
