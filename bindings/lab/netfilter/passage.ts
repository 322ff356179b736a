// A packet on its way past a hook, and what rules can ask of it.
import { type Core, type DecodedLayer, decode, type Ipv4Fields } from "../../core/index.ts";
import type { Flow } from "../words/index.ts";

export type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

export interface Passage {
  readonly hook: Hook;
  /** From IPv4 on, as it comes to the hook. */
  readonly packet: Uint8Array;
  /** Devices by name; null where there is none yet, or no more. */
  readonly in: string | null;
  readonly out: string | null;
  /** Of a frame that a bridge forwards: its ports. `in` and `out` are then the bridge. */
  readonly physicalIn?: string;
  readonly physicalOut?: string;
  /** The Ethernet header with which it came in. */
  readonly frameHeader?: Uint8Array;
  /** What it is to the flows that are known. */
  readonly flow: Exclude<Flow, "SNAT" | "DNAT">;
  /** Whether the flow's addresses are translated. */
  readonly isSourceTranslated?: boolean;
  readonly isTargetTranslated?: boolean;
  readonly mark?: number;
  /** A rule of raw has asked for it at an earlier hook. */
  readonly isTraced?: boolean;
  /** By which a trace tells packets apart: 32 bits. */
  readonly traceId?: number;
  /** Whether an address is one of the namespace's own. */
  readonly isLocal: (address: string) => boolean;
}

/** The headers that rules and logs look at. */
export interface Headers {
  readonly ip: Ipv4Fields;
  /** Null for later fragments, other protocols, and what cannot be read. */
  readonly body: Extract<DecodedLayer, { readonly layer: "icmp" | "tcp" | "udp" }> | null;
}

/** Null for what does not begin with an IPv4 header. */
export function readHeaders(core: Core, packet: Uint8Array): Headers | null {
  const [first, second] = decode(core, packet, { link: "ip" }).layers;
  if (first?.layer !== "ipv4") return null;
  const isKnown = second?.layer === "icmp" || second?.layer === "tcp" || second?.layer === "udp";
  return { ip: first.fields, body: isKnown ? second : null };
}
