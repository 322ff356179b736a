// A moment of a run, and what had happened by then. Hops follow one another without time between
// them, so a hop names a moment more finely than a time does: it has seen what its own packet did
// up to here, and what it waited for, and nothing of what it causes.
import type { Hop, Trace } from "../trace/trace.ts";

/** A hop by its packet and its number there, nanoseconds since the run began, or its end. */
export type Moment = { readonly packet: number; readonly hop: number } | number | "end";

/** Something that happened: a change of a table, a packet at a device. */
export interface Happening {
  readonly timeNs: number;
  /** null: time did it, or an operator. */
  readonly hop: { readonly packet: number; readonly hop: number } | null;
}

/** Whether something had happened by a moment. */
export function happenedBy(trace: Trace, at: Moment): (what: Happening) => boolean {
  if (at === "end") return () => true;
  if (typeof at === "number") return ({ timeNs }) => timeNs <= at;
  const { waitedFor, leftNs } = departureOf(trace, hopOf(trace, at));
  return ({ timeNs, hop }) => {
    if (hop === null) return timeNs <= leftNs;
    if (hop.packet === at.packet) return hop.hop <= at.hop;
    return timeNs < leftNs || (timeNs === leftNs && waitedFor.has(hop.packet));
  };
}

/** Nanoseconds since the run began. */
export function timeOf(trace: Trace, at: Moment): number {
  if (typeof at === "number") return at;
  if (at !== "end") return departureOf(trace, hopOf(trace, at)).leftNs;
  return Math.max(0, ...lastTimes(trace));
}

/** Throws RangeError where the trace has no such hop. */
export function hopOf(trace: Trace, at: { readonly packet: number; readonly hop: number }): Hop {
  const packet = trace.packets[at.packet];
  const hop = packet && hopsOf(trace, packet).find(({ n }) => n === at.hop);
  if (hop !== undefined) return hop;
  const there = packet ? `has hops 1 to ${packet.hopCount}` : "is not in the trace";
  throw new RangeError(`packet ${at.packet} ${there}: there is no hop ${at.hop}`);
}

/** Of one packet, in order. */
export function hopsOf(
  trace: Trace,
  { firstHop, hopCount }: { readonly firstHop: number; readonly hopCount: number },
): readonly Hop[] {
  return trace.hops.slice(firstHop, firstHop + hopCount);
}

/** When the packet left a hop, and the packets that it had waited for until then. */
function departureOf(trace: Trace, hop: Hop): { waitedFor: ReadonlySet<number>; leftNs: number } {
  const packet = trace.packets[hop.packet];
  const next = packet ? hopsOf(trace, packet).filter(({ from }) => from === hop.n) : [];
  const leftNs = next.length > 0 ? Math.min(...next.map(({ timeNs }) => timeNs)) : hop.timeNs;
  return { waitedFor: new Set(hop.side), leftNs };
}

function lastTimes(trace: Trace): number[] {
  const last = [trace.hops, trace.log, trace.outputs, trace.sightings].map((list) => {
    return list.reduce((max, { timeNs }) => Math.max(max, timeNs), 0);
  });
  return last;
}
