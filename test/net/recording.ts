// A device recorded to a file while something happens.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Namespace } from "./namespace.ts";

const READY_MS = 30_000;

/** Starts to record; resolves when packets are taken. What it gives ends the recording. */
export async function record(
  ns: Namespace,
  device: string,
  file: string,
): Promise<() => Promise<void>> {
  const words = ["netns", "exec", ns.name, "tshark", "-q", "-i", device, "-B", "64", "-w", file];
  const child = spawn("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
  const gone = once(child, "exit");
  let said = "";
  const signal = AbortSignal.timeout(READY_MS);
  while (!said.includes("Capturing on")) {
    const [chunk] = await once(child.stderr, "data", { signal });
    said += chunk;
  }
  child.stderr.resume();
  return async () => {
    child.kill("SIGINT");
    await gone;
  };
}
