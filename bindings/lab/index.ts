// heddle's lab for every platform: networks in memory, in virtual time. Addresses and MACs are
// text, lengths are bytes; a name that ends in `Ns` or `Ms` holds nanoseconds or milliseconds.

export { CaptureError } from "./capture/error.ts";
export type { CapturedInterface, CapturedPacket } from "./capture/packet.ts";
export { readCapture, readCaptureStream } from "./capture/reader.ts";
export { type Case, type CaseKind, type CaseReport, casesOf, reportOf, runCase } from "./check.ts";
export { type RunOptions, runScenario } from "./engine/run.ts";
export { runOf } from "./engine/run-of.ts";
export type { BulkOptions } from "./overlay/bulk.ts";
export { type HostPlan, type NetworkPlan, planNetwork } from "./overlay/plan.ts";
export type {
  Backend,
  BulkReport,
  HostReport,
  MtuProbeReport,
  OverlayReport,
  PingReport,
  StreamReport,
} from "./overlay/report.ts";
export { type OverlayOptions, runOverlay } from "./overlay/run.ts";
export {
  type CaptureInterface,
  type CapturePacket,
  type CaptureSection,
  type LinkType,
  PcapngWriter,
} from "./pcapng.ts";
export {
  type CaptureChoice,
  journeyText,
  LISTINGS,
  listing,
  type Moment,
  type NamespaceView,
  type TraceDocument,
  traceCapture,
  traceDocument,
  viewAt,
} from "./render/index.ts";
export type {
  Action,
  Assertion,
  Drill,
  Edit,
  Erratum,
  Finding,
  Group,
  Run,
  Scenario,
  Variant,
  Words,
} from "./scenario.ts";
export { SCENARIOS } from "./scenarios/index.ts";
export type * from "./spec/network.ts";
export type * from "./trace/trace.ts";
export { DROPS, type DropVerdict, GOES, isDrop, type Verdict } from "./trace/verdict.ts";
export { type Lang, type WhyPart, why, whyText } from "./why/index.ts";
