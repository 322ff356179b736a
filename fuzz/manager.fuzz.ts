// The subnet manager, several of it over one store, while everything goes wrong that can: calls
// that fail before or after they were done, or are done late; watches that are lost, mute or tell
// things twice; compaction; processes that die anywhere, or sleep longer than their leases; hands
// in the store. No two ever hold one subnet, and when it is quiet again all is as the leases say.
import fc from "fast-check";
import { LeaseRules, openCore } from "../bindings/core/index.ts";
import type { Call } from "./agent/meddled-store.ts";
import { CALM, type Member, type Weather } from "./agent/member.ts";
import { nameOf, Town } from "./agent/town.ts";
import { asyncLaw, type Law, type Suite } from "./law.ts";

type Act = (town: Town, member: Member, some: number) => void | Promise<void>;

interface Deed {
  readonly what: string;
  readonly afterMs: number;
  readonly who: number;
  readonly some: number;
}

const LEASE = '{"PublicIP":"203.0.113.9","PublicIPv6":null}';
const NONSENSE = ["", "no JSON", "{}", '{"PublicIP":7}', "null"];
const NAMES = ["", "x", "10.9.0.16", "10.9.999.0-28", "10.9.0.17-28", "10.9.0.0-26"];
const CALLS: readonly Call[] = [
  ...(["get", "list", "grantLease", "create", "replace", "remove", "watch", "grantLease"] as const),
];
const RESTART_MS = 3000;
const MUTE_MS = 90_000;
const LENGTHS_MS = 10_000;

/** What can happen, with how often it is drawn. */
const ACTS: Readonly<Record<string, readonly [weight: number, act: Act]>> = {
  rain: [4, (_, member, some) => member.suffer(rain(some))],
  clear: [2, (_, member) => member.suffer(CALM)],
  away: [3, (town, member, some) => away(town, member, some)],
  cut: [3, (_, member) => member.store.cut()],
  mute: [1, ({ clock }, member) => member.mute(clock.nowMs() + MUTE_MS)],
  crash: [4, (town, member, some) => crash(town, member, some)],
  sleep: [3, (town, member, some) => sleep(town, member, some)],
  crashIn: [4, (town, member, some) => lieInWait(town, member, some, crash)],
  sleepIn: [4, (town, member, some) => lieInWait(town, member, some, sleep)],
  republish: [2, (_, member) => member.republish()],
  compact: [2, (town) => town.compact()],
  delete: [1, (town, _, some) => town.meddle(some, "delete")],
  revoke: [1, (town, _, some) => town.meddle(some, "revoke")],
  spoil: [1, (town, _, some) => town.meddle(some, NONSENSE[some % NONSENSE.length] ?? "")],
  scrawl: [1, (town, _, some) => scrawl(town, some)],
  stranger: [2, (town, _, some) => stranger(town, some)],
  configure: [2, (town, _, some) => town.configure(some % 2 === 0 ? 28 : 27)],
};

function rain(some: number): Weather {
  const [failsBefore = 0, failsAfter = 0, late = 0] = [some % 3, (some >> 2) % 3, (some >> 4) % 3];
  return {
    failsBefore: failsBefore * 20,
    failsAfter: failsAfter * 20,
    late: late * 15,
    delayMs: [4, 40, 400, 4000][(some >> 6) % 4] ?? 4,
    repeats: (some >> 8) % 8,
  };
}

function away({ clock }: Town, member: Member, some: number): void {
  member.isAway = true;
  member.store.cut();
  clock.at(clock.nowMs() + (some % 90) * 1000, () => {
    member.isAway = false;
  });
}

function crash({ clock }: Town, member: Member, some: number): void {
  member.crash(some % 2 === 0);
  clock.at(clock.nowMs() + ((some >> 1) % 8) ** 2 * RESTART_MS, () => member.start());
}

function sleep(town: Town, member: Member, some: number): void {
  member.stop();
  town.clock.at(town.clock.nowMs() + (some % 120) * 1000, () => void town.resume(member));
}

// Crashing or falling asleep within a call, which is the moment that matters.
function lieInWait(town: Town, member: Member, some: number, act: Act): void {
  const call = CALLS[some % CALLS.length] ?? "create";
  member.lieInWait(call, () => void act(town, member, some >> 3));
}

async function scrawl(town: Town, some: number): Promise<void> {
  await town.write(NAMES[some % NAMES.length] ?? "", NONSENSE[some % NONSENSE.length] ?? "", 30);
}

async function stranger(town: Town, some: number): Promise<void> {
  const name = nameOf(some);
  const family = some % 3 === 0 ? "&fd00::-56" : "";
  await town.write(some % 5 === 0 ? name.replace("-28", "-29") : name + family, LEASE, 40);
}

const weighted = Object.entries(ACTS).map(([what, [weight]]) => {
  return { arbitrary: fc.constant(what), weight };
});

const deed: fc.Arbitrary<Deed> = fc.record({
  what: fc.oneof(...weighted),
  afterMs: fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(30_000)),
  who: fc.nat(3),
  some: fc.nat(0xffff),
});

const input = fc.record({
  seed: fc.nat(),
  members: fc.integer({ min: 1, max: 4 }),
  room: fc.integer({ min: 1, max: 5 }),
  ttlS: fc.constantFrom(45, 60, 90, 200),
  weather: fc.oneof(fc.constant(CALM), fc.nat(0x3ff).map(rain)),
  reserved: fc.subarray([0, 1, 2]),
  deeds: fc.array(deed, { maxLength: 12 }),
});

export async function openManager(): Promise<Suite> {
  const rules = new LeaseRules(await openCore({ memoryBytes: 1 << 18 }));
  return { name: "manager", share: 2, casesMin: 500, laws: [townLaw(rules), lengthsLaw(rules)] };
}

function townLaw(rules: LeaseRules): Law {
  return asyncLaw("town", input, async ({ deeds, ...init }) => {
    const town = await Town.open(init, rules);
    for (const { what, afterMs, who, some } of deeds) {
      await town.pass(afterMs);
      const member = town.members[who % town.members.length];
      if (member !== undefined) void ACTS[what]?.[1](town, member, some);
    }
    await town.settle();
  });
}

const lengths = fc.record({
  seed: fc.nat(),
  members: fc.integer({ min: 2, max: 4 }),
  room: fc.integer({ min: 2, max: 5 }),
  delayMs: fc.constantFrom(10, 100, 1000),
  flipsMs: fc.array(fc.nat(1000), { maxLength: 6 }),
});

// Nodes that start while the length of the subnets changes: keys that differ, of subnets that share
// addresses.
function lengthsLaw(rules: LeaseRules): Law {
  return asyncLaw("lengths", lengths, async ({ delayMs, flipsMs, ...rest }) => {
    const init = { ...rest, ttlS: 60, reserved: [], weather: { ...CALM, delayMs } };
    const town = await Town.open(init, rules);
    for (const [at, ms] of flipsMs.entries()) {
      await town.pass(ms);
      await town.configure(at % 2 === 0 ? 27 : 28);
    }
    await town.pass(LENGTHS_MS);
  });
}
