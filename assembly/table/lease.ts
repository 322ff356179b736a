// Flannel's rules for subnet leases, as pure functions of records: which network config is legal,
// which lease is ours, which subnets are free. The store, the clock and the dice are the caller's.
//
// A subnet is a number here: its address without the bits behind SubnetLen, so below 2^30, and a
// network that ends at 255.255.255.255 ends like any other. IPv6 will come in the same fields, with
// Family 6, and with a number of 64 bits.
import { scale } from "../base/hash";
import { Status } from "../base/status";

/** A network config record, 64 bytes. */
export const enum LeaseConfigAt {
  Family = 0, // u16: 4
  NetworkLen = 2, // u16
  Rule = 4, // u16, LeaseRule, written
  SubnetLen = 6, // u16; 0: not given
  Network = 8, // u8[16]
  SubnetMin = 24, // u8[16]; zero: not given
  SubnetMax = 40, // u8[16]; zero: not given
  End = 64,
}

/** A lease record, 48 bytes. */
export const enum LeaseAt {
  Family = 0, // u16: 4
  Len = 2, // u16
  Flags = 6, // u16, LeaseFlag
  Address = 8, // u8[16], as in a packet; host bits zero
  PublicIp = 24, // u8[16]
  ExpiryMs = 40, // f64, Unix time
  End = 48,
}

export const enum LeaseFlag {
  Reserved = 1, // it does not expire
}

/** What a config may break, in the order of looking. */
export const enum LeaseRule {
  None = 0,
  NoNetwork = 1,
  SubnetTooLong = 2, // SubnetLen is above 30
  TooFewSubnets = 3, // fewer than four of SubnetLen in the network
  NetworkTooLong = 4, // above 28, and no SubnetLen
  MinOutside = 5,
  MaxOutside = 6,
  MinUnaligned = 7,
  MaxUnaligned = 8,
}

const SUBNET_LEN_MAX: u32 = 30;
const SUBNET_LEN_USUAL: u32 = 24;
const SUBNET_BITS_MIN: u32 = 2; // of the network: at least four subnets
const FREE_MAX: u32 = 100; // the draw is among the first so many
const WINDOW: u32 = 1 << 14; // subnets that are looked at in one go

// Scratch: who is taken in a window, a byte each, and the free subnets found so far, a u32 each.
const marks: usize = memory.data(<i32>WINDOW, 64);
const free: usize = memory.data(<i32>(FREE_MAX * 4), 64);

/**
 * Clears the network's host bits and fills in what was not given. A config that is whole stays as
 * it is. Returns: None, or the first rule that it breaks, and then nothing was filled in.
 */
export function leaseComplete(cfg: usize): LeaseRule {
  const networkLen: u32 = load<u16>(cfg, LeaseConfigAt.NetworkLen);
  if (networkLen == 0) return LeaseRule.NoNetwork;
  const hostBits = hostBitsOf(networkLen);
  const network = addressIn(cfg + LeaseConfigAt.Network) & ~hostBits;
  let subnetLen: u32 = load<u16>(cfg, LeaseConfigAt.SubnetLen);
  if (subnetLen > SUBNET_LEN_MAX) return LeaseRule.SubnetTooLong;
  const subnetLenMin = networkLen + SUBNET_BITS_MIN;
  if (subnetLen == 0) {
    if (subnetLenMin > SUBNET_LEN_MAX) return LeaseRule.NetworkTooLong;
    subnetLen = max(SUBNET_LEN_USUAL, subnetLenMin);
  }
  if (subnetLen < subnetLenMin) return LeaseRule.TooFewSubnets;
  const subnetBits = hostBitsOf(subnetLen);
  // The first subnet is left out: an interface in it would carry the network's own address.
  const first = addressIn(cfg + LeaseConfigAt.SubnetMin) || network + subnetBits + 1;
  const last = addressIn(cfg + LeaseConfigAt.SubnetMax) || network + hostBits - subnetBits;
  if ((first & ~hostBits) != network) return LeaseRule.MinOutside;
  if ((last & ~hostBits) != network) return LeaseRule.MaxOutside;
  if ((first & subnetBits) != 0) return LeaseRule.MinUnaligned;
  if ((last & subnetBits) != 0) return LeaseRule.MaxUnaligned;
  store<u16>(cfg, <u16>subnetLen, LeaseConfigAt.SubnetLen);
  store<u32>(cfg, bswap<u32>(network), LeaseConfigAt.Network);
  store<u32>(cfg, bswap<u32>(first), LeaseConfigAt.SubnetMin);
  store<u32>(cfg, bswap<u32>(last), LeaseConfigAt.SubnetMax);
  return LeaseRule.None;
}

