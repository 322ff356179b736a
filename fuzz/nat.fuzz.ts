// Address translation against a list: packets and ICMP errors at both hooks, while rules change,
// flows go silent, end, begin anew and find no room. What comes out is compared to the byte with a
// packet that was made with the ends that the model says: so every checksum is right, too.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { BurstFlag, type DescFlagName, NodeInfoAt, type RuleInit } from "../bindings/core/index.ts";
import { type Conn, connLayout } from "../bindings/core/tables/conns.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { ruleLayout } from "../bindings/core/tables/rules.ts";
import { takeApart } from "../test/model/decode.ts";
import { type ModelConn, ModelNat, type ModelPacket, type ModelRule } from "../test/model/nat.ts";
import { CAST, frame, ipv4Packet, mostly, noise } from "./arbitrary/index.ts";
import { type Fed, type Feed, HEADROOM_LEN, lay, PACKET_FIRST, run } from "./feed.ts";
import {
  answerTo,
  bytesOf,
  type Drawn,
  drawn,
  error,
  errorOf,
  ICMP,
  packet,
  RULES,
  rarely,
  rule,
  type Told,
} from "./flows.ts";
import { commands, type Law, law, operation, type Suite } from "./law.ts";
import { expectOk, named, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const STEPS = 60;
const CAPS = { ...SMALL, conns: 5, rules: RULES };
const PORTS: ReadonlyMap<number, string | null> = new Map([
  [0, "172.17.0.1"],
  [1, "10.168.0.2"],
  [2, null],
]);

/** Rules that change most of what comes. */
const CHANGING: readonly RuleInit[] = [
  { index: 0, hook: "prerouting", action: "dnat", protocol: 6, toAddress: "10.2.0.9", toPort: 80 },
  { index: 1, hook: "prerouting", action: "dnat", toAddress: "10.2.0.1" },
  { index: 2, hook: "postrouting", action: "masquerade", flags: ["randomPort"] },
];
const HEADERS: readonly string[] = ["ethernet", "ipv4", "udp", "tcp", "icmp"];

const keyLayout = connLayout.key("protocol", "source", "target", "sourcePort", "targetPort");

interface State {
  readonly nat: ModelNat;
  nowMs: number;
  /** What came out lately, to be quoted. */
  sent: ModelPacket[];
}

const OPERATIONS = {
  send: operation(14, drawn, send),
  tell: operation(3, error, tell),
  setRule: operation(3, rule, setRule),
  removeRule: operation(1, fc.nat(RULES - 1), removeRule),
  removeConn: operation(1, packet, removeConn),
  age: operation(1, fc.constant(100), age),
  wait: operation(2, fc.constantFrom(1, 999, 9000, 30000, 61000, 119999), wait),
};

export async function openNat(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, CAPS, 0x5eedn);
  for (const [index, ipv4] of PORTS) {
    expectOk(subject.one("port_set", portLayout, { index, kind: "ip", ipv4, prefixLen: 16 }));
  }
  twins.keep();
  const begin = (): { model: State; real: Subject } => {
    twins.back();
    const nat = new ModelNat(CAPS.conns, PORTS);
    return { model: { nat, nowMs: 0, sent: [] }, real: subject };
  };
  const end = ({ nat }: State): void => {
    nat.forget();
    deepStrictEqual(flowsOf(subject), nat.flows.map((flow) => told(nat, flow)).sort(byText));
    for (const { index } of nat.rules.values()) {
      expectOk(subject.one("rule_get", ruleLayout.key("index"), { index }));
      strictEqual(subject.told(ruleLayout).hits, nat.hits.get(index) ?? 0);
    }
    twins.expectAlike();
  };
  const machine = { operations: OPERATIONS, steps: STEPS, begin, end };
  return { name: "nat", share: 3, laws: [commands("commands", machine), soundLaw(subject)] };
}

// Whatever bytes come: no call traps, none writes elsewhere, and what comes out is as sound as it
// was, layer by layer: no length and no checksum became right or wrong.
function soundLaw(subject: Subject): Law {
  const { twins, node, end } = subject;
  const bytes = fc.oneof(mostly(ipv4Packet(CAST)), mostly(frame(CAST)), noise(80));
  const one = fc.record({ bytes, isFrame: fc.boolean(), isAfter: fc.boolean(), isShared: rarely });
  const input = fc.array(one, { minLength: 1, maxLength: 6 });
  return law("sound", input, (packets) => {
    twins.back();
    for (const changing of CHANGING) expectOk(subject.one("rule_set", ruleLayout, changing));
    for (const { bytes, isFrame, isAfter, isShared } of packets) {
      twins.watch();
      const fed = feed(subject, bytes, { port: 1, isAfter, isShared, isFrame }, 0);
      twins.expectTouched([
        { start: 1024, end: twins.first },
        { start: node, end },
      ]);
      twins.expectAlike();
      for (const out of fed.outs)
        deepStrictEqual(shapeOf(out.bytes, isFrame), shapeOf(bytes, isFrame));
    }
  });
}

function shapeOf(bytes: Uint8Array, isFrame: boolean): unknown[] {
  const layers = takeApart(bytes, isFrame ? "ethernet" : "ip").filter(({ depth }) => depth === 0);
  const headers = layers.filter(({ layer }) => HEADERS.includes(layer));
  return [bytes.length, ...headers.map(({ layer, offset, status }) => [layer, offset, status])];
}

