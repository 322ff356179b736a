// What tools print of a namespace at a moment, and a run as captures, text and JSON.
export type { AddressView } from "./addresses.ts";
export { LISTINGS, listing } from "./command.ts";
export type { Counters } from "./counters.ts";
export type { DeviceView } from "./device.ts";
export { linkLocalOf } from "./eui64.ts";
export {
  type Glance,
  glanceAt,
  hopText,
  journeyText,
  packetHead,
  packetText,
} from "./journey.ts";
export {
  type HopDocument,
  type PacketDocument,
  type SightingDocument,
  type TraceDocument,
  traceDocument,
} from "./json.ts";
export { type Moment, timeOf } from "./moment.ts";
export { loadBalancerNetns, overlayNetns } from "./netns.ts";
export { type CaptureChoice, traceCapture } from "./pcapng.ts";
export { tablesAt } from "./rows.ts";
export { type NamespaceView, viewAt, type World } from "./view.ts";
