// What a run of an overlay says about itself. The demo on real devices reports the same things.

/** How packets travel: flannel's names. */
export type Backend = "vxlan" | "udp";

/** A run in memory. */
export interface OverlayReport {
  /** No device, no socket: everything below happened in memory. */
  readonly mode: "memory";
  readonly backend: Backend;
  readonly seed: string;
  /** Of the tunnel's device. */
  readonly mtu: number;
  /** There and back again: one entry for each direction. */
  readonly pings: readonly PingReport[];
  readonly mtuProbe: MtuProbeReport;
  readonly stream: StreamReport;
  readonly hosts: readonly HostReport[];
  /** Only when the caller lent a clock. */
  readonly bulk?: BulkReport;
}

/** Echo requests in one direction, and what came of them. */
export interface PingReport {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly received: number;
  /** Of the requests as the destination saw them; null when none arrived. */
  readonly ttlAtDestination: number | null;
  /** In virtual time; null without an answer. */
  readonly rttMs: { readonly min: number; readonly avg: number; readonly max: number } | null;
}

/** Two pings that must not be fragmented: one as long as the tunnel bears, one a byte longer. */
export interface MtuProbeReport {
  readonly fits: { readonly len: number; readonly isAnswered: boolean };
  readonly tooLong: {
    readonly len: number;
    readonly isAnswered: boolean;
    /** What "fragmentation needed" named, or null when nobody said so. */
    readonly saidMtu: number | null;
  };
}

/** A TCP stream as its receiver counted it; in memory, in virtual time. */
export interface StreamReport {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly seconds: number;
  /** Bits of payload, 10^9 a second. */
  readonly throughputGbitPerS: number;
}

/** Packets through a host's tunnel. */
export interface HostReport {
  readonly name: string;
  readonly encapped: number;
  readonly decapped: number;
  /** By the name of the `Status`; reasons that did not occur are left out. */
  readonly drops: Readonly<Record<string, number>>;
}

/** One packet, many times, through both tunnels: encapsulated by one, decapsulated by the other. */
export interface BulkReport {
  readonly packets: number;
  /** Those that came out at the other end. */
  readonly delivered: number;
  /** Inner IP packet. */
  readonly packetLen: number;
  /** By the clock that was lent. */
  readonly wallMs: number;
  /** Bits of inner IP packets that were delivered, 10^9 a second. */
  readonly throughputGbitPerS: number;
}
