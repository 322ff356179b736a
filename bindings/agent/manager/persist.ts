// What is tried again for as long as the store is away.
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { StoreError } from "../store.ts";
import { Backoff } from "./backoff.ts";
import { Complaint } from "./complaint.ts";

export async function persist<T>(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  act: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const backoff = new Backoff();
  const trouble = new Complaint(clock, log);
  for (;;) {
    try {
      const done = await act();
      trouble.end("the store answers again");
      return done;
    } catch (error) {
      const isAway = error instanceof StoreError && error.code === "Unavailable";
      if (!isAway || signal.aborted) throw error;
      trouble.say("the store is away", error);
    }
    await clock.sleep(backoff.next(), signal);
  }
}
