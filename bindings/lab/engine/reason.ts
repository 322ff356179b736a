// What the core's reasons for a drop are called in a trace.
import type { VerdictName } from "../../core/index.ts";
import type { DropVerdict } from "../trace/verdict.ts";

const REASONS: Partial<Record<VerdictName, DropVerdict>> = {
  NoRoute: "drop-no-route",
  Unreachable: "drop-no-route",
  Blackhole: "drop-no-route",
  Prohibited: "drop-no-route",
  Unresolved: "drop-no-neigh",
  QueueFull: "drop-no-neigh",
  TtlExceeded: "drop-ttl",
  NotForUs: "drop-mac",
  BadSourceMac: "drop-mac",
  Pinned: "drop-mac",
  TooBig: "drop-mtu",
  UnknownStation: "drop-no-fdb",
  UnknownVni: "drop-vni",
  ReservedBits: "drop-reserved",
  BadFlags: "drop-reserved",
  BadChecksum: "drop-csum",
  Martian: "drop-martian",
  Hairpin: "drop-same-port",
  SplitHorizon: "drop-same-port",
  SourceDenied: "drop-peer",
  Truncated: "drop-malformed",
  InnerTruncated: "drop-malformed",
  BadVersion: "drop-malformed",
  BadLength: "drop-malformed",
  BadProtocol: "drop-malformed",
  BadHardware: "drop-malformed",
  BadOption: "drop-malformed",
  TinyFragment: "drop-malformed",
};

/** What the lab has no word of its own for is told in the core's. */
export function reasonOf(verdict: VerdictName): DropVerdict {
  return REASONS[verdict] ?? "drop-other";
}

/** The core's reason for a drop; of several the most frequent, which is the first. */
export function coreNameOf(verdict: DropVerdict): string {
  const loud = verdict.replace(/-quiet$/, "");
  return Object.entries(REASONS).find(([, reason]) => reason === loud)?.[0] ?? verdict;
}
