// The end of an agent by a signal: the first asks it to end in order, the second ends it at once.
import { constants } from "node:os";
import type { Log } from "../../agent/index.ts";

const NAMES = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborts at the first signal. */
export function stopOnSignal(log: Log): AbortController {
  const controller = new AbortController();
  for (const name of NAMES) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
      log("info", "shutdownHandler sent cancel signal", { signal: name });
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller;
}
