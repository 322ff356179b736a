// heddle's core for every platform: WebAssembly and Uint8Array, nothing else.
//
// An `XInit` is what a host gives, with what may be left out; the `X` of the same name is what it
// reads back, whole; an `XKey` is what one is found by. An `XName` is a member of an enum of the
// ABI, its first letter small: `PortFlag.LinuxMode` is "linuxMode". Addresses and MACs are text,
// indexes and lengths in bytes are numbers in host order, times are milliseconds of the caller's
// clock. A value that cannot be throws HeddleError before anything changes. ABI.md says the rest.

export { ABI_VERSION, type Abi, type ElementName } from "./abi.ts";
export {
  network,
  type Prefix,
  parseIpv4,
  parseMac,
  parseNetwork,
  parsePrefix,
  printIpv4,
  printMac,
  printPrefix,
  VNI_MAX,
} from "./address.ts";
export {
  BURST_MAX,
  Burst,
  type BurstFlagName,
  type BurstOptions,
  HEADROOM_LEN,
  type PushInit,
} from "./burst.ts";
export { CAPS_DEFAULT, type Caps } from "./caps.ts";
export { checksum } from "./checksum.ts";
export type { Core } from "./core.ts";
export {
  type DecodedLayer,
  type DecodedPacket,
  type DecodeError,
  type DecodeOptions,
  decode,
  type Link,
} from "./decode.ts";
export type { Desc, DescFlagName, DescInit, VerdictName } from "./desc.ts";
export { encode } from "./encode.ts";
export { NONE } from "./field.ts";
export { parseHex, printHex } from "./hex.ts";
export { MEMORY_BYTES_DEFAULT } from "./instance.ts";
export {
  applyJournal,
  type JournalEntry,
  type JournalResult,
  type TableName,
  type TableRecords,
} from "./journal.ts";
export type {
  ArpFields,
  EthernetFields,
  FieldsInit,
  IcmpFields,
  IgmpFields,
  Ipv4Fields,
  LayerFields,
  LayerInit,
  LayerName,
  PaddingFields,
  PayloadFields,
  TcpFields,
  UdpFields,
  VlanFields,
  VxlanFields,
} from "./layers/fields.ts";
export * from "./layout.ts";
export {
  type LeaseConfig,
  type LeaseConfigInit,
  type LeaseInit,
  type LeasePick,
  LeaseRules,
} from "./lease.ts";
export {
  type BinaryOptions,
  type CoreOptions,
  compileCore,
  hasSimd,
  openCore,
} from "./load.ts";
export type { HeddleNode, NodeInfo } from "./node.ts";
export {
  type Failure,
  type HeddleCode,
  HeddleError,
  type StatusName,
  statusName,
  statusOf,
} from "./status.ts";
export type { Conn, ConnKey, ConnStateName, Conns } from "./tables/conns.ts";
export type { Domain, DomainInit, Domains } from "./tables/domains.ts";
export {
  type Fdb,
  type FdbChoice,
  type FdbEntry,
  type FdbFlagName,
  type FdbInit,
  type FdbKey,
  fdbKey,
} from "./tables/fdb.ts";
export type { Flood, FloodEntry, FloodInit } from "./tables/flood.ts";
export type { Hop, HopFlagName, HopInit, HopKindName, Hops } from "./tables/hops.ts";
export type {
  Neighbor,
  NeighborInit,
  NeighborKey,
  NeighborStateName,
  Neighbors,
} from "./tables/neighbors.ts";
export type {
  Port,
  PortFlagName,
  PortInit,
  PortKindName,
  Ports,
  TosModeName,
} from "./tables/ports.ts";
export type { Remote, RemoteFlagName, RemoteInit, Remotes } from "./tables/remotes.ts";
export type { Route, RouteFlagName, RouteInit, RouteKey, Routes } from "./tables/routes.ts";
export type {
  Rule,
  RuleActionName,
  RuleFlagName,
  RuleHookName,
  RuleInit,
  Rules,
} from "./tables/rules.ts";
