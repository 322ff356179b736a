// What of a run an assertion looks at: a packet by kind and ends, a hop by place, a header.
import type { LayerFields, LayerName } from "../../../core/index.ts";
import type { Run } from "../../scenario.ts";
import type { Hop, Packet, PacketKind, Sighting } from "../../trace/trace.ts";
import type { Verdict } from "../../trace/verdict.ts";
import { addressOf } from "./entity.ts";

/** Ends are addresses, or places such as "c1:eth0". */
export interface PacketWanted {
  readonly kind?: PacketKind;
  readonly from?: string;
  readonly to?: string;
}

export interface HopWanted {
  /** "node1:flannel.1", or a namespace alone. */
  readonly at?: string;
  readonly verdict?: Verdict;
}

/** All packets that are as wanted, in the order of time. */
export function packetsIn(run: Run, wanted: PacketWanted): readonly Packet[] {
  const { kind } = wanted;
  const from = wanted.from && addressOf(run, wanted.from);
  const to = wanted.to && addressOf(run, wanted.to);
  return run.trace.packets.filter(
    (packet) =>
      (kind === undefined || packet.kind === kind) &&
      (from === undefined || packet.from === from) &&
      (to === undefined || packet.to === to),
  );
}

/** The first packet that is as wanted. Throws Error where there is none. */
export function packetIn(run: Run, wanted: PacketWanted): Packet {
  const [first] = packetsIn(run, wanted);
  if (first === undefined) throw new Error(`no packet ${JSON.stringify(wanted)}`);
  return first;
}

/** The hops of a packet that are as wanted. */
export function hopsAt(run: Run, packet: Packet, wanted: HopWanted): readonly Hop[] {
  const { at, verdict } = wanted;
  return run.hops(packet).filter((hop) => {
    const isThere = at === undefined || at === hop.namespace || at === placeOf(hop);
    return isThere && (verdict === undefined || verdict === hop.verdict);
  });
}

export function hopAt(run: Run, packet: Packet, wanted: HopWanted): Hop {
  const [first] = hopsAt(run, packet, wanted);
  if (first === undefined) throw new Error(`no hop ${JSON.stringify(wanted)} of ${packet.label}`);
  return first;
}

export function placeOf(hop: Hop): string {
  return `${hop.namespace}:${hop.device}`;
}

/** How a hop is named in findings. */
export function refOf(hop: Hop): { readonly packet: number; readonly hop: number } {
  return { packet: hop.packet, hop: hop.n };
}

export function lastHop(run: Run, packet: Packet): Hop {
  const last = run.hops(packet).at(-1);
  if (last === undefined) throw new Error(`${packet.label} has no hop`);
  return last;
}

/** The bytes of a hop as they left; of one that ends, as they came. */
export function bytesOf(run: Run, hop: Hop, side: "in" | "out" = "out"): Uint8Array {
  const span = side === "out" ? (hop.out[0] ?? hop.in) : hop.in;
  if (span === null || span === undefined) throw new Error(`hop ${hop.n} has no bytes`);
  return run.bytes(span);
}

/** A header of a hop, counted from outside: 0 is the outermost of its kind. */
export function headerOf<Name extends LayerName>(
  run: Run,
  hop: Hop,
  layer: Name,
  nth = 0,
): LayerFields[Name] {
  const out = hop.out[0];
  const [span, link] = out ? [out, hop.outLink] : [hop.in, hop.inLink];
  if (span === null) throw new Error(`hop ${hop.n} has no bytes`);
  const found = run.decode(span, link).layers.filter((each) => each.layer === layer)[nth];
  if (found === undefined) throw new Error(`hop ${hop.n} has no ${layer} ${nth}`);
  return found.fields as LayerFields[Name];
}

/** The innermost header of its kind. */
export function innerOf<Name extends LayerName>(
  run: Run,
  hop: Hop,
  layer: Name,
): LayerFields[Name] {
  const out = hop.out[0];
  const [span, link] = out ? [out, hop.outLink] : [hop.in, hop.inLink];
  if (span === null) throw new Error(`hop ${hop.n} has no bytes`);
  const found = run.decode(span, link).layers.findLast((each) => each.layer === layer);
  if (found === undefined) throw new Error(`hop ${hop.n} has no ${layer}`);
  return found.fields as LayerFields[Name];
}

/** What a capture at a place holds where something passed. Throws Error where nothing did. */
export function passedAt(run: Run, place: string): readonly Sighting[] {
  const seen = seenAt(run, place);
  if (seen.length === 0) throw new Error(`nothing passed ${place}`);
  return seen;
}

/** What a capture at a place holds. */
export function seenAt(run: Run, place: string, direction?: "in" | "out"): readonly Sighting[] {
  return run.trace.sightings.filter(
    (each) => each.place === place && (direction === undefined || each.direction === direction),
  );
}
