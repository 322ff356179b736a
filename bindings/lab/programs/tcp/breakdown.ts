// Why a connection came to nothing, in the words of the C library.
import type { Failure } from "../program.ts";

export type Breakdown = Exclude<Failure, "too-big"> | "refused" | "reset" | "timeout";

export const BREAKDOWNS: Readonly<Record<Breakdown, string>> = {
  refused: "Connection refused",
  reset: "Connection reset by peer",
  timeout: "Connection timed out",
  "net-unreachable": "Network is unreachable",
  "host-unreachable": "No route to host",
};

const UNREACHABLE = 3;
const CODES: readonly (Breakdown | "too-big")[] = [
  ...(["net-unreachable", "host-unreachable", "refused", "refused", "too-big"] as const),
  ...(["host-unreachable", "net-unreachable", "host-unreachable", "host-unreachable"] as const),
  ...(["net-unreachable", "host-unreachable", "net-unreachable", "host-unreachable"] as const),
  ...(["host-unreachable", "host-unreachable", "host-unreachable"] as const),
];

/** What an ICMP error means to a connection; null: it says nothing of it. */
export function breakdownOf(type: number, code: number): Breakdown | "too-big" | null {
  return type === UNREACHABLE ? (CODES[code] ?? null) : null;
}
