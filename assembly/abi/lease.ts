import { isZero } from "../base/arith";
import { isLoose } from "../base/node";
import { Status } from "../base/status";
import {
  LeaseAt,
  LeaseConfigAt,
  LeaseFlag,
  LeaseRule,
  leaseComplete,
  leaseFits,
  leaseOverlap,
  leaseOwn,
  leasePick,
} from "../table/lease";
import { PREFIX_LEN_MAX } from "../table/prefix";
import { hasAddress, hasPrefix, isIpv4Field, lenOf, RouteAt } from "./record";

const CONFIG_TAIL: usize = LeaseConfigAt.SubnetMax + 16;

// Both records begin as a route's does.
if (LeaseAt.Len - RouteAt.Len != 0) ERROR("lease: the length of a route");
if (LeaseAt.Address - RouteAt.Address != 0) ERROR("lease: the address of a route");
if (LeaseConfigAt.NetworkLen - RouteAt.Len != 0) ERROR("lease: the network's length");
if (LeaseConfigAt.Network - RouteAt.Address != 0) ERROR("lease: the network's address");

/**
 * Checks a network config by flannel's rules, clears the network's host bits, and fills in what was
 * not given: SubnetLen, SubnetMin and SubnetMax.
 *
 * cfg     a lease config record
 * returns Ok; BadConfig with the rule in Rule, and nothing filled in; or BadArgument
 */
export function lease_config_check(cfg: usize): i32 {
  return isConfig(cfg) ? complete(cfg) : Status.BadArgument;
}

/**
 * Whether a lease is one that the config could have given: of SubnetLen, and from SubnetMin to
 * SubnetMax.
 *
 * cfg     a lease config record; it is checked and filled in first
 * rec     a lease record
 * returns 1 or 0, BadConfig, or BadArgument
 */
export function lease_compatible(cfg: usize, rec: usize): i32 {
  if (!isConfig(cfg) || !isLeases(rec, 1)) return Status.BadArgument;
  const status = complete(cfg);
  return status < 0 ? status : <i32>leaseFits(cfg, rec);
}

/**
 * Finds the lease that this node has already: the first of its public address that is compatible,
 * else the first of it, which then has to be given up.
 *
 * cfg        a lease config record; it is checked and filled in first
 * recs       lease records
 * count      records
 * public_ip  IPv4, host order, not 0: several nodes may have none
 * returns    the index, NotFound, BadConfig, or BadArgument
 */
export function lease_own(cfg: usize, recs: usize, count: u32, public_ip: u32): i32 {
  if (!isConfig(cfg) || !isLeases(recs, count) || public_ip == 0) return Status.BadArgument;
  const status = complete(cfg);
  return status < 0 ? status : leaseOwn(cfg, recs, count, public_ip);
}

/**
 * Draws a subnet from the first hundred that are free. Whatever is listed is taken: leases of any
 * length, reservations, expired ones.
 *
 * cfg     a lease config record; it is checked and filled in first
 * recs    lease records
 * count   records
 * dice    32 random bits; each candidate is as likely as any other
 * out     takes a lease record: the subnet, and all else zero
 * returns how many candidates there were, 1 to 100; OutOfSubnets, BadConfig, or BadArgument
 */
export function lease_pick(cfg: usize, recs: usize, count: u32, dice: u32, out: usize): i32 {
  if (!isConfig(cfg) || !isLeases(recs, count)) return Status.BadArgument;
  if (!isLoose(out, 1, LeaseAt.End)) return Status.BadArgument;
  const status = complete(cfg);
  return status < 0 ? status : leasePick(cfg, recs, count, dice, out);
}

/**
 * Finds the first lease that has an address in common with another one.
 *
 * recs    lease records
 * count   records
 * rec     a lease record
 * returns the index, NotFound, or BadArgument
 */
export function lease_overlap(recs: usize, count: u32, rec: usize): i32 {
  if (!isLeases(recs, count) || !isLeases(rec, 1)) return Status.BadArgument;
  return leaseOverlap(recs, count, rec);
}

function complete(cfg: usize): Status {
  const rule = leaseComplete(cfg);
  store<u16>(cfg, <u16>rule, LeaseConfigAt.Rule);
  return rule == LeaseRule.None ? Status.Ok : Status.BadConfig;
}

function isConfig(cfg: usize): bool {
  if (!isLoose(cfg, 1, LeaseConfigAt.End) || !hasAddress(cfg)) return false;
  if (lenOf(cfg) > PREFIX_LEN_MAX) return false;
  const isIpv4 =
    isIpv4Field(cfg + LeaseConfigAt.SubnetMin) && isIpv4Field(cfg + LeaseConfigAt.SubnetMax);
  return isIpv4 && isZero(cfg + CONFIG_TAIL, LeaseConfigAt.End - <u32>CONFIG_TAIL);
}

function isLeases(recs: usize, count: u32): bool {
  if (!isLoose(recs, count, LeaseAt.End)) return false;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * LeaseAt.End;
    const flags: i32 = load<u16>(rec, LeaseAt.Flags);
    const isClean = load<u16>(rec, RouteAt.Status) == 0 && flags <= LeaseFlag.Reserved;
    if (!isClean || !hasPrefix(rec) || !isIpv4Field(rec + LeaseAt.PublicIp)) return false;
  }
  return true;
}
