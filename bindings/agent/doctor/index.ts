// A doctor for nodes of a flannel network: facts in, findings out.

export { diagnose, pathsOf } from "./diagnose.ts";
export type {
  Facts,
  HostFacts,
  LinkFact,
  PathFact,
  SocketFact,
  StoreFacts,
  TimedEntry,
} from "./facts.ts";
export type { Finding, FindingKind } from "./finding.ts";
export { parseIptables } from "./iptables.ts";
export { parseNftables } from "./nftables.ts";
export { type Chain, judge, type Specimen, type Verdict } from "./ruleset.ts";
