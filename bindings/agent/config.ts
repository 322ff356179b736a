// The network config of PREFIX/config, whole: flannel's keys in our spelling, defaults filled in.
// It is read as flannel reads it, with Go's leniency; what it must be is flannel's rules, in
// flannel's order. Beyond them, SubnetMin above SubnetMax is refused: flannel finds no subnet then,
// and does not say why.
import { HeddleError, type LeaseConfig, type LeaseRules, parseIpv4 } from "../core/index.ts";
import { type BackendConfig, readBackend } from "./backend-config.ts";
import { Fields } from "./fields.ts";
import { completeIpv6, type GivenIpv6, type Ipv6Range } from "./ipv6-range.ts";
import { readJson } from "./json.ts";

export type { BackendConfig, PlainConfig, UdpConfig, VxlanConfig } from "./backend-config.ts";
export type { Ipv6Range } from "./ipv6-range.ts";

export interface NetworkConfig {
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly enableNftables: boolean;
  /** "10.5.0.0/16". Without IPv4, "0.0.0.0/0" and zeros here and below. */
  readonly network: string;
  readonly subnetLen: number;
  readonly subnetMin: string;
  readonly subnetMax: string;
  /** Null without IPv6. */
  readonly ipv6: Ipv6Range | null;
  readonly backend: BackendConfig;
}

const U64 = { min: 0, max: 2n ** 64n - 1n };
const SUBNET_LEN_MAX = 30;
const NO_ADDRESS = "0.0.0.0";

const NO_IPV4: LeaseConfig = {
  network: "0.0.0.0/0",
  subnetLen: 0,
  subnetMin: NO_ADDRESS,
  subnetMax: NO_ADDRESS,
};

/**
 * Reads a network config. Throws HeddleError, which names the key and what was expected: BadConfig
 * where flannel waits for a better one, and BadBackend where it gives up.
 */
export function parseNetworkConfig(text: string, rules: LeaseRules): NetworkConfig {
  const fields = new Fields(readJson(text, "BadConfig"), "BadConfig");
  const enableIpv4 = fields.boolean("EnableIPv4", true);
  const enableIpv6 = fields.boolean("EnableIPv6", false);
  const enableNftables = fields.boolean("EnableNFTables", false);
  const ipv4 = readIpv4(fields);
  const ipv6 = readIpv6(fields);
  const backend = fields.raw("Backend");
  if (backend !== undefined) new Fields(backend, "BadConfig", "Backend.").string("Type", "");
  return {
    enableIpv4,
    enableIpv6,
    enableNftables,
    ...(enableIpv4 ? completeIpv4(ipv4, rules) : NO_IPV4),
    ipv6: enableIpv6 ? completeIpv6(ipv6) : null,
    backend: readBackend(backend),
  };
}

interface GivenIpv4 extends Omit<LeaseConfig, "network"> {
  readonly network: string | undefined;
}

function readIpv4(fields: Fields): GivenIpv4 {
  return {
    network: fields.ipv4Network("Network"),
    subnetLen: fields.integer("SubnetLen", 0, U64),
    subnetMin: fields.ipv4("SubnetMin", NO_ADDRESS),
    subnetMax: fields.ipv4("SubnetMax", NO_ADDRESS),
  };
}

function readIpv6(fields: Fields): GivenIpv6 {
  return {
    network: fields.ipv6Network("IPv6Network"),
    subnetLen: fields.integer("IPv6SubnetLen", 0, U64),
    subnetMin: fields.ipv6("IPv6SubnetMin"),
    subnetMax: fields.ipv6("IPv6SubnetMax"),
  };
}

function completeIpv4({ network, ...rest }: GivenIpv4, rules: LeaseRules): LeaseConfig {
  if (network === undefined) {
    throw new HeddleError("BadConfig", network, 'Network: an IPv4 prefix as "10.5.0.0/16"');
  }
  if (rest.subnetLen > SUBNET_LEN_MAX && network !== NO_IPV4.network) {
    throw new HeddleError("BadConfig", rest.subnetLen, `SubnetLen: at most ${SUBNET_LEN_MAX}`);
  }
  const whole = inKeys(() => rules.complete({ network, ...rest }));
  if (parseIpv4(whole.subnetMin) > parseIpv4(whole.subnetMax)) {
    const expected = `SubnetMin: at most SubnetMax, which is ${whole.subnetMax}`;
    throw new HeddleError("BadConfig", whole.subnetMin, expected);
  }
  return whole;
}

// The core's bindings name a value as they spell it: "subnetMin". Whoever wrote the config wrote
// flannel's key.
function inKeys<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    const { code, value, expected } = error;
    throw new HeddleError(code, value, expected.charAt(0).toUpperCase() + expected.slice(1));
  }
}
