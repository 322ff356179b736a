// Network configs and leases, for the core and for its twin: how they are drawn, and how they lie.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { LeaseAt, LeaseConfigAt, LeaseRule, Status } from "../bindings/core/index.ts";
import {
  completeConfig,
  type ModelConfig,
  type ModelLease,
  type ModelSubnet,
} from "../test/model/lease.ts";
import type { FunctionName, Twins } from "./twins.ts";

const FAMILY = 4;
export const PUBLIC_IPS: readonly number[] = [0xc0a80001, 0xc0a80002, 0x0a000001, 0];

export interface State {
  config: ModelConfig;
  leases: ModelLease[];
}

/** Records in memory that no node has. */
export interface Real {
  readonly twins: Twins;
  readonly cfg: number;
  readonly out: number;
  readonly recs: number;
}

function masked(address: number, len: number): number {
  return address - (address % 2 ** (32 - len));
}

// Networks of few bits beside one another, at the end of all addresses, and the widest there is.
const base = fc.constantFrom(0x0a020000, 0x0a02f000, 0xffffff00, 0xffff0000, 0, 0x80000000);
const bits = fc.nat(0xffff);

const networkLen = fc.oneof(
  { arbitrary: fc.integer({ min: 20, max: 28 }), weight: 3 },
  { arbitrary: fc.constantFrom(0, 1, 8, 16, 29, 30, 31, 32), weight: 1 },
);
const network: fc.Arbitrary<ModelSubnet> = fc
  .tuple(base, bits, networkLen)
  .map(([at, low, len]) => ({ address: at + (low & 0xff), len }));

export const anyConfig: fc.Arbitrary<ModelConfig> = network.chain((given) => {
  const inside = bits.map((low) => Math.min(masked(given.address, given.len) + low, 0xffffffff));
  const aligned = inside.map((at) => masked(at, Math.min(given.len + 2, 30)));
  const bound = fc.oneof(
    { arbitrary: fc.constant(0), weight: 4 },
    { arbitrary: aligned, weight: 4 },
    { arbitrary: inside, weight: 1 },
    { arbitrary: base, weight: 1 },
  );
  return fc.record({
    network: fc.constant(given),
    subnetLen: fc.oneof(
      { arbitrary: fc.constantFrom(0, given.len + 2, given.len + 3), weight: 6 },
      { arbitrary: fc.nat(40), weight: 2 },
      { arbitrary: fc.nat(0xffff), weight: 1 },
    ),
    subnetMin: bound,
    subnetMax: bound,
  });
});

// Any, and some beside one another.
export const subnet: fc.Arbitrary<ModelSubnet> = fc
  .tuple(base, bits, fc.oneof(fc.integer({ min: 12, max: 32 }), fc.nat(32)), fc.boolean())
  .map(([at, low, len, isNext]) => {
    const address = isNext ? at + (low & 7) * 2 ** (32 - len) : at + low;
    return { address: masked(Math.min(address, 0xffffffff), len), len };
  });

export const publicIp: fc.Arbitrary<number> = fc.constantFrom(...PUBLIC_IPS);
export const dice: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.nat(0xffff).map((high) => high * 0x10001),
);

export function many<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 20, maxLength: 20 });
}

function configRecord(config: ModelConfig): Uint8Array {
  const bytes = new Uint8Array(LeaseConfigAt.End);
  const view = new DataView(bytes.buffer);
  view.setUint16(LeaseConfigAt.Family, FAMILY, true);
  view.setUint16(LeaseConfigAt.NetworkLen, config.network.len, true);
  view.setUint16(LeaseConfigAt.SubnetLen, config.subnetLen, true);
  view.setUint32(LeaseConfigAt.Network, config.network.address);
  view.setUint32(LeaseConfigAt.SubnetMin, config.subnetMin);
  view.setUint32(LeaseConfigAt.SubnetMax, config.subnetMax);
  return bytes;
}

export function leaseRecord({ address, len, publicIp: by }: ModelLease): Uint8Array {
  const bytes = new Uint8Array(LeaseAt.End);
  const view = new DataView(bytes.buffer);
  view.setUint16(LeaseAt.Family, FAMILY, true);
  view.setUint16(LeaseAt.Len, len, true);
  view.setUint32(LeaseAt.Address, address);
  view.setUint32(LeaseAt.PublicIp, by);
  return bytes;
}

export function lay({ config, leases }: State, { twins, cfg, recs }: Real): void {
  twins.write(cfg, configRecord(config));
  leases.forEach((lease, at) => {
    twins.write(recs + at * LeaseAt.End, leaseRecord(lease));
  });
}

function toldConfig({ twins, cfg }: Real): ModelConfig {
  const address = (at: number): number => twins.view.getUint32(cfg + at);
  const short = (at: number): number => twins.view.getUint16(cfg + at, true);
  return {
    network: { address: address(LeaseConfigAt.Network), len: short(LeaseConfigAt.NetworkLen) },
    subnetLen: short(LeaseConfigAt.SubnetLen),
    subnetMin: address(LeaseConfigAt.SubnetMin),
    subnetMax: address(LeaseConfigAt.SubnetMax),
  };
}

// A call with the config; where that breaks a rule, it is the answer, and nothing else is written.
export function ask(
  name: FunctionName,
  state: State,
  real: Real,
  ...args: number[]
): number | undefined {
  const { twins, cfg, out } = real;
  lay(state, real);
  const whole = completeConfig(state.config);
  twins.watch();
  const answer = twins.call(name, cfg, ...args);
  twins.expectTouched([
    { start: 1024, end: twins.first }, // the core's own scratch
    { start: cfg, end: cfg + LeaseConfigAt.End },
    { start: out, end: out + (name === "lease_pick" && answer > 0 ? LeaseAt.End : 0) },
  ]);
  const expected = typeof whole === "string" ? state.config : whole;
  deepStrictEqual(configRecord(toldConfig(real)), configRecord(expected));
  const rule = twins.view.getUint16(cfg + LeaseConfigAt.Rule, true);
  strictEqual(rule, typeof whole === "string" ? LeaseRule[whole as keyof typeof LeaseRule] : 0);
  strictEqual(answer === Status.BadConfig, typeof whole === "string");
  return typeof whole === "string" ? undefined : answer;
}

/** A subnet that the config could have given, or nearly. */
export function nearly(state: State, which: number): ModelSubnet {
  const config = completeConfig(state.config);
  if (typeof config === "string") return { address: 0, len: which & 31 };
  const { subnetLen: len, subnetMin, subnetMax } = config;
  const size = 2 ** (32 - len);
  const edge = (which & 1) === 0 ? subnetMin : subnetMax;
  const address = edge + (((which >> 1) % 3) - 1) * size;
  if (which % 7 === 0) return { address: edge, len: len + 1 };
  return { address: Math.min(Math.max(address, 0), 2 ** 32 - size), len };
}

/** Leases that cover whole runs of a wide range from its beginning, or leave holes in them. */
export const window: fc.Arbitrary<ModelSubnet> = fc
  .tuple(fc.nat(11), fc.constantFrom(14, 15, 16, 16, 17, 17, 18, 30), fc.nat(3))
  .map(([nth, len, hole]) => {
    const address = 0x80000000 + nth * 0x8000 + (len === 30 ? hole * 4 : 0);
    return { address: masked(address, len), len };
  });
