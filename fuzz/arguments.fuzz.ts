// The wall: whatever a caller gets wrong is answered with BadArgument, and not a byte of memory
// changes; whatever it says, no call traps, and none touches another node.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import { BurstAt, type ElementName, Status } from "../bindings/core/index.ts";
import { noise } from "./arbitrary/index.ts";
import { burstLaw, capsLaw, rangeLaw } from "./bounds.ts";
import { lay } from "./feed.ts";
import { type Law, law, type Suite } from "./law.ts";
import { goodRecord, recordLaw } from "./records.ts";
import { COUNT, KEYS_AT, legal, OUT_AT, SIGNATURES, wrong } from "./signature.ts";
import { named, SMALL, Subject } from "./subject.ts";
import { type FunctionName, Twins } from "./twins.ts";
import { IPIP, settle, TUNNEL, VXLAN } from "./world.ts";

const PAGES = 3;
const ROOMY = { ...SMALL, scratch: 12288 }; // more descriptors fit than a burst may have
const NAMES = Object.keys(SIGNATURES) as FunctionName[];
const NODE_CALLS = NAMES.filter((name) => SIGNATURES[name]?.[0]?.is === "node");

export async function openArguments(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, ROOMY, 1n);
  const other = new Subject(twins, SMALL, 2n);
  for (const each of [subject, other]) settle(each);
  twins.fill(subject.scratch, subject.scratch + subject.scratchLen, 0);
  twins.keep();
  const parts = [recordLaw, burstLaw, capsLaw, rangeLaw].map((open) => open(subject));
  const laws = [oneWrong(subject, other), anything(subject, other), ...parts];
  return { name: "arguments", laws };
}

// A legal call with one argument replaced by one that cannot be right.
function oneWrong(subject: Subject, other: Subject): Law {
  const { twins } = subject;
  const calls = NAMES.flatMap((name) => {
    const kinds = SIGNATURES[name] ?? [];
    const args = kinds.map((kind) => legal(kind, subject));
    prepare(name, subject);
    expectLegal(name, args, subject);
    return kinds.flatMap((kind, at) => {
      return wrong(kind, subject, other).map((bad) => ({ name, args: args.with(at, bad) }));
    });
  });
  return law("one wrong", fc.constantFrom(...calls), (call) => {
    twins.back();
    prepare(call.name, subject);
    twins.watch();
    strictEqual(named(twins.call(call.name, ...call.args)), "BadArgument", print(call));
    twins.expectTouched([]);
  });
}

// Records that the call has nothing against, so that only the argument can be what is wrong.
function prepare(name: FunctionName, subject: Subject): void {
  const { twins, scratch } = subject;
  const good = goodRecord(name);
  for (let at = 0; at < COUNT; at++) twins.write(scratch + KEYS_AT + at * good.length, good);
  if (!name.endsWith("_burst") && name !== "neighbor_tick") return;
  const port = name.startsWith("vxlan") ? VXLAN : name.startsWith("ipip") ? IPIP : TUNNEL;
  const burst = lay(subject, { element: name as ElementName, port, nowMs: 0, packets: [] });
  twins.write(scratch + KEYS_AT, twins.read(burst, BurstAt.End));
}

function expectLegal(name: FunctionName, args: readonly number[], subject: Subject): void {
  const { twins } = subject;
  if (name === "node_size") return; // there are no caps there by now
  const answer = named(twins.call(name, ...args));
  if (answer === "BadArgument") throw new Error(`${print({ name, args })} was meant to be legal`);
}

// Any arguments at all, right ones among them, on bytes of any kind.
function anything(subject: Subject, other: Subject): Law {
  const { twins, node, scratch, arena, end } = subject;
  const places = [node, scratch, scratch + OUT_AT, arena, end - 64, end - 8, other.node, twins.end];
  const number = fc.oneof(
    { arbitrary: fc.constantFrom(...places), weight: 4 },
    { arbitrary: fc.nat(300), weight: 3 },
    { arbitrary: fc.integer({ min: scratch, max: end }).map((at) => at & ~7), weight: 2 },
    { arbitrary: fc.integer(), weight: 1 },
    { arbitrary: fc.double(), weight: 1 },
  );
  const input = fc.record({
    name: fc.constantFrom(...NODE_CALLS),
    isNode: fc.boolean(),
    args: fc.array(number, { minLength: 4, maxLength: 4 }),
    bytes: noise(256),
  });
  return law("anything", input, ({ name, isNode, args, bytes }) => {
    const given = [isNode ? node : (args[0] ?? 0), ...args].slice(0, SIGNATURES[name]?.length);
    twins.back();
    twins.write(scratch, bytes);
    twins.watch();
    const answer = twins.call(name, ...given);
    if (answer < Status.Unsupported && answer !== Status.BadPort) {
      throw new Error(`${print({ name, args: given })} answered ${answer}`);
    }
    if (answer === Status.BadArgument || answer === Status.BadPort) twins.expectTouched([]);
    // Below the first claimed address lies what no node owns: the core's own scratch.
    const own = { start: 1024, end: twins.first };
    twins.expectTouched([own, (given[0] ?? 0) >>> 0 === other.node ? all(other) : all(subject)]);
    twins.expectAlike();
  });
}

function all(subject: Subject): { start: number; end: number } {
  return { start: subject.node, end: subject.end };
}

function print({ name, args }: { name: string; args: readonly number[] }): string {
  return `${name}(${args.join(", ")})`;
}
