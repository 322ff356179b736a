// The export list. Order is the order of ABI.md.
export {
  abi_version,
  memory_claim,
  NodeInfoAt,
  node_close,
  node_info,
  node_open,
  node_reset,
  node_size,
  slot_poison,
} from "./abi/node";
export { CapsAt } from "./table/tables";
export { port_get, port_next, port_remove, port_set } from "./abi/port";
export { PortAt, PortFlag, PortKind, TosMode } from "./table/port";
export { domain_get, domain_next, domain_remove, domain_set } from "./abi/domain";
export { DomainAt } from "./table/domain";
export { remote_find, remote_get, remote_next, remote_remove, remote_set } from "./abi/remote";
export { RemoteAt, RemoteFlag } from "./table/remote";
export {
  fdb_age,
  fdb_flush,
  fdb_get,
  fdb_lookup_bulk,
  fdb_next,
  fdb_remove,
  fdb_set,
} from "./abi/fdb";
export { FdbAt, FdbFlag } from "./table/fdb";
export { flood_next, flood_remove, flood_set } from "./abi/flood";
export { FloodAt } from "./table/flood";
export { hop_get, hop_next, hop_remove, hop_set } from "./abi/hop";
export { HopAt, HopFlag, HopKind } from "./table/hop";
export {
  route_get,
  route_lookup,
  route_lookup_bulk,
  route_next,
  route_remove,
  route_set,
} from "./abi/route";
export { RouteAt, RouteFlag } from "./abi/record";
export {
  neighbor_get,
  neighbor_lookup_bulk,
  neighbor_next,
  neighbor_remove,
  neighbor_set,
  neighbor_tick,
} from "./abi/neighbor";
export { NeighborAt, NeighborState } from "./table/neighbor";
export { rule_get, rule_next, rule_remove, rule_set } from "./abi/rule";
export { RuleAction, RuleAt, RuleFlag, RuleHook } from "./table/rule";
export { conn_age, conn_get, conn_next, conn_remove } from "./abi/conn";
export { ConnAt, ConnFlag, ConnState } from "./table/conn";
export {
  lease_compatible,
  lease_config_check,
  lease_overlap,
  lease_own,
  lease_pick,
} from "./abi/lease";
export { LeaseAt, LeaseConfigAt, LeaseFlag, LeaseRule } from "./table/lease";
export { BurstAt, BurstFlag, PieceAt } from "./path/burst";
export { DescAt, DescFlag, Verdict } from "./path/desc";
export {
  bridge_burst,
  coalesce_burst,
  ipip_decap_frame_burst,
  ipip_encap_frame_burst,
  nat_burst,
  resolve_burst,
  route_burst,
  segment_burst,
  udp_decap_burst,
  udp_decap_frame_burst,
  udp_encap_burst,
  udp_encap_frame_burst,
  vxlan_decap_burst,
  vxlan_decap_frame_burst,
  vxlan_encap_burst,
  vxlan_encap_frame_burst,
} from "./abi/path";
export { checksum_sum, checksum_update, packet_decode, packet_decode_bulk } from "./abi/bytes";
export { LayerAt, LayerKind } from "./path/layer";
export { Status } from "./base/status";
