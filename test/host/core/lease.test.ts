// How flannel chooses a subnet, and knows its own, case by case. HEDDLE_SEED repeats the draws.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  HeddleError,
  type LeaseInit,
  LeaseRules,
  openCore,
  printIpv4,
} from "../../../bindings/core/index.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { candidates, completeConfig, type ModelConfig } from "../../model/lease.ts";

const SEED = drawSeed();
const NETWORK = "10.3.0.0/16";
const DICE_MAX = 0xffffffff;

const core = await openCore({ memoryBytes: 4 << 20 });
const rules = new LeaseRules(core);

function throws(what: () => unknown, code: string, value: unknown, expected: RegExp): void {
  assert.throws(what, (error) => {
    assert.ok(error instanceof HeddleError, String(error));
    assert.deepEqual([error.code, error.value], [code, value]);
    assert.match(error.expected, expected);
    return true;
  });
}

function leasesOf(...subnets: string[]): LeaseInit[] {
  return subnets.map((subnet) => ({ subnet }));
}

describe("a subnet", () => {
  const twenty = { network: "10.2.0.0/16", subnetMin: "10.2.1.0", subnetMax: "10.2.20.0" };

  it("is one of exactly twenty from SubnetMin to SubnetMax, and then there are none", () => {
    const leases: LeaseInit[] = [];
    const dice = diceOf(SEED);
    for (let left = 20; left > 0; left--) {
      const { subnet, candidates: from } = rules.pick(twenty, leases, dice());
      assert.equal(from, left);
      leases.push({ subnet });
    }
    const given = new Set(leases.map(({ subnet }) => subnet));
    const expected = Array.from({ length: 20 }, (_, at) => `10.2.${at + 1}.0/24`);
    assert.deepEqual(given, new Set(expected));
    throws(() => rules.pick(twenty, leases, 0), "OutOfSubnets", twenty, /subnet/);
  });

  it("is free when no listed lease is equal under the shorter prefix", () => {
    const first = (...subnets: string[]): string =>
      rules.pick(twenty, leasesOf(...subnets), 0).subnet;
    assert.equal(first(), "10.2.1.0/24");
    assert.equal(first("10.2.0.0/24"), "10.2.1.0/24");
    assert.equal(first("10.2.1.0/24"), "10.2.2.0/24");
    assert.equal(first("10.2.1.77/32"), "10.2.2.0/24");
    assert.equal(first("10.2.1.128/25"), "10.2.2.0/24");
    assert.equal(first("10.2.0.0/23"), "10.2.2.0/24");
    assert.equal(first("10.2.0.0/22"), "10.2.4.0/24");
    assert.equal(first("10.2.2.0/24", "10.2.0.0/23"), "10.2.3.0/24");
    assert.equal(first("10.2.16.0/20", "172.16.0.0/12"), "10.2.1.0/24");
    assert.throws(() => first("10.0.0.0/8"), { code: "OutOfSubnets" });
    assert.throws(() => first("0.0.0.0/0"), { code: "OutOfSubnets" });
  });

  it("is kept by a reservation, and by a lease that has expired, like by any other", () => {
    const leases = [
      { subnet: "10.2.1.0/24", publicIp: "192.0.2.1", expiryMs: null },
      { subnet: "10.2.2.0/24", publicIp: "192.0.2.2", expiryMs: 1 },
      { subnet: "10.2.3.0/24", publicIp: "192.0.2.3", expiryMs: 4e12 },
    ];
    assert.deepEqual(rules.pick(twenty, leases, 0), { subnet: "10.2.4.0/24", candidates: 17 });
  });

  it("is among the first hundred that are free", () => {
    const config = { network: "10.2.0.0/16" };
    const leases = leasesOf("10.2.3.0/24", "10.2.64.0/20");
    const last = rules.pick(config, leases, DICE_MAX);
    assert.deepEqual(last, { subnet: "10.2.117.0/24", candidates: 100 });
    assert.deepEqual(rules.pick(config, leases, 0).subnet, "10.2.1.0/24");
  });

  it("is not to be had from a range of none", () => {
    const none = { network: NETWORK, subnetMin: "10.3.9.0", subnetMax: "10.3.8.0" };
    throws(() => rules.pick(none, [], 0), "OutOfSubnets", none, /subnet/);
    const one = { network: NETWORK, subnetMin: "10.3.9.0", subnetMax: "10.3.9.0" };
    assert.deepEqual(rules.pick(one, [], DICE_MAX), { subnet: "10.3.9.0/24", candidates: 1 });
  });

  it("is the last there is, where addresses end", () => {
    const top = { network: "255.255.0.0/16", subnetMin: "255.255.254.0" };
    const leases = leasesOf("255.255.254.0/24");
    assert.deepEqual(rules.pick(top, leases, 0), { subnet: "255.255.255.0/24", candidates: 1 });
    leases.push({ subnet: "255.255.255.0/24" });
    assert.throws(() => rules.pick(top, leases, 0), { code: "OutOfSubnets" });
  });

  it(`is drawn evenly: chi-square over a hundred, HEDDLE_SEED=${SEED}`, () => {
    const DRAWS = 20_000;
    const LIMIT = 176; // 99 degrees of freedom: 1 in 250,000 is above
    const dice = diceOf(SEED);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < DRAWS; draw++) {
      const { subnet } = rules.pick({ network: NETWORK }, [], dice());
      counts.set(subnet, (counts.get(subnet) ?? 0) + 1);
    }
    assert.equal(counts.size, 100);
    const mean = DRAWS / 100;
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    assert.ok(chi < LIMIT, `chi-square ${chi}`);
  });

  it("is found behind ten thousand leases, as the slow twin finds it", () => {
    const config: ModelConfig = {
      ...{ network: { address: 0x0a000000, len: 8 }, subnetLen: 0, subnetMin: 0, subnetMax: 0 },
    };
    const whole = completeConfig(config);
    assert.ok(typeof whole === "object");
    const addresses = Array.from({ length: 10_000 }, (_, at) => 0x0a000100 + at * 2 ** 8);
    const kept = addresses.filter((_, at) => at % 500 !== 7); // twenty holes
    const leases = kept.map((address) => ({ subnet: `${printIpv4(address)}/24` }));
    const free = candidates(
      whole,
      kept.slice(0, 2000).map((address) => ({ address, len: 24 })),
    );
    const { subnet, candidates: from } = rules.pick({ network: "10.0.0.0/8" }, leases, 0);
    assert.equal(from, 100);
    assert.equal(subnet, `${printIpv4(free[0] as number)}/24`);
  });

  it("needs dice of 32 bits", () => {
    for (const dice of [-1, 0.5, 2 ** 32, Number.NaN]) {
      throws(() => rules.pick(twenty, [], dice), "BadValue", dice, /^dice: a whole number/);
    }
  });
});

