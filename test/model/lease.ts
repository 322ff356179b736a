// Flannel's rules for subnets, as they are told: one subnet after the other, held against one lease
// after the other. What the core's lease functions are compared with.

export interface ModelSubnet {
  address: number; // u32
  len: number;
}

export interface ModelLease extends ModelSubnet {
  publicIp: number;
}

export interface ModelConfig {
  network: ModelSubnet;
  subnetLen: number; // 0: not given
  subnetMin: number; // 0: not given
  subnetMax: number; // 0: not given
}

const CANDIDATES_MAX = 100;

function sizeOf(len: number): number {
  return 2 ** (32 - len);
}

function contains(subnet: ModelSubnet, address: number): boolean {
  return address >= subnet.address && address < subnet.address + sizeOf(subnet.len);
}

export function overlaps(a: ModelSubnet, b: ModelSubnet): boolean {
  return contains(a, b.address) || contains(b, a.address);
}

/** The config with what it left out, or the name of the rule that it breaks. */
export function completeConfig(config: ModelConfig): ModelConfig | string {
  const { len } = config.network;
  if (len === 0) return "NoNetwork";
  let { subnetLen } = config;
  if (subnetLen > 0) {
    if (subnetLen > 30) return "SubnetTooLong";
    if (subnetLen < len + 2) return "TooFewSubnets";
  } else {
    if (len > 28) return "NetworkTooLong";
    subnetLen = len <= 22 ? 24 : len + 2;
  }
  const size = sizeOf(subnetLen);
  const address = Math.floor(config.network.address / sizeOf(len)) * sizeOf(len);
  const network = { address, len };
  const subnetMin = config.subnetMin === 0 ? address + size : config.subnetMin;
  const subnetMax = config.subnetMax === 0 ? address + sizeOf(len) - size : config.subnetMax;
  if (!contains(network, subnetMin)) return "MinOutside";
  if (!contains(network, subnetMax)) return "MaxOutside";
  if (subnetMin % size !== 0) return "MinUnaligned";
  if (subnetMax % size !== 0) return "MaxUnaligned";
  return { network, subnetLen, subnetMin, subnetMax };
}

/** True for a subnet that a complete config could have given. */
export function isCompatible(config: ModelConfig, { address, len }: ModelSubnet): boolean {
  return len === config.subnetLen && address >= config.subnetMin && address <= config.subnetMax;
}

/** The index of the first compatible lease of `publicIp`, else of its first one, else -1. */
export function ownLease(
  config: ModelConfig,
  leases: readonly ModelLease[],
  publicIp: number,
): number {
  const fits = (lease: ModelLease): boolean =>
    lease.publicIp === publicIp && isCompatible(config, lease);
  const first = leases.findIndex(fits);
  return first >= 0 ? first : leases.findIndex((lease) => lease.publicIp === publicIp);
}

/** The addresses of the first hundred free subnets of a complete config, in order. */
export function candidates(config: ModelConfig, leases: readonly ModelSubnet[]): number[] {
  const { subnetLen, subnetMin, subnetMax } = config;
  const size = sizeOf(subnetLen);
  const free: number[] = [];
  let address = subnetMin;
  while (address <= subnetMax && free.length < CANDIDATES_MAX) {
    const taker = leases.find((lease) => overlaps(lease, { address, len: subnetLen }));
    if (taker === undefined) free.push(address);
    const end = taker === undefined ? address + size : taker.address + sizeOf(taker.len);
    address = Math.ceil(end / size) * size;
  }
  return free;
}
