// The functions of core.wasm, one line each; ABI.md says what they take and answer. Every parameter
// and result is a 32-bit integer but for `nowMs`, milliseconds as a double.

/** What `abi_version` of the binary has to answer. */
export const ABI_VERSION = 1;

type Bulk = (node: number, ptr: number, count: number) => number;
type BulkNow = (node: number, ptr: number, count: number, nowMs: number) => number;
type One = (node: number, rec: number) => number;
type Next = (node: number, after: number, rec: number) => number;
type LookupNow = (node: number, keys: number, out: number, count: number, nowMs: number) => number;
type LeasePick = (cfg: number, recs: number, count: number, dice: number, out: number) => number;
type Element = (node: number, burst: number) => number;

/** The exports of core.wasm. Addresses and lengths are bytes; below zero is a Status. */
export interface Abi {
  readonly memory: WebAssembly.Memory;
  /** Which layouts and constants the binary has: what layout.ts has as ABI_LAYOUT. */
  readonly abi_layout: WebAssembly.Global<"i32">;

  readonly abi_version: () => number;
  readonly memory_claim: (bytes: number) => number;
  readonly node_size: (caps: number) => number;
  readonly node_open: (caps: number) => number;
  readonly node_reset: (node: number) => number;
  readonly node_close: (node: number) => number;
  readonly node_info: (node: number, out: number) => number;
  readonly slot_poison: (node: number, first: number, count: number) => number;

  readonly port_set: One;
  readonly port_remove: (node: number, index: number) => number;
  readonly port_get: One;
  readonly port_next: Next;

  readonly domain_set: One;
  readonly domain_remove: (node: number, index: number) => number;
  readonly domain_get: One;
  readonly domain_next: Next;

  readonly remote_set: One;
  readonly remote_remove: (node: number, index: number, flags: number) => number;
  readonly remote_get: One;
  readonly remote_find: One;
  readonly remote_next: Next;

  readonly fdb_set: BulkNow;
  readonly fdb_remove: Bulk;
  readonly fdb_get: (node: number, rec: number, nowMs: number) => number;
  readonly fdb_lookup_bulk: LookupNow;
  readonly fdb_age: (node: number, budget: number, nowMs: number) => number;
  readonly fdb_flush: One;
  readonly fdb_next: Next;

  readonly flood_set: Bulk;
  readonly flood_remove: Bulk;
  readonly flood_next: Next;

  readonly hop_set: One;
  readonly hop_remove: (node: number, index: number) => number;
  readonly hop_get: One;
  readonly hop_next: Next;

  readonly route_set: Bulk;
  readonly route_remove: Bulk;
  readonly route_get: One;
  readonly route_lookup: One;
  readonly route_lookup_bulk: (node: number, keys: number, out: number, count: number) => number;
  readonly route_next: One;

  readonly neighbor_set: BulkNow;
  readonly neighbor_remove: Bulk;
  readonly neighbor_get: (node: number, rec: number, nowMs: number) => number;
  readonly neighbor_lookup_bulk: LookupNow;
  readonly neighbor_next: Next;
  readonly neighbor_tick: Element;

  readonly rule_set: One;
  readonly rule_remove: (node: number, index: number) => number;
  readonly rule_get: One;
  readonly rule_next: Next;

  readonly conn_get: (node: number, rec: number, nowMs: number) => number;
  readonly conn_remove: One;
  readonly conn_age: (node: number, budget: number, nowMs: number) => number;
  readonly conn_next: Next;

  readonly lease_config_check: (cfg: number) => number;
  readonly lease_compatible: (cfg: number, rec: number) => number;
  readonly lease_own: (cfg: number, recs: number, count: number, publicIp: number) => number;
  readonly lease_pick: LeasePick;
  readonly lease_overlap: (recs: number, count: number, rec: number) => number;

  readonly route_burst: Element;
  readonly segment_burst: Element;
  readonly coalesce_burst: Element;
  readonly resolve_burst: Element;
  readonly vxlan_encap_burst: Element;
  readonly vxlan_encap_frame_burst: Element;
  readonly vxlan_decap_burst: Element;
  readonly vxlan_decap_frame_burst: Element;
  readonly udp_encap_burst: Element;
  readonly udp_encap_frame_burst: Element;
  readonly udp_decap_burst: Element;
  readonly udp_decap_frame_burst: Element;
  readonly ipip_encap_frame_burst: Element;
  readonly ipip_decap_frame_burst: Element;
  readonly bridge_burst: Element;
  readonly nat_burst: Element;

  readonly checksum_sum: (ptr: number, len: number, seed: number) => number;
  readonly checksum_update: (old: number, from: number, to: number) => number;
  readonly packet_decode: (
    ptr: number,
    len: number,
    start: number,
    out: number,
    cap: number,
  ) => number;
  readonly packet_decode_bulk: (
    pieces: number,
    count: number,
    start: number,
    out: number,
    cap: number,
  ) => number;
}

/** The elements of the datapath, and what passes time for them: what Burst.run takes. */
export type ElementName = Extract<keyof Abi, `${string}_burst` | "neighbor_tick">;