describe("a lease", () => {
  const config = { network: NETWORK, subnetMin: "10.3.1.0", subnetMax: "10.3.20.0" };

  it("is compatible between SubnetMin and SubnetMax, both included, with its length", () => {
    for (const subnet of ["10.3.1.0/24", "10.3.7.0/24", "10.3.20.0/24"]) {
      assert.equal(rules.isCompatible(config, subnet), true, subnet);
    }
    for (const subnet of ["10.3.0.0/24", "10.3.21.0/24", "10.3.2.0/25", "10.3.2.0/23"]) {
      assert.equal(rules.isCompatible(config, subnet), false, subnet);
    }
  });

  it("is ours by the public address: the first compatible one, else the first", () => {
    const own = (...pairs: [subnet: string, publicIp: string][]): number | undefined => {
      const leases = pairs.map(([subnet, publicIp]) => ({ subnet, publicIp }));
      return rules.own(config, leases, "192.168.0.1");
    };
    const mine = "192.168.0.1"; // as a number, above 2^31
    assert.equal(own(), undefined);
    assert.equal(own(["10.3.1.0/24", "192.168.0.2"], ["10.3.2.0/24", "0.0.0.0"]), undefined);
    assert.equal(own(["10.3.1.0/24", "192.168.0.2"], ["10.3.2.0/24", mine]), 1);
    assert.equal(own(["10.9.1.0/24", mine], ["10.3.2.0/24", mine], ["10.3.3.0/24", mine]), 1);
    assert.equal(own(["10.3.1.0/24", "192.168.0.2"], ["10.9.2.0/24", mine]), 1);
  });

  it("is nobody's without a public address", () => {
    throws(() => rules.own(config, [], "0.0.0.0"), "BadAddress", "0.0.0.0", /^publicIp/);
    throws(() => rules.own(config, [], "here"), "BadAddress", "here", /IPv4/);
  });

  it("overlaps the first that shares an address with it", () => {
    const leases = leasesOf("10.3.1.0/24", "10.3.4.0/22", "10.3.5.0/24");
    assert.equal(rules.overlap(leases, "10.3.1.0/24"), 0);
    assert.equal(rules.overlap(leases, "10.3.5.9/32"), 1);
    assert.equal(rules.overlap(leases, "10.3.0.0/16"), 0);
    assert.equal(rules.overlap(leases, "10.3.2.0/24"), undefined);
    assert.equal(rules.overlap([], "10.3.2.0/24"), undefined);
  });

  it("is refused with host bits, or with an expiry that is no time", () => {
    const fails = (lease: object, code: string, value: unknown): void => {
      throws(() => rules.pick(config, [lease as LeaseInit], 0), code, value, /^/);
    };
    fails({ subnet: "10.3.1.1/24" }, "BadPrefix", "10.3.1.1/24");
    fails({ subnet: "10.3.1.0" }, "BadPrefix", "10.3.1.0");
    fails({}, "BadPrefix", undefined);
    fails({ subnet: "10.3.1.0/24", publicIp: "x" }, "BadAddress", "x");
    fails({ subnet: "10.3.1.0/24", expiryMs: Number.NaN }, "BadValue", Number.NaN);
    fails({ subnet: "10.3.1.0/24", ttl: 5 }, "BadValue", "ttl");
  });

  it("needs memory that no node has", async () => {
    const small = await openCore({ memoryBytes: 1 << 16 });
    const tight = new LeaseRules(small);
    const many = Array.from({ length: 3000 }, () => ({ subnet: "10.3.1.0/24" }));
    throws(() => tight.pick(config, many, 0), "NoMemory", 64 + 48 * 3001, /memoryBytes$/);
    assert.equal(tight.pick(config, many.slice(0, 1000), 0).subnet, "10.3.2.0/24");
  });

  it("leaves nodes alone", () => {
    const node = core.openNode({ seed: 1n, routes: 4, hops: 1, slots: 2 });
    const before = core.bytes.slice(node.address, node.address + node.info().bytes);
    rules.pick(config, leasesOf("10.3.1.0/24"), 0);
    const after = core.bytes.slice(node.address, node.address + node.info().bytes);
    assert.deepEqual(after, before);
  });
});

/** Mulberry32: small, and the same everywhere. */
function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
