// Flannel's rules for subnets against a twin that walks from lease to lease: small networks that
// fill up, leases of any length, the end of all addresses, and dice of every kind.
import { ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { LeaseAt } from "../bindings/core/index.ts";
import {
  candidates,
  completeConfig,
  isCompatible,
  type ModelConfig,
  overlaps,
  ownLease,
} from "../test/model/lease.ts";
import { commands, type Law, law, operation, type Suite } from "./law.ts";
import {
  anyConfig,
  ask,
  dice,
  lay,
  leaseRecord,
  many,
  nearly,
  PUBLIC_IPS,
  publicIp,
  type Real,
  type State,
  subnet,
  window,
} from "./leases.ts";
import { expectOk, named, SMALL, Subject } from "./subject.ts";
import { type FunctionName, Twins } from "./twins.ts";

const STEPS = 60;
const LEASES_MAX = 400;
const PAGES = 3;

function pick(throwOf: number, state: State, real: Real): void {
  const { twins, recs, out } = real;
  const found = ask("lease_pick", state, real, recs, state.leases.length, throwOf, out);
  const config = completeConfig(state.config);
  if (found === undefined || typeof config === "string") return;
  const free = candidates(config, state.leases);
  strictEqual(named(found), free.length === 0 ? "OutOfSubnets" : free.length);
  if (free.length === 0) return;
  const address = twins.view.getUint32(out + LeaseAt.Address);
  strictEqual(address, free[Math.floor((throwOf / 2 ** 32) * free.length)]);
  const drawn = { address, len: twins.view.getUint16(out + LeaseAt.Len, true), publicIp: 0 };
  ok(isCompatible(config, drawn), "from min to max");
  ok(!state.leases.some((lease) => overlaps(lease, drawn)), "overlaps nobody");
  if (state.leases.length < LEASES_MAX) state.leases.push(drawn);
}

const OPERATIONS = {
  config: operation(1, anyConfig, (config, state: State, real: Real) => {
    state.config = config;
    ask("lease_config_check", state, real);
  }),
  add: operation(2, fc.tuple(subnet, publicIp), ([one, by], state: State) => {
    state.leases.push({ ...one, publicIp: by });
  }),
  remove: operation(1, fc.nat(), (which, state: State) => {
    state.leases.splice(which % (state.leases.length + 1), 1);
  }),
  pick: operation(6, dice, pick),
  fill: operation(1, many(dice), (dices, state: State, real: Real) => {
    for (const each of dices) pick(each, state, real);
  }),
  own: operation(2, publicIp, (by, state: State, real: Real) => {
    if (by === 0) return;
    const answer = ask("lease_own", state, real, real.recs, state.leases.length, by);
    const config = completeConfig(state.config);
    if (answer === undefined || typeof config === "string") return;
    const own = ownLease(config, state.leases, by);
    strictEqual(named(answer), own < 0 ? "NotFound" : own);
  }),
  compatible: operation(2, fc.nat(), (which, state: State, real: Real) => {
    const one = { ...nearly(state, which), publicIp: PUBLIC_IPS[0] as number };
    const answer = ask("lease_compatible", { ...state, leases: [one] }, real, real.recs);
    const config = completeConfig(state.config);
    if (answer === undefined || typeof config === "string") return;
    strictEqual(answer, isCompatible(config, one) ? 1 : 0);
    state.leases.push(one);
  }),
  overlap: operation(1, subnet, (one, state: State, real: Real) => {
    const { twins, recs, out } = real;
    lay(state, real);
    twins.write(out, leaseRecord({ ...one, publicIp: 0 }));
    const answer = twins.call("lease_overlap", recs, state.leases.length, out);
    const first = state.leases.findIndex((lease) => overlaps(lease, one));
    strictEqual(named(answer), first < 0 ? "NotFound" : first);
  }),
};

const PLAIN: ModelConfig = {
  network: { address: 0x0a020000, len: 24 },
  subnetLen: 28,
  subnetMin: 0,
  subnetMax: 0,
};

const WIDE: ModelConfig = {
  ...PLAIN,
  network: { address: 0x80000000, len: 1 },
  subnetLen: 30,
};

export async function openLease(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const node = new Subject(twins, { ...SMALL, routes: 0 }, 1n);
  const cfg = node.end;
  const real = { twins, cfg, out: cfg + 64, recs: cfg + 128 };
  twins.keep();
  const begin = (): { model: State; real: Real } => {
    twins.back();
    return { model: { config: PLAIN, leases: [] }, real };
  };
  const end = (): void => twins.expectAlike();
  const config = law("config", anyConfig, (given) => {
    ask("lease_config_check", { config: given, leases: [] }, real);
  });
  return {
    name: "lease",
    laws: [
      commands("commands", { operations: OPERATIONS, steps: STEPS, begin, end }),
      config,
      windowLaw(real),
      evenLaw(real),
      rangeLaw(real, node),
    ],
  };
}

// The core looks at many subnets in one go: at its borders nothing is lost, and nothing taken.
function windowLaw(real: Real): Law {
  const input = fc.tuple(fc.array(window, { maxLength: 14 }), fc.nat(11), dice);
  return law("windows", input, ([subnets, nth, throwOf]) => {
    const config = { ...WIDE, subnetMin: WIDE.network.address + nth * 0x4000 };
    const leases = subnets.map((one) => ({ ...one, publicIp: 0 }));
    pick(throwOf, { config, leases }, real);
  });
}

// Pearson's chi-square of a thousand draws or more. A fair draw is above the limit once in 10^9.
function evenLaw(real: Real): Law {
  const input = fc.record({ seed: fc.nat(0x7fffffff), len: fc.integer({ min: 16, max: 24 }) });
  return law("even", input, ({ seed, len }) => {
    const config = {
      ...PLAIN,
      network: { address: 0x0a020000, len },
      subnetLen: len + 2 + (seed & 3),
    };
    lay({ config, leases: [] }, real);
    const { twins, cfg, recs, out } = real;
    const count = expectOk(twins.call("lease_pick", cfg, recs, 0, 0, out));
    const draws = count * 40;
    const hits = new Map<number, number>();
    for (let at = 0, state = seed; at < draws; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
      twins.call("lease_pick", cfg, recs, 0, state, out);
      const address = twins.view.getUint32(out + LeaseAt.Address);
      hits.set(address, (hits.get(address) ?? 0) + 1);
    }
    strictEqual(hits.size, count);
    const chi = [...hits.values()].reduce((sum, hit) => sum + (hit - 40) ** 2 / 40, 0);
    const limit = count - 1 + 6 * Math.sqrt(2 * (count - 1)) + 36;
    ok(chi < limit, `chi-square ${chi} of ${count}, at most ${limit}`);
  });
}

// One argument that names no records of a host: BadArgument, and not a byte changes.
function rangeLaw(real: Real, { node, scratch, end: nodeEnd, twins }: Subject): Law {
  const { cfg, recs, out } = real;
  const calls: readonly [FunctionName, readonly number[], places: readonly number[]][] = [
    ["lease_config_check", [cfg], [0]],
    ["lease_compatible", [cfg, recs], [0, 1]],
    ["lease_own", [cfg, recs, 2, 1], [0, 1]],
    ["lease_pick", [cfg, recs, 2, 0, out], [0, 1, 4]],
    ["lease_overlap", [recs, 2, out], [0, 2]],
  ];
  const wild = [0x7ffffffc, 0x80000000, 0xfffffffc, 0xffffffff];
  const wrong = [0, 4, 1024, node, node + 64, scratch - 4, nodeEnd - 4, twins.end - 4, twins.end];
  const cases = calls.flatMap(([name, args, places]) => {
    const odd = [1, 2, 3].map((by) => cfg + by);
    return places.flatMap((at) => {
      return [...wrong, ...odd, ...wild].map((bad) => ({ name, args: args.with(at, bad) }));
    });
  });
  return law("ranges", fc.constantFrom(...cases), ({ name, args }) => {
    twins.back();
    const lease = { address: 0x0a020100, len: 24, publicIp: 1 };
    lay({ config: PLAIN, leases: [lease, lease] }, real);
    twins.write(out, leaseRecord(lease));
    twins.watch();
    strictEqual(named(twins.call(name, ...args)), "BadArgument", `${name}(${args.join(", ")})`);
    twins.expectTouched([]);
  });
}
