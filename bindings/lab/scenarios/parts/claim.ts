// Assertions that many scenarios share. Each looks at the run's bytes and tables; what it expects
// follows from the entities that it names, never from an address written here.
import { printHex } from "../../../core/index.ts";
import type { Assertion, Finding, Run } from "../../scenario.ts";
import type { Hop, TableKind } from "../../trace/trace.ts";
import type { Verdict } from "../../trace/verdict.ts";
import { deviceAt } from "./entity.ts";
import {
  bytesOf,
  headerOf,
  hopAt,
  lastHop,
  packetIn,
  packetsIn,
  passedAt,
  refOf,
  seenAt,
} from "./find.ts";

/** An assertion with its name in both languages. */
export function claim(en: string, zh: string, check: (run: Run) => Finding): Assertion {
  return { name: { en, zh }, check };
}

/** Whether two things are the same, and what was found. */
export function same(found: unknown, expected: unknown, hop?: Hop): Finding {
  const [is, must] = [print(found), print(expected)];
  const isHeld = is === must;
  const at = hop && { at: refOf(hop) };
  return { isHeld, found: isHeld ? is : `${is}, expected ${must}`, ...at };
}

function print(value: unknown): string {
  if (value instanceof Uint8Array) return printHex(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Every echo request between two places was answered, whatever was translated on the way. */
export function answered(from: string, to: string, count = 1): Assertion {
  return claim(`${from} hears from ${to} each time`, `${from} 每次都收到 ${to} 的回应`, (run) => {
    const replies = packetsIn(run, { kind: "echo-reply", from: to });
    const isHeard = ({ verdict, namespace }: Hop): boolean =>
      verdict === "deliver" && from.startsWith(`${namespace}:`);
    const heard = replies.filter((packet) => run.hops(packet).some(isHeard));
    return same(heard.length, count);
  });
}

/** The TTL with which the first echo request reaches its target. */
export function arrivesWithTtl(from: string, to: string, ttl: number): Assertion {
  return claim(`TTL 64 arrives as ${ttl}`, `TTL 64 到达时是 ${ttl}`, (run) => {
    const hop = lastHop(run, packetIn(run, { kind: "echo-request", from, to }));
    if (hop.verdict !== "deliver") return same(hop.verdict, "deliver", hop);
    return same(headerOf(run, hop, "ipv4").ttl, ttl, hop);
  });
}

/** How the first echo request travels, as verdicts. */
export function travels(from: string, to: string, verdicts: readonly Verdict[]): Assertion {
  const en = `the request takes ${verdicts.length} hops: ${verdicts.join(", ")}`;
  return claim(en, `请求走 ${verdicts.length} 跳：${verdicts.join(", ")}`, (run) => {
    const packet = packetIn(run, { kind: "echo-request", from, to });
    return same(
      run.hops(packet).map(({ verdict }) => verdict),
      verdicts,
    );
  });
}

/** How long the first echo request is where it leaves a place. */
export function isLong(from: string, to: string, at: string, len: number): Assertion {
  return claim(`it is ${len} bytes long at ${at}`, `在 ${at} 处长 ${len} 字节`, (run) => {
    const hop = hopAt(run, packetIn(run, { kind: "echo-request", from, to }), { at });
    return same(bytesOf(run, hop).length, len, hop);
  });
}

/** Of all that VTEPs wrap there is nothing but echoes, one way and back. */
export function onlyEchoes(en: string, zh: string): Assertion {
  return claim(en, zh, ({ trace: { hops, packets } }) => {
    const wrapped = hops.filter(({ verdict }) => verdict === "encap-vxlan");
    const kinds = new Set(wrapped.map(({ packet }) => packets[packet]?.kind));
    return same([...kinds].sort(), ["echo-reply", "echo-request"]);
  });
}

/** A table has exactly so many rows of which `holds` is true. */
export function hasRows(
  namespace: string,
  kind: TableKind,
  count: number,
  holds: (row: string, run: Run) => boolean,
): (run: Run) => Finding {
  return (run) => same(run.rows(namespace, kind).filter((row) => holds(row, run)).length, count);
}

/** Nothing whatever was seen at a place, though something passed another. */
export function isSilent(place: string, other: string): Assertion {
  return claim(`nothing passes ${place}`, `${place} 上什么也没有`, (run) => {
    passedAt(run, other);
    deviceAt(run, place); // it could have been seen there
    return same(seenAt(run, place).length, 0);
  });
}

/** A program printed something. */
export function printed(namespace: string, words: string | RegExp): (run: Run) => Finding {
  return ({ trace }) => {
    const texts = trace.outputs.filter((each) => each.namespace === namespace);
    const text = texts.map((each) => each.text).join("\n");
    const isHeld = typeof words === "string" ? text.includes(words) : words.test(text);
    return { isHeld, found: isHeld ? String(words) : text };
  };
}
