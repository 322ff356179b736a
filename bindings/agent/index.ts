// heddle's agent for every platform: what a node of a flannel network decides, without the effects.

export type { Clock, Dice } from "./clock.ts";
export type { BackendConfig, NetworkConfig, UdpConfig, VxlanConfig } from "./config.ts";
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
export type {
  DevicePlan,
  External,
  FdbPlan,
  NeighborPlan,
  PeerAnswer,
  PeerPlan,
  PeerRefusal,
  RoutePlan,
  TunnelRoutePlan,
} from "./plan.ts";
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
