// What a host may write into the records that many tables take in bulk, and into their fields.
import { isZero } from "../base/arith";
import { FdbAt, FdbFlag } from "../table/fdb";
import { FloodAt } from "../table/flood";
import { NeighborAt, NeighborState } from "../table/neighbor";
import { isPrefix } from "../table/prefix";

/** A route record, 32 bytes. */
export const enum RouteAt {
  Family = 0, // u16: 4
  Len = 2, // u16
  Status = 4, // i16, written by bulk calls
  Flags = 6, // u16, RouteFlag
  Address = 8, // u8[16], as in a packet; host bits zero
  Hop = 24, // u32, an index
  End = 32,
}

export const enum RouteFlag {
  CreateOnly = 1, // Exists when the prefix is there
  ReplaceOnly = 2, // NotFound when it is not
}

export const FAMILY_IPV4: u32 = 4;

const ADDRESS_LEN: u32 = 16;
const IPV4_LEN: u32 = 4;
const MAC_LEN: u32 = 6;
const FDB_FLAG_MAX: u32 = FdbFlag.Permanent * 2 - 1;

/** True for an IPv4 address in a field of sixteen bytes: the rest of it is zero. */
export function isIpv4Field(field: usize): bool {
  return isZero(field + IPV4_LEN, ADDRESS_LEN - IPV4_LEN);
}

/** True for the address of one station: not 0.0.0.0/8, not a group, not broadcast. */
export function isUnicastField(field: usize): bool {
  if (!isIpv4Field(field)) return false;
  const first: u32 = load<u8>(field);
  return first != 0 && first < 224;
}

/** True for an FDB record that can be set. */
export function isFdb(rec: usize): bool {
  // A flag says what an entry is; sticky goes with learned and static ones.
  const flags: u32 = load<u16>(rec, FdbAt.Flags);
  const kind = flags & ~FdbFlag.Sticky;
  const isOneKind = flags <= FDB_FLAG_MAX && (kind & (kind - 1)) == 0;
  return isOneKind && hasMac(rec) && hasFdbTail(rec);
}

/** True for an FDB record that names a station. */
export function hasMac(rec: usize): bool {
  return !isZero(rec + FdbAt.Mac, MAC_LEN);
}

/** True when nothing stands behind the fields of an FDB record. */
export function hasFdbTail(rec: usize): bool {
  return isZero(rec + FdbAt.SeenS + 4, FdbAt.End - FdbAt.SeenS - 4);
}

/** True for a flood record. */
export function isFlood(rec: usize): bool {
  const tail: usize = FloodAt.Status + 2;
  return load<u16>(rec, FloodAt.Flags) == 0 && isZero(rec + tail, FloodAt.End - <u32>tail);
}

/** True for a neighbor record that can be set. */
export function isNeighbor(rec: usize): bool {
  const state: u32 = load<u8>(rec, NeighborAt.State);
  if (state == 0 || state > <u32>NeighborState.Stale) return false;
  const isClean = load<u8>(rec, NeighborAt.Flags) == 0;
  const mac = rec + NeighborAt.Mac;
  const isStation = !isZero(mac, MAC_LEN) && (load<u8>(mac) & 1) == 0;
  return isClean && isStation && hasNeighbor(rec);
}

/** True for a neighbor record that names one. */
export function hasNeighbor(rec: usize): bool {
  const family: u32 = load<u16>(rec, NeighborAt.Family);
  return family == FAMILY_IPV4 && isUnicastField(rec + NeighborAt.Address);
}

/** True for a route record that holds an address. */
export function hasAddress(rec: usize): bool {
  return load<u16>(rec, RouteAt.Family) == FAMILY_IPV4 && isIpv4Field(rec + RouteAt.Address);
}

/** True for a route record that names a prefix. */
export function hasPrefix(rec: usize): bool {
  return hasAddress(rec) && isPrefix(addressOf(rec), lenOf(rec));
}

/** True for a route record that can be set, but for its hop. */
export function isRoute(rec: usize): bool {
  const flags: i32 = load<u16>(rec, RouteAt.Flags);
  const isClean = isZero(rec + RouteAt.Hop + 4, RouteAt.End - RouteAt.Hop - 4);
  return isClean && flags <= RouteFlag.ReplaceOnly && hasPrefix(rec);
}

/** The address of a route record. */
export function addressOf(rec: usize): u32 {
  return bswap<u32>(load<u32>(rec, RouteAt.Address));
}

/** The prefix length of a route record. */
export function lenOf(rec: usize): u32 {
  return load<u16>(rec, RouteAt.Len);
}
