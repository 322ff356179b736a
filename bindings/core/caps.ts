// The capacities of a node. They are fixed when it opens: a full table says so and stays full.
import { checkMembers } from "./check.ts";
import { CapsAt } from "./layout.ts";
import { HeddleError } from "./status.ts";

/** Capacities: records of each table unless a line says bytes. */
export interface Caps {
  readonly routes: number;
  /** Bytes for the prefix tree; 0 lets the core choose for `routes`. */
  readonly routePoolBytes: number;
  readonly hops: number;
  readonly fdb: number;
  readonly neighbors: number;
  readonly remotes: number;
  readonly ports: number;
  readonly domains: number;
  readonly flood: number;
  /** Flows that `nat_burst` follows. */
  readonly conns: number;
  /** Rules of address translation. */
  readonly rules: number;
  /** Bytes for the host's own bursts, descriptors, pieces and records. */
  readonly scratch: number;
  /** Packet slots. */
  readonly slots: number;
  /** Bytes from slot to slot: a multiple of 64. */
  readonly slotStride: number;
}

/** Enough for a node of a small network. */
export const CAPS_DEFAULT: Caps = {
  routes: 256,
  routePoolBytes: 0,
  hops: 64,
  fdb: 1024,
  neighbors: 256,
  remotes: 64,
  ports: 16,
  domains: 16,
  flood: 256,
  conns: 256,
  rules: 64,
  scratch: 65536,
  slots: 512,
  slotStride: 2048,
};

interface Limit {
  readonly at: number;
  readonly max: number;
  readonly min?: number;
  readonly multipleOf?: number;
  /** Two bytes of the record, not four. */
  readonly isShort?: boolean;
}

/** Bytes of scratch through which a node's tables pass their records, on top of `scratch`. */
export const RECORDS_LEN = 4096;

const SCRATCH_MAX = 1073741824 - RECORDS_LEN;

const LIMITS: Readonly<Record<keyof Caps, Limit>> = {
  routes: { at: CapsAt.Routes, max: 4194304 },
  routePoolBytes: { at: CapsAt.RoutePoolBytes, max: 0x7fffffff },
  hops: { at: CapsAt.Hops, max: 65535 },
  fdb: { at: CapsAt.Fdb, max: 4194304 },
  neighbors: { at: CapsAt.Neighbors, max: 1048576 },
  remotes: { at: CapsAt.Remotes, max: 65535 },
  ports: { at: CapsAt.Ports, max: 65535 },
  domains: { at: CapsAt.Domains, max: 65535 },
  flood: { at: CapsAt.Flood, max: 1048576 },
  conns: { at: CapsAt.Conns, max: 1048576 },
  rules: { at: CapsAt.Rules, max: 65535, isShort: true },
  scratch: { at: CapsAt.Scratch, max: SCRATCH_MAX },
  slots: { at: CapsAt.Slots, max: 0x7fffffff },
  slotStride: { at: CapsAt.SlotStride, min: 2048, max: 131072, multipleOf: 64 },
};

const SEED_MAX = 2n ** 64n - 1n;

/** Fills in the defaults. Throws HeddleError for a capacity that no node has, or can have. */
export function completeCaps(caps: Partial<Caps>): Caps {
  checkMembers(caps, Object.keys(LIMITS), "capacities");
  const whole = { ...CAPS_DEFAULT, ...caps };
  for (const [name, limit] of Object.entries(LIMITS))
    checkLimit(name, whole[name as keyof Caps], limit);
  return whole;
}

/** Throws HeddleError unless `seed` is a bigint of 64 bits. */
export function checkSeed(seed: unknown): void {
  if (typeof seed === "bigint" && seed >= 0n && seed <= SEED_MAX) return;
  throw new HeddleError("BadValue", seed, "seed: a bigint from 0n to 2n ** 64n - 1n");
}

/** Writes a caps record. Requires: caps and seed checked. */
export function writeCaps(
  view: DataView,
  ptr: number,
  abi: number,
  caps: Caps,
  seed: bigint,
): void {
  view.setUint16(ptr + CapsAt.Abi, abi, true);
  for (const [name, { at, isShort = false }] of Object.entries<Limit>(LIMITS)) {
    const value = caps[name as keyof Caps];
    if (isShort) view.setUint16(ptr + at, value, true);
    else view.setUint32(ptr + at, value, true);
  }
  view.setUint32(ptr + CapsAt.SeedLo, Number(seed & 0xffffffffn), true);
  view.setUint32(ptr + CapsAt.SeedHi, Number(seed >> 32n), true);
}

function checkLimit(name: string, value: number, limit: Limit): void {
  const { min = 0, max, multipleOf = 1 } = limit;
  if (Number.isInteger(value) && value >= min && value <= max && value % multipleOf === 0) return;
  const step = multipleOf > 1 ? `, a multiple of ${multipleOf}` : "";
  throw new HeddleError(
    "BadCapacity",
    value,
    `${name}: a whole number from ${min} to ${max}${step}`,
  );
}
