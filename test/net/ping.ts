// Pings, one after the other. A `ping` that sends several waits for the last answer no longer than
// twice as long as the slowest before it took: where a datapath has to wait for a processor, that
// is too short.
import type { Namespace } from "./namespace.ts";

/** For one answer: the machine may be busy with much else. What is to be silent says `-W 1`. */
const WAIT_S = 20;

/** Pings so often. Gives what was printed, and how many answers came. */
export async function pings(
  ns: Namespace,
  address: string,
  count: number,
  ...words: string[]
): Promise<[printed: string, received: number]> {
  let printed = "";
  for (let at = 0; at < count; at++) {
    const args = ["-n", "-c", "1", "-W", String(WAIT_S), ...words, address];
    printed += await ns
      .run("ping", ...args)
      .catch(({ stdout, stderr }) => `${stdout ?? ""}${stderr ?? ""}`);
  }
  return [printed, printed.match(/ 1 received/g)?.length ?? 0];
}
