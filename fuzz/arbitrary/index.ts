// Generators of what a network brings, for fast-check.
export { anyIpv4, anyMac, ipv4Of, macOf, prefix, prefixOf } from "./address.ts";
export { pcap, pcapng, type Recorded, type Seen } from "./capture.ts";
export { bulk, nearly, noise, scrambled } from "./noise.ts";
export {
  arpMessage,
  type Cast,
  frame,
  ipv4Packet,
  ipv6Packet,
  mostly,
  outerFrame,
  payload,
  vxlanDatagram,
} from "./packet.ts";
