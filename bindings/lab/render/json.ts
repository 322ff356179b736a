// A trace as JSON, for programs that are not written in JavaScript: the same names as in a Trace,
// but that a packet holds its hops, and that bytes are hex digits where the trace has spans.
import { printHex } from "../../core/index.ts";
import type { Hop, Packet, Sighting, Span, Trace } from "../trace/trace.ts";
import { whyText } from "../why/index.ts";
import { hopsOf } from "./moment.ts";

/** A run as `heddle lab SCENARIO --json` prints it. */
export interface TraceDocument
  extends Omit<Trace, "packets" | "hops" | "bytes" | "sightings" | "network"> {
  readonly packets: readonly PacketDocument[];
  readonly sightings: readonly SightingDocument[];
}

/** A packet with its hops, in order. */
export interface PacketDocument extends Omit<Packet, "firstHop" | "hopCount"> {
  readonly hops: readonly HopDocument[];
}

/** A hop with its bytes: null, or hex digits, of what came in; one text for each that went out. */
export interface HopDocument extends Omit<Hop, "packet" | "in" | "out"> {
  readonly in: string | null;
  readonly out: readonly string[];
  /** The sentence in English. */
  readonly why: string;
}

export interface SightingDocument extends Omit<Sighting, "bytes"> {
  readonly bytes: string;
}

export function traceDocument(trace: Trace): TraceDocument {
  const { packets, hops: _hops, bytes: _bytes, network: _network, sightings, ...rest } = trace;
  return {
    ...rest,
    packets: packets.map((packet) => packetDocument(trace, packet)),
    sightings: sightings.map((each) => ({ ...each, bytes: hexOf(trace, each.bytes) })),
  };
}

function packetDocument(trace: Trace, packet: Packet): PacketDocument {
  const { firstHop: _first, hopCount: _count, ...rest } = packet;
  return { ...rest, hops: hopsOf(trace, packet).map((hop) => hopDocument(trace, hop)) };
}

function hopDocument(trace: Trace, hop: Hop): HopDocument {
  const { packet: _packet, ...rest } = hop;
  return {
    ...rest,
    in: hop.in === null ? null : hexOf(trace, hop.in),
    out: hop.out.map((span) => hexOf(trace, span)),
    why: whyText(hop, "en"),
  };
}

function hexOf({ bytes }: Trace, { offset, len }: Span): string {
  return printHex(bytes.subarray(offset, offset + len));
}
