// Every scenario, in every form, as a capture: what a hash of its bytes is. It names no platform.
import { openCore, printHex } from "heddle";
import { casesOf, runCase, SCENARIOS, traceCapture } from "heddle/lab";

const SEED = 7n;

/** SHA-256 by the scenario's name and form; of one that cannot be run, what it says. */
export async function captureHashes(): Promise<Record<string, string>> {
  const core = await openCore();
  const hashes: Record<string, string> = {};
  for (const each of SCENARIOS.flatMap(casesOf)) {
    const name = [each.scenario.slug, each.variant ?? each.kind].join(" ");
    hashes[name] = await hashOf(() => traceCapture(runCase(core, each, SEED)));
  }
  return hashes;
}

async function hashOf(capture: () => Uint8Array): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = capture();
  } catch (error) {
    return String(error);
  }
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return printHex(new Uint8Array(digest));
}
