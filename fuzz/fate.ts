// Compares what became of packets with what the model says.
import { deepStrictEqual, strictEqual } from "node:assert";
import { wordAt } from "../test/model/parse.ts";
import type { Fate, ModelOut } from "../test/model/path.ts";
import type { Fed, Out } from "./feed.ts";

/** Returns what the core chose by itself. */
export function expectFates(fed: Fed, fates: readonly Fate[]): number[] {
  deepStrictEqual(
    fed.ins.map(({ verdict }) => verdict),
    fates.map(({ verdict }) => verdict),
  );
  const outs = fates.flatMap((fate) => fate.outs);
  strictEqual(fed.outs.length, outs.length, "packets that came out");
  strictEqual(fed.answer, outs.length);
  return outs.flatMap((out, at) => expectOut(fed.outs[at] as Out, out));
}

/**
 * With little room each packet fares as it would, or as NoRoom, and what comes out is among what
 * would have, in the same order.
 */
export function expectSome(fed: Fed, fates: readonly Fate[]): number[] {
  fates.forEach(({ verdict }, at) => {
    const actual = fed.ins[at]?.verdict;
    if (actual !== verdict) strictEqual(actual, "NoRoom");
  });
  const outs = fates.flatMap((fate) => fate.outs);
  const chosen: number[] = [];
  let next = 0;
  for (const out of fed.outs) {
    while (next < outs.length && !isLike(out, outs[next] as ModelOut)) next += 1;
    if (next === outs.length) throw new Error(`nothing that was to come out: ${out.desc}`);
    chosen.push(out.desc.lane);
    next += 1;
  }
  return chosen;
}

function isLike(out: Out, expected: ModelOut): boolean {
  try {
    expectOut(out, expected);
    return true;
  } catch {
    return false;
  }
}

/** Returns what the core chose: identification, source port and lane. */
function expectOut({ desc, bytes }: Out, expected: ModelOut): number[] {
  const { ptr, len, lane, ...fields } = desc;
  deepStrictEqual(fields, {
    port: expected.port,
    flags: fields.flags.filter((flag) => expected.flags.includes(flag)),
    verdict: "alive",
    remote: expected.remote,
    peer: expected.peer,
    vni: expected.vni,
    gsoSize: 0,
    csumStart: 0,
    csumOffset: 0,
    gsoType: 0,
    tos: expected.tos,
  });
  strictEqual(fields.flags.length, expected.flags.length);
  if (!expected.hasLane) strictEqual(lane, 0);
  const { srcPorts } = expected;
  const isOuter = srcPorts !== undefined;
  const chosen = { id: wordAt(bytes, 18), srcPort: wordAt(bytes, 34) };
  if (isOuter && (chosen.srcPort < srcPorts[0] || chosen.srcPort > srcPorts[1])) {
    throw new Error(`source port ${chosen.srcPort}, not of ${srcPorts.join(" to ")}`);
  }
  deepStrictEqual(Buffer.from(bytes), Buffer.from(expected.bytes(chosen)));
  return isOuter ? [lane, chosen.id, chosen.srcPort] : [lane];
}
