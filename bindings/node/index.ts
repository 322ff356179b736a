// heddle on Linux under Node: the pump between devices, sockets and the core, and the demo.

export type { Backend, StreamReport } from "../lab/index.ts";
export type { DatapathKind } from "./agent/datapath.ts";
export { type DemoOptions, runDemo, type Tell } from "./demo.ts";
export type { DemoBackend } from "./demo-plan.ts";
export {
  DEVICE_PORT,
  type Flow,
  type JournalEntry,
  type Pump,
  type PumpOptions,
  type PumpStats,
  startPump,
  type TapOptions,
  type TappedBurst,
  TUNNEL_PORT,
} from "./pump.ts";
export type {
  CaptureReport,
  ComparisonReport,
  DemoHostReport,
  DemoReport,
  PathReport,
  UnreachableReport,
} from "./report.ts";
export type { Peer } from "./sides.ts";