function flowsOf(subject: Subject): Conn[] {
  const { twins, node, scratch } = subject;
  const flows: Conn[] = [];
  const next = (cursor: number): number => expectOk(twins.call("conn_next", node, cursor, scratch));
  for (let cursor = next(0); cursor !== 0; cursor = next(cursor)) {
    flows.push(connLayout.read(twins.view, scratch));
  }
  return flows.sort(byText);
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function told(nat: ModelNat, flow: ModelConn): Conn {
  const { protocol, original, reply, seenS, ...rest } = flow;
  return {
    protocol,
    ...{ source: original.src, target: original.dst },
    ...{ sourcePort: original.srcPort, targetPort: original.dstPort },
    ...{ replySource: reply.src, replyTarget: reply.dst },
    ...{ replySourcePort: reply.srcPort, replyTargetPort: reply.dstPort },
    state: rest.state,
    isSourceChosen: rest.isSourceChosen,
    ...{ sourceRule: rest.sourceRule, targetRule: rest.targetRule },
    ...{ seenS, leftS: nat.leftS(flow) },
  };
}

type Place = Pick<Drawn, "port" | "isAfter" | "isShared"> & { readonly isFrame?: boolean };

/** Feeds one packet to a hook. */
function feed(subject: Subject, bytes: Uint8Array, place: Place, nowMs: number): Fed {
  const { port, isAfter, isShared, isFrame = false } = place;
  const ptr = subject.slot(PACKET_FIRST) + HEADROOM_LEN;
  subject.twins.write(ptr, bytes);
  const flags: DescFlagName[] = [
    ...(isFrame ? [] : ["l3" as const]),
    ...(isShared ? ["shared" as const] : []),
  ];
  const given: Feed = {
    ...({ element: "nat_burst", port: 0, nowMs } as const),
    packets: [{ ptr, len: bytes.length, port, flags }],
    flags: isAfter ? BurstFlag.AfterRouting : 0,
  };
  lay(subject, given);
  return run(subject, given);
}

function expectOut(fed: Fed, verdict: string, bytes: Uint8Array, port: number | null): void {
  strictEqual(fed.ins[0]?.verdict, verdict);
  strictEqual(fed.outs.length, verdict === "consumed" ? 1 : 0);
  for (const out of fed.outs) {
    strictEqual(out.desc.port, port);
    deepStrictEqual(Buffer.from(out.bytes), Buffer.from(bytes));
  }
}

function send({ packet, answers, ...place }: Drawn, state: State, subject: Subject): void {
  const { nat, nowMs, sent } = state;
  const asked = answers === null ? undefined : sent[answers];
  const given = asked === undefined ? packet : answerTo(asked, packet);
  const fed = feed(subject, bytesOf(given), place, nowMs);
  const after = nat.pass(given, place.port, place.isAfter, drawnOf(given.protocol, fed));
  const out = { ...given, ends: after.ends };
  expectOut(fed, after.verdict, bytesOf(out), place.port);
  if (after.verdict === "consumed") state.sent = [out, ...sent].slice(0, 8);
}

/** The source port, or an echo's identifier, of what came out. */
function drawnOf(protocol: number, { outs }: Fed): number {
  const at = protocol === ICMP ? 24 : 20;
  const bytes = outs[0]?.bytes ?? new Uint8Array();
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function tell(one: Told, state: State, subject: Subject): void {
  const { which, isShort, src, dst, place } = one;
  const quoted = state.sent[which];
  if (quoted === undefined) return;
  const { port, isAfter } = place;
  const at = { port: isAfter ? (port ?? 1) : port, isAfter, isShared: false };
  const fed = feed(subject, errorOf({ src, dst }, quoted, isShort), at, state.nowMs);
  const after = state.nat.passError({ src, dst }, quoted, isAfter);
  const whole = errorOf(after.outer, { ...quoted, ends: after.quoted }, isShort);
  expectOut(fed, "consumed", whole, at.port);
}

function setRule(one: ModelRule, { nat }: State, subject: Subject): void {
  nat.rules.set(one.index, one);
  if (!nat.hits.has(one.index)) nat.hits.set(one.index, 0);
  strictEqual(named(subject.one("rule_set", ruleLayout, one)), one.index);
}

function removeRule(index: number, { nat }: State, subject: Subject): void {
  nat.hits.delete(index);
  const answer = named(subject.twins.call("rule_remove", subject.node, index));
  strictEqual(answer, nat.rules.delete(index) ? 0 : "NotFound");
}

function removeConn({ protocol, ends }: ModelPacket, { nat }: State, subject: Subject): void {
  const key = {
    ...{ protocol, source: ends.src, target: ends.dst },
    ...{ sourcePort: ends.srcPort, targetPort: ends.dstPort },
  };
  const flow = nat.find(protocol, ends);
  const answer = named(subject.one("conn_remove", keyLayout, key));
  strictEqual(answer, flow === undefined ? "NotFound" : 0);
  if (flow !== undefined) nat.remove(flow);
}

// Whatever has timed out is gone, and what is left is counted.
function age(budget: number, { nat, nowMs }: State, subject: Subject): void {
  expectOk(subject.twins.call("conn_age", subject.node, budget, nowMs));
  nat.forget();
  expectOk(subject.twins.call("node_info", subject.node, subject.scratch));
  const count = subject.twins.view.getUint32(subject.scratch + NodeInfoAt.Conns, true);
  strictEqual(count, nat.flows.length);
}

// The core has no clock: a call that looks at nothing tells it what time it is.
function wait(ms: number, state: State, subject: Subject): void {
  state.nowMs += ms;
  state.nat.nowS = Math.floor(state.nowMs / 1000);
  strictEqual(subject.twins.call("conn_age", subject.node, 0, state.nowMs), 0);
}
