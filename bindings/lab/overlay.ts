// The first overlay, whole: two hosts, a container on each, a tunnel between them.
import type { Backend, OverlayReport } from "./report.ts";

export interface OverlayOptions {
  readonly backend: Backend;
  /** Echo requests in each direction. */
  readonly pings?: number;
  /** The same seed gives the same bytes. */
  readonly seed?: bigint;
  readonly bulk?: BulkOptions;
  /** Takes the pieces of a pcapng file with one interface for each device. */
  readonly capture?: (chunk: Uint8Array) => void;
}

export interface BulkOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly wallMs: () => number;
  readonly packets?: number;
}

export async function runOverlay(options: OverlayOptions): Promise<OverlayReport> {
  throw new Error(`the core has no ${options.backend} elements yet`);
}
