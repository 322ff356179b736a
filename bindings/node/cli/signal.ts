// A command under signals.
import { constants } from "node:os";

/** Runs `work` to its end; SIGINT and SIGTERM abort it, and it is still waited for. */
export async function untilSignal(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let status = 0;
  const stop = (name: "SIGINT" | "SIGTERM" | "SIGHUP"): void => {
    status ||= 128 + constants.signals[name];
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop);
  // A reader that has gone away, or a full disk, must not cost the clean-up.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    const reason = error.code === "EPIPE" ? "nobody reads the output" : `output: ${error.message}`;
    controller.abort(new Error(reason));
  });
  process.stderr.on("error", () => {}); // then nobody can be told
  const outcome = await work(controller.signal);
  return status || outcome;
}
