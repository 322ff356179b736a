// What every function of the ABI takes, by kind, and what is wrong of each kind.
import {
  BurstAt,
  CapsAt,
  ConnAt,
  DomainAt,
  FdbAt,
  FloodAt,
  HopAt,
  NeighborAt,
  NodeInfoAt,
  PortAt,
  RemoteAt,
  RouteAt,
  RuleAt,
} from "../bindings/core/index.ts";
import type { Subject } from "./subject.ts";
import type { FunctionName } from "./twins.ts";

/** A parameter. Records and keys are as long as `len`, each. */
export type Kind =
  | { readonly is: "node" | "caps" | "index" | "after" | "count" | "now" | "flags" | "any" }
  | { readonly is: "records" | "keys" | "out"; readonly len: number };

const node: Kind = { is: "node" };
const index: Kind = { is: "index" };
const after: Kind = { is: "after" };
const count: Kind = { is: "count" };
const now: Kind = { is: "now" };
const flags: Kind = { is: "flags" };
const any: Kind = { is: "any" };
const rec = (len: number): Kind => ({ is: "records", len });
const keys = (len: number): Kind => ({ is: "keys", len });
const out = (len: number): Kind => ({ is: "out", len });
const burst = [node, rec(BurstAt.End)];

export const SIGNATURES: Partial<Record<FunctionName, readonly Kind[]>> = {
  node_size: [{ is: "caps" }],
  node_reset: [node],
  node_info: [node, rec(NodeInfoAt.End)],
  slot_poison: [node, any, any],
  port_set: [node, rec(PortAt.End)],
  port_remove: [node, index],
  port_get: [node, rec(PortAt.End)],
  port_next: [node, after, rec(PortAt.End)],
  domain_set: [node, rec(DomainAt.End)],
  domain_remove: [node, index],
  domain_get: [node, rec(DomainAt.End)],
  domain_next: [node, after, rec(DomainAt.End)],
  remote_set: [node, rec(RemoteAt.End)],
  remote_remove: [node, index, flags],
  remote_get: [node, rec(RemoteAt.End)],
  remote_find: [node, rec(RemoteAt.End)],
  remote_next: [node, after, rec(RemoteAt.End)],
  fdb_set: [node, rec(FdbAt.End), count, now],
  fdb_remove: [node, rec(FdbAt.End), count],
  fdb_get: [node, rec(FdbAt.End), now],
  fdb_lookup_bulk: [node, keys(8), out(4), count, now],
  fdb_age: [node, any, now],
  fdb_flush: [node, rec(FdbAt.End)],
  fdb_next: [node, any, rec(FdbAt.End)],
  flood_set: [node, rec(FloodAt.End), count],
  flood_remove: [node, rec(FloodAt.End), count],
  flood_next: [node, any, rec(FloodAt.End)],
  hop_set: [node, rec(HopAt.End)],
  hop_remove: [node, index],
  hop_get: [node, rec(HopAt.End)],
  hop_next: [node, after, rec(HopAt.End)],
  route_set: [node, rec(RouteAt.End), count],
  route_remove: [node, rec(RouteAt.End), count],
  route_get: [node, rec(RouteAt.End)],
  route_lookup: [node, rec(RouteAt.End)],
  route_lookup_bulk: [node, out(4), out(4), count],
  route_next: [node, rec(RouteAt.End)],
  neighbor_set: [node, rec(NeighborAt.End), count, now],
  neighbor_remove: [node, rec(NeighborAt.End), count],
  neighbor_get: [node, rec(NeighborAt.End), now],
  neighbor_lookup_bulk: [node, keys(8), keys(8), count, now],
  neighbor_next: [node, any, rec(NeighborAt.End)],
  neighbor_tick: burst,
  rule_set: [node, rec(RuleAt.End)],
  rule_remove: [node, index],
  rule_get: [node, rec(RuleAt.End)],
  rule_next: [node, after, rec(RuleAt.End)],
  conn_get: [node, rec(ConnAt.End), now],
  conn_remove: [node, rec(ConnAt.End)],
  conn_age: [node, any, now],
  conn_next: [node, any, rec(ConnAt.End)],
  route_burst: burst,
  segment_burst: burst,
  coalesce_burst: burst,
  resolve_burst: burst,
  vxlan_encap_burst: burst,
  vxlan_encap_frame_burst: burst,
  vxlan_decap_burst: burst,
  vxlan_decap_frame_burst: burst,
  udp_encap_burst: burst,
  udp_encap_frame_burst: burst,
  udp_decap_burst: burst,
  udp_decap_frame_burst: burst,
  ipip_encap_frame_burst: burst,
  ipip_decap_frame_burst: burst,
  bridge_burst: burst,
  nat_burst: burst,
};

export const COUNT = 2;

/** Where legal calls have records, keys and what is looked up for them. */
export const KEYS_AT = 0;
export const OUT_AT = 1024;

/** An argument that is right. */
export function legal(kind: Kind, subject: Subject): number {
  const { scratch, node: address, twins } = subject;
  switch (kind.is) {
    case "node":
      return address;
    case "caps":
      return twins.end - CapsAt.End;
    case "after":
      return -1;
    case "count":
      return COUNT;
    case "records":
    case "keys":
      return scratch + KEYS_AT;
    case "out":
      return scratch + OUT_AT;
    default:
      return 0;
  }
}

/** Arguments that are wrong whatever the others are; `other` is a node too. */
export function wrong(kind: Kind, subject: Subject, other: Subject): number[] {
  const { scratch, node: address, end } = subject;
  switch (kind.is) {
    case "node":
      return [0, 64, 1024, address + 4, address + 64, address - 64, scratch, end - 64, ...WILD];
    case "caps":
      return [0, 1020, subject.twins.end - CapsAt.End + 4, subject.twins.end, ...WILD];
    case "after":
      return [-2, -0x80000000];
    case "count":
      return [0x100000, 0x08000001, 0x10000000, 0x20000000, 0x40000000, ...WILD];
    case "now":
      return [Number.NaN, -1, -0.001, Infinity, -Infinity, 2 ** 52, 2 ** 53];
    case "flags":
      return [2, 3, ...WILD];
    case "records":
    case "keys":
    case "out": {
      const outside = [0, 4, 1020, address, scratch - 8, end - kind.len + 4, end, end + 8];
      const elsewhere = [other.node, other.scratch, other.arena];
      const misaligned = kind.is === "keys" ? [1, 2, 3, 4, 7] : [1, 2, 3];
      return [...outside, ...elsewhere, ...misaligned.map((by) => scratch + by), ...WILD];
    }
    default:
      return [];
  }
}

const WILD = [0x7ffffff8, 0x80000000, 0xfffffff8, 0xfffffffc, 0xffffffff];
