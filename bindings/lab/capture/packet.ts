import type { LinkType } from "../pcapng.ts";

/** Where packets were seen. */
export interface CapturedInterface {
  /** From zero over the whole capture, however many sections it has. */
  readonly index: number;
  /** What a packet begins with; null when it is neither of the two. */
  readonly linkType: LinkType | null;
  /** The link type by its registered number: 1 is Ethernet. */
  readonly linkNumber: number;
  /** Most bytes that were kept of a packet; 0: all of them. */
  readonly snapLen: number;
  readonly name?: string;
  readonly description?: string;
}

/** A packet as a capture has it. */
export interface CapturedPacket {
  /** From zero over the whole capture. */
  readonly index: number;
  readonly interface: CapturedInterface;
  /** Nanoseconds since 1970; null where the capture says no time (a simple packet block). */
  readonly timeNs: bigint | null;
  /** What was kept of it: a copy of its own. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire. */
  readonly originalLen: number;
  /** As the owner of the interface sees it. */
  readonly direction?: "in" | "out";
  readonly comments: readonly string[];
}

/** A packet that its capture has not counted yet. */
export type Uncounted = Omit<CapturedPacket, "index">;

/** Beyond the MTU of every link, so a longer packet has a broken length. */
export const PACKET_LEN_MAX: number = 1 << 18;

// https://www.tcpdump.org/linktypes.html. 12 and 14 are DLT_RAW as some systems number it.
const ETHERNET = 1;
const RAW_IP: ReadonlySet<number> = new Set([12, 14, 101, 228]);

export function linkTypeOf(linkNumber: number): LinkType | null {
  if (linkNumber === ETHERNET) return "ethernet";
  return RAW_IP.has(linkNumber) ? "ip" : null;
}
