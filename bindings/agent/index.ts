// heddle's agent for every platform: what a node of a flannel network decides, without the effects.

export {
  type Backend,
  backendOf,
  deviceAddress,
  type IsOnLink,
  planPeers,
} from "./backend/index.ts";
export type { Change, Entry } from "./change.ts";
export type { Clock, Dice } from "./clock.ts";
export {
  type BackendConfig,
  type Ipv6Range,
  type NetworkConfig,
  type PlainConfig,
  parseNetworkConfig,
  type UdpConfig,
  type VxlanConfig,
} from "./config.ts";
export {
  configKey,
  parseSubnetKey,
  printSubnetKey,
  type SubnetKey,
  subnetKey,
  subnetsPrefix,
} from "./key.ts";
export type { Lease, LeaseAttrs } from "./lease.ts";
export type { Log, LogLevel } from "./log.ts";
export {
  type Acquired,
  type LeaseLoss,
  LeaseLostError,
  type ManagerInit,
  type PeerChange,
  type SubnetLeases,
} from "./manager/contract.ts";
export { SubnetManager } from "./manager/manager.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export type {
  Link,
  ObservedAddress,
  ObservedFdb,
  ObservedNeighbor,
  ObservedRoute,
  VxlanLink,
} from "./observed.ts";
export { type Due, type PeerReport, Peers } from "./peers.ts";
export type {
  DevicePlan,
  External,
  FdbPlan,
  NeighborPlan,
  OwnNode,
  PeerAnswer,
  PeerPlan,
  PeerRefusal,
  RoutePlan,
  TunnelRoutePlan,
} from "./plan.ts";
export {
  type Conflict,
  compare,
  type Differences,
  findStale,
  type Observed,
  reconcileFdb,
  type Scope,
} from "./reconcile.ts";
export {
  type Store,
  type StoreBatch,
  type StoreEntry,
  StoreError,
  type StoreErrorCode,
  type StoreEvent,
  type StoreLease,
  type StoreListing,
  type StoreOutcome,
} from "./store.ts";
export { parseEnv, parseSubnetEnv, printSubnetEnv, type SubnetEnv } from "./subnet-env.ts";
export {
  parseLeaseAttrs,
  parseVxlanData,
  printLeaseAttrs,
  printVxlanData,
  type VxlanData,
} from "./value.ts";
