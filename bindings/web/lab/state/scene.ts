// What is on the screen, as a function of the state: elements render it and ask for nothing else.

import type { FoundErratum, Hop, Packet, Range, Span, Trace } from "../../../lab/trace/trace.ts";
import { isDrop } from "../../../lab/trace/verdict.ts";
import { type Decode, type FieldRow, type Frame, frameOf } from "./frame.ts";
import { type Marks, marksOf } from "./marks.ts";
import { type Origin, originBefore, originHere } from "./origin.ts";
import type { DiffMode, State } from "./state.ts";
import { askedView, type TableView } from "./table-view.ts";

export interface Scene {
  readonly state: State;
  readonly trace: Trace | null;
  readonly packet: Packet | null;
  /** Of the packet. */
  readonly hops: readonly Hop[];
  readonly hop: Hop | null;
  /** As it came, and as it left; null where it was made here, or ended. */
  readonly before: Frame | null;
  readonly after: Frame | null;
  /** Which of them is shown; a hop that has only one shows that. */
  readonly diff: DiffMode;
  readonly shown: Frame | null;
  readonly marks: Marks;
  /** Tables in the order in which they were asked. */
  readonly asked: readonly TableView[];
  /** Errata whose proof is at this hop. */
  readonly errata: readonly FoundErratum[];
  /** The frame of any span of the trace. */
  readonly frameAt: (span: Span, link: "ethernet" | "ipv4") => Frame;
}

/** Makes scenes. Frames of one trace are taken apart once. */
export function stager(decode: Decode): (state: State) => Scene {
  const frames = new WeakMap<Uint8Array, Map<string, Frame>>();
  const framesOf = (bytes: Uint8Array): Scene["frameAt"] => {
    const known = frames.get(bytes) ?? new Map<string, Frame>();
    frames.set(bytes, known);
    return ({ offset, len }, link) => {
      const key = `${offset} ${len} ${link}`;
      const part = bytes.subarray(offset, offset + len);
      const frame = known.get(key) ?? frameOf(part, link, decode(part, link));
      known.set(key, frame);
      return frame;
    };
  };
  return (state) => sceneOf(state, framesOf(bytesOf(state)));
}

const NO_BYTES = new Uint8Array();

function bytesOf({ pane, capture, trace }: State): Uint8Array {
  if (pane.show === "decode" && capture !== null) return capture.bytes;
  return trace?.bytes ?? NO_BYTES;
}

function sceneOf(state: State, frameAt: Scene["frameAt"]): Scene {
  if (state.pane.show === "decode" && state.capture !== null) return captureScene(state, frameAt);
  const { trace } = state;
  const packet = trace?.packets[state.at.packet] ?? null;
  const hops = trace === null || packet === null ? [] : hopsOf(trace, packet);
  const hop = hops.find(({ n }) => n === state.at.hop) ?? null;
  const before = hop?.in ? frameAt(hop.in, hop.inLink) : null;
  const [out] = hop?.out ?? [];
  const after = hop !== null && out !== undefined ? frameAt(out, hop.outLink) : null;
  const diff = diffOf(state.diff, before, after);
  const shown = diff === "before" ? before : after;
  return {
    ...{ state, trace, packet, hops, hop, before, after, diff, shown, frameAt },
    marks: marksOf(shown, hop, state.sel),
    asked: hop === null || trace === null ? [] : hop.asked.map((a) => askedView(trace, hop, a)),
    errata: hop === null || trace === null ? [] : errataAt(trace, hop),
  };
}

function captureScene(state: State, frameAt: Scene["frameAt"]): Scene {
  const packet = state.capture?.packets[state.at.packet];
  const shown = packet === undefined ? null : frameAt(packet.span, packet.link);
  return {
    ...{ state, trace: null, packet: null, hops: [], hop: null, before: null, after: shown },
    ...{ diff: "after", shown, marks: marksOf(shown, null, state.sel), asked: [], errata: [] },
    frameAt,
  };
}

function diffOf(wanted: DiffMode, before: Frame | null, after: Frame | null): DiffMode {
  if (after === null) return "before";
  return before === null ? "after" : wanted;
}

/** All hops of a packet. */
export function hopsOf(trace: Trace, { firstHop, hopCount }: Packet): readonly Hop[] {
  return trace.hops.slice(firstHop, firstHop + hopCount);
}

export function errataAt(trace: Trace, hop: Hop): readonly FoundErratum[] {
  return trace.errata.filter(
    ({ proof }) => proof !== null && proof.packet === hop.packet && proof.hop === hop.n,
  );
}

/** How a hop is named outside of its trace. */
export function refOf({ packet, n }: Hop): { readonly packet: number; readonly hop: number } {
  return { packet, hop: n };
}

/** Whether two hops are one place of the reader's, of whatever traces they are. */
export function isSameHop(one: Hop, other: Hop): boolean {
  return one.packet === other.packet && one.n === other.n;
}

/** Whether a hop is where its packet ended. */
export function isEnd(hop: Hop): boolean {
  return isDrop(hop.verdict);
}

/** Where a row of the frame that is shown has its value from. */
export function originOf({ trace, hop, diff }: Scene, row: FieldRow): Origin {
  if (trace === null || hop === null) return { kind: "unknown" };
  return diff === "before" ? originBefore(trace, hop, row) : originHere(trace, hop, row);
}

/** How many bytes in front are new at this hop, or gone when negative. */
export function growth({ before, after }: Pick<Scene, "before" | "after">): number {
  if (before === null || after === null) return 0;
  return after.bytes.length - before.bytes.length;
}

/** The bytes of a range. */
export function bytesAt(frame: Frame, { at, len }: Range): Uint8Array {
  return frame.bytes.subarray(at, at + len);
}
