// Holding a lease: three watches over it at once, and the first that sees it lost tells how. One
// renews, one counts the time, which goes on when nobody answers, and one looks at the store.
import type { Log } from "../log.ts";
import { StoreError, type StoreEvent } from "../store.ts";
import { Complaint } from "./complaint.ts";
import type { LeaseLoss } from "./contract.ts";
import { type FollowInit, follow, revisionOf, type Sight } from "./follow.ts";
import type { Tenure } from "./tenure.ts";
import { abortable, linkTo } from "./wait.ts";

const SLICE_MS = 300_000;

export async function keep(
  init: FollowInit,
  tenure: Tenure,
  signal: AbortSignal,
): Promise<LeaseLoss> {
  const link = linkTo(signal);
  const watches = [
    renew(init, tenure, link.signal),
    expire(init, tenure, link.signal),
    watch(init, tenure, link.signal),
  ];
  for (const one of watches) one.catch(() => {}); // those that are not first end by the link
  try {
    return await abortable(Promise.race(watches), signal);
  } finally {
    link.cut();
  }
}

async function renew(init: FollowInit, tenure: Tenure, signal: AbortSignal): Promise<LeaseLoss> {
  const trouble = new Complaint(init.clock, init.log);
  for (;;) {
    if (init.clock.nowMs() < tenure.dates.renewMs) {
      await until(tenure.dates.renewMs, init, tenure, signal);
      continue;
    }
    try {
      const loss = await abortable(tenure.renew(), signal);
      if (loss !== null) return loss;
      trouble.end("the store answers again");
      tell(init.log, tenure);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === "Closed") throw error;
      tenure.postpone();
      trouble.say("error renewing lease", error, { subnet: tenure.lease.subnet });
    }
  }
}

async function expire(init: FollowInit, tenure: Tenure, signal: AbortSignal): Promise<LeaseLoss> {
  while (init.clock.nowMs() < tenure.dates.endsMs) {
    await until(tenure.dates.endsMs, init, tenure, signal);
  }
  return "expired";
}

// Also until the dates change, and no longer than minutes: a machine that was suspended has timers
// that are late by as much.
async function until(
  momentMs: number,
  { clock }: FollowInit,
  { bell }: Tenure,
  signal: AbortSignal,
): Promise<void> {
  await bell.wait(signal, Math.min(momentMs, clock.nowMs() + SLICE_MS));
  signal.throwIfAborted();
}

async function watch(init: FollowInit, tenure: Tenure, signal: AbortSignal): Promise<LeaseLoss> {
  for await (const sight of follow(init, tenure.lease.key, signal)) {
    const loss = judge(sight, tenure);
    if (loss !== null) return loss;
  }
  signal.throwIfAborted();
  throw new StoreError("Closed", "the watch of the own lease ended");
}

// Other keys may begin as ours does: the one of two families, for one.
function judge(sight: Sight, tenure: Tenure): LeaseLoss | null {
  const { key, modRevision } = tenure.lease;
  if (sight.kind === "listing") {
    if (sight.revision < modRevision) return null;
    return tenure.judge(sight.entries.find((entry) => entry.key === key) ?? null);
  }
  const ours = sight.events.filter((event) => {
    return keyOf(event) === key && (revisionOf(event) ?? 0n) > modRevision;
  });
  const last = ours.at(-1);
  if (last === undefined) return null;
  const now = tenure.judge(last.kind === "put" ? last.entry : null);
  // Deleted and made again with our words: in between, the subnet was anybody's.
  return now ?? (ours.some(({ kind }) => kind === "delete") ? tenure.judge(null) : null);
}

function keyOf(event: StoreEvent): string {
  return event.kind === "put" ? event.entry.key : event.key;
}

function tell(log: Log, { lease, dates }: Tenure): void {
  log("info", "lease renewed", { subnet: lease.subnet, endsMs: dates.endsMs });
}
