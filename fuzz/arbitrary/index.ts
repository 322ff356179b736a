// `heddle/arbitraries`: fast-check generators of what a network brings. fast-check 4 is a peer of
// this module: whoever imports it installs it.
//
//     import fc from "fast-check";
//     import { codecs } from "heddle/arbitraries";
//
//     fc.assert(fc.property(codecs().vxlan.nearly, (bytes) => mustNotThrow(bytes)));
//
// Bytes are `Uint8Array`s as they stand on the wire, in network order. Addresses, MACs and prefixes
// are text as heddle parses it. What is generated has no part of heddle in it: headers come out of
// slow builders written from the RFCs, so a mistake of the core is not theirs.
export { anyIpv4, anyMac, ipv4Of, macOf, prefix, prefixOf } from "./address.ts";
export { pcap, pcapng, type Recorded, type Seen } from "./capture.ts";
export { CAST, type Cast } from "./cast.ts";
export { type CodecName, codecs, UDP_TUNNEL_PORT, VXLAN_PORTS } from "./codec.ts";
export type { Codec } from "./form.ts";
export { anyIpv6, writtenIpv6 } from "./ipv6.ts";
export { blanks, type Member, misspelt, written } from "./json.ts";
export {
  leaseIpv6Subnet,
  leaseMembers,
  leaseSubnet,
  leaseValues,
  subnetFiles,
  subnetKeys,
  type Texts,
  vxlanMembers,
} from "./lease-text.ts";
export { configMembers, networkConfigs } from "./network-config.ts";
export { bulk, nearly, noise, payload, scrambled } from "./noise.ts";
export { brokenOptions, ipv4Options, tcpOptions } from "./option.ts";
export {
  arpMessage,
  frame,
  ipipFrame,
  ipv4Packet,
  ipv6Packet,
  mostly,
  outerFrame,
  vxlanDatagram,
} from "./packet.ts";
export { bgpPrefixes } from "./prefix.ts";
export { type Records, records, type TableSizes } from "./record.ts";
