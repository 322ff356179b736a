// `GET /capture`: what passes through the running node, as pcapng, as long as the asker listens.
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AgentState } from "./state.ts";

const SECONDS_MAX = 86_400;
const SNAP_LEN_MIN = 64;
const SNAP_LEN_MAX = 262_144;

/** Throws what is wrong with the question, or that there is nothing to capture. */
export async function answerCapture(
  state: AgentState,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const seconds = numberOf(query, "seconds", [0.1, SECONDS_MAX], SECONDS_MAX);
  const snapLen = numberOf(query, "snaplen", [SNAP_LEN_MIN, SNAP_LEN_MAX], SNAP_LEN_MAX);
  if (!state.capture) {
    throw new Error("the kernel moves the packets: tcpdump shows them, without verdicts");
  }
  const stop = new AbortController();
  let isGone = false;
  response.once("close", () => {
    isGone = true;
    stop.abort();
  });
  // Not AbortSignal.timeout: Node 20 collects one that only AbortSignal.any knows: it never fires.
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  const chunks = state.capture({ snapLen }, stop.signal);
  response.writeHead(200, { "content-type": "application/x-pcapng" });
  await pipeline(Readable.from(chunks), response)
    .catch((error) => {
      if (!isGone) throw error; // who asked has gone
    })
    .finally(() => clearTimeout(timer));
}

function numberOf(
  query: URLSearchParams,
  name: string,
  [min, max]: readonly [number, number],
  fallback: number,
): number {
  const text = query.get(name);
  const value = text === null ? fallback : Number(text);
  if (value >= min && value <= max) return value;
  throw new Error(`${name}: a number from ${min} to ${max}`);
}
