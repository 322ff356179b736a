// A lease given back at the end of its agent, which waits for the store no longer than a moment.
import type { Clock, Lease, Log, SubnetLeases } from "../../agent/index.ts";

const TIMEOUT_MS = 5000;

/** Resolves when the lease is free, or the log says why it is not; leaves no timer behind. */
export async function giveBack(
  leases: Pick<SubnetLeases, "release">,
  lease: Lease,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  const answered = new AbortController();
  const late = clock.sleep(TIMEOUT_MS, answered.signal).then(() => {
    throw new Error(`the store has not answered for ${TIMEOUT_MS} ms`);
  });
  try {
    await Promise.race([leases.release(lease), late]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log("error", "the lease could not be given back", { subnet: lease.subnet, reason });
  } finally {
    answered.abort();
  }
}
