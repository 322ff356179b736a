export { type BulkOptions, type OverlayOptions, runOverlay } from "./overlay.ts";
export {
  type CaptureInterface,
  type CapturePacket,
  type CaptureSection,
  type LinkType,
  PcapngWriter,
} from "./pcapng.ts";
export type {
  Backend,
  BulkReport,
  HostReport,
  MtuProbeReport,
  OverlayReport,
  PingReport,
} from "./report.ts";