/** True for a lease that the config could have given. Requires: a complete config. */
export function leaseFits(cfg: usize, rec: usize): bool {
  const address = addressIn(rec + LeaseAt.Address);
  if (load<u16>(rec, LeaseAt.Len) != load<u16>(cfg, LeaseConfigAt.SubnetLen)) return false;
  return (
    address >= addressIn(cfg + LeaseConfigAt.SubnetMin) &&
    address <= addressIn(cfg + LeaseConfigAt.SubnetMax)
  );
}

/**
 * The first lease of `publicIp` that fits, else the first of it at all. Requires: a complete
 * config. Returns: its index or NotFound.
 */
export function leaseOwn(cfg: usize, recs: usize, count: u32, publicIp: u32): i32 {
  let own: i32 = Status.NotFound;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * LeaseAt.End;
    if (addressIn(rec + LeaseAt.PublicIp) != publicIp) continue;
    if (leaseFits(cfg, rec)) return <i32>i;
    if (own < 0) own = <i32>i;
  }
  return own;
}

/**
 * Draws one of the first hundred subnets that no lease overlaps, each as likely as any other, and
 * writes it to `out`. Requires: a complete config.
 *
 * Returns: how many there were to draw from, or OutOfSubnets.
 */
export function leasePick(cfg: usize, recs: usize, count: u32, dice: u32, out: usize): i32 {
  const len: u32 = load<u16>(cfg, LeaseConfigAt.SubnetLen);
  const shift = 32 - len;
  const last = addressIn(cfg + LeaseConfigAt.SubnetMax) >> shift;
  let subnet = addressIn(cfg + LeaseConfigAt.SubnetMin) >> shift;
  let found: u32 = 0;
  while (subnet <= last && found < FREE_MAX) {
    const window = subnet & ~(WINDOW - 1);
    const behind = mark(recs, count, shift, window);
    const end = min(window + WINDOW, last + 1);
    for (; subnet < end && found < FREE_MAX; subnet++) {
      if (load<u8>(marks + subnet - window) != 0) continue;
      store<u32>(free + (found << 2), subnet);
      found += 1;
    }
    subnet = behind;
  }
  if (found == 0) return Status.OutOfSubnets;
  const drawn = load<u32>(free + (scale(dice, found) << 2)) << shift;
  memory.fill(out, 0, LeaseAt.End);
  store<u16>(out, load<u16>(cfg, LeaseConfigAt.Family), LeaseAt.Family);
  store<u16>(out, <u16>len, LeaseAt.Len);
  store<u32>(out, bswap<u32>(drawn), LeaseAt.Address);
  return <i32>found;
}

// Marks what is taken of the WINDOW subnets from `window` on. Returns: the first subnet behind them
// that is worth looking at. All before it are taken: prefixes nest, so a lease that reaches out of
// the window covers all of it, and one that begins where such a lease ends goes on from there.
function mark(recs: usize, count: u32, shift: u32, window: u32): u32 {
  const end = window + WINDOW;
  let behind = end;
  memory.fill(marks, 0, WINDOW);
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * LeaseAt.End;
    const address = addressIn(rec + LeaseAt.Address);
    const first = address >> shift;
    const last = (address | hostBitsOf(load<u16>(rec, LeaseAt.Len))) >> shift;
    if (last < window || first > behind) continue;
    behind = max(behind, last + 1);
    if (first >= end) continue;
    const from = max(first, window);
    memory.fill(marks + from - window, 1, min(last + 1, end) - from);
  }
  return behind;
}

/** The first lease that shares an address with `rec`. Returns: its index or NotFound. */
export function leaseOverlap(recs: usize, count: u32, rec: usize): i32 {
  const address = addressIn(rec + LeaseAt.Address);
  const hostBits = hostBitsOf(load<u16>(rec, LeaseAt.Len));
  for (let i: u32 = 0; i < count; i++) {
    const other = recs + i * LeaseAt.End;
    const either = hostBits | hostBitsOf(load<u16>(other, LeaseAt.Len));
    if (((address ^ addressIn(other + LeaseAt.Address)) & ~either) == 0) return <i32>i;
  }
  return Status.NotFound;
}

function addressIn(field: usize): u32 {
  return bswap<u32>(load<u32>(field));
}

function hostBitsOf(len: u32): u32 {
  return <u32>(<u64>0xffffffff >> len);
}
