// How many queues a device may have, and so how many threads a pump.
import { HeddleError } from "../core/status.ts";

/** More than threads are of use; the kernel would give 256. */
export const QUEUES_MAX = 16;

/** Throws HeddleError. */
export function checkQueues(queues: number): void {
  if (Number.isInteger(queues) && queues >= 1 && queues <= QUEUES_MAX) return;
  throw new HeddleError("BadValue", queues, `queues: a whole number from 1 to ${QUEUES_MAX}`);
}
