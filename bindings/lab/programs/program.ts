// Whoever in a namespace packets are for.
import type { Arrival, Quote } from "./arrival.ts";

/** Why a packet could not leave. */
export type Failure = "net-unreachable" | "host-unreachable" | "too-big";

/** A program, or a socket of one. */
export interface Program {
  /** "ping", "nginx". */
  readonly app: string;
  /** True if the packet was for this program, which has it now. */
  takes(arrival: Arrival): boolean;
  /** A packet of the namespace could not leave: true if it was this program's. */
  misses(own: Quote, why: Failure): boolean;
}
