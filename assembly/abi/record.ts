// What the records of many tables have in common, as a caller can get it wrong.
import { isZero } from "../base/arith";

export const FAMILY_IPV4: u32 = 4;

const ADDRESS_LEN: u32 = 16;
const IPV4_LEN: u32 = 4;

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

/** True for a MAC of one station, in six bytes as in a packet. */
export function isStationMac(field: usize): bool {
  return !isZero(field, 6) && (load<u8>(field) & 1) == 0;
}

/** Writes a record's status, and returns 1 for Ok. */
export function report(rec: usize, statusAt: usize, status: i32): i32 {
  store<i16>(rec + statusAt, <i16>status);
  return status == 0 ? 1 : 0;
}
