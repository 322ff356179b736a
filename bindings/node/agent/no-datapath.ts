// For backends without a tunnel: the kernel's routes are all there is.
import type { Datapath, TunnelTables } from "./datapath.ts";

const NOTHING: TunnelTables = {
  put: async () => [],
  remove: async () => [],
  reconcile: async () => ({ restored: 0, removed: 0, failures: [] }),
};

export class NoDatapath implements Datapath {
  readonly kind = "kernel";
  readonly deviceName = null;
  readonly mac = null;
  readonly tunnel: TunnelTables = NOTHING;

  async ensureDevice(): Promise<"kept"> {
    return "kept";
  }

  async close(): Promise<void> {}
}
