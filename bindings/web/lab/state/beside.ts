// Two modes side by side share one cursor, by what everybody calls a moment of the journey: sent,
// left the host, on the underlay, entered a host, delivered.
import type { Hop, Milestone, Packet, Trace } from "../../../lab/trace/trace.ts";
import type { Cursor, State } from "./state.ts";

export const MILESTONES: readonly Milestone[] = [
  "sent",
  "left-host",
  "on-underlay",
  "entered-host",
  "delivered",
];

/** Hops from one milestone to the next. */
export interface Segment {
  readonly milestone: Milestone;
  readonly hops: readonly Hop[];
}

/** The state of the other side, as if it stood alone; null: nothing is compared, or not yet. */
export function otherState(state: State): State | null {
  const { compare, trace } = state;
  if (compare === null || compare.trace === null || trace === null) return null;
  const { scenario, variant, phase } = compare;
  const at = mapped(trace, compare.trace, state.at);
  const alone = { compare: null, drill: null, edits: [] };
  return { ...state, scenario, variant, phase, trace: compare.trace, at, ...alone };
}

/** The place of another trace that a place of this one means. */
export function mapped(from: Trace, to: Trace, at: Cursor): Cursor {
  const packet = samePacket(from, to, at.packet);
  if (packet === undefined) return { packet: 0, hop: 1 };
  const here = from.packets[at.packet];
  const segments = here === undefined ? [] : segmentsOf(from, here);
  const segment = segments.findIndex(({ hops }) => hops.some(({ n }) => n === at.hop));
  const inside = segments[segment]?.hops.findIndex(({ n }) => n === at.hop) ?? 0;
  const milestone = segments[segment]?.milestone ?? "sent";
  const others = segmentsOf(to, packet);
  const rank = MILESTONES.indexOf(milestone);
  const same = others.findLast((each) => MILESTONES.indexOf(each.milestone) <= rank) ?? others[0];
  const hops = same?.hops ?? [];
  const hop = same?.milestone === milestone ? hops[Math.min(inside, hops.length - 1)] : hops.at(-1);
  return { packet: packet.index, hop: hop?.n ?? 1 };
}

// The main packet that is as far along as this one, and of its kind if there is one.
function samePacket(from: Trace, to: Trace, index: number): Packet | undefined {
  const packet = from.packets[index];
  const isMain = ({ line }: Packet): boolean => line === "main";
  const alike = (trace: Trace): Packet[] =>
    trace.packets.filter((each) => isMain(each) && each.kind === packet?.kind);
  const rank = alike(from).findIndex((each) => each.index === index);
  return alike(to)[Math.max(rank, 0)] ?? to.packets.find(isMain);
}

/** All hops of a packet, by the milestone that came last. */
export function segmentsOf(trace: Trace, { firstHop, hopCount }: Packet): Segment[] {
  const segments: { milestone: Milestone; hops: Hop[] }[] = [];
  for (const hop of trace.hops.slice(firstHop, firstHop + hopCount)) {
    const last = segments.at(-1);
    const isNew = hop.milestone !== null && hop.milestone !== last?.milestone;
    if (last === undefined || isNew) {
      segments.push({ milestone: hop.milestone ?? "sent", hops: [hop] });
    } else last.hops.push(hop);
  }
  return segments;
}
