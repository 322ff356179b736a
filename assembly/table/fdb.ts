// The forwarding database: behind which port and remote a MAC lives, by domain.
//
// An entry is 16 bytes: the MAC and the domain in the key, port and remote in the value, and in
// the meta word four flags over 28 bits of the second when it was last seen. Seconds are compared
// by difference, so the clock may wrap; an age is at most 2^27 seconds.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import {
  cuckooAdd,
  cuckooFind,
  cuckooKey,
  cuckooLay,
  cuckooMeta,
  cuckooNext,
  cuckooPick,
  cuckooPlace,
  cuckooPlaces,
  cuckooPut,
  cuckooPutMeta,
  cuckooRemove,
  cuckooSeek,
  cuckooValue,
} from "./cuckoo";
import { domainAge, domainAt, useDomain } from "./domain";
import { isPlace, usePlace } from "./place";
import { countAtPort, Port, PortFlag, portAt } from "./port";
import { countAtRemote, Remote, remoteAt } from "./remote";
import { NONE } from "./rows";

/** An FDB record, 32 bytes. */
export const enum FdbAt {
  Domain = 0, // u16
  Mac = 2, // u8[6]
  Port = 8, // u16
  Remote = 10, // u16, or 0xffff
  Flags = 12, // u16, FdbFlag
  Status = 14, // i16, written by bulk calls
  SeenS = 16, // u32, read
  End = 32,
}

export const enum FdbFlag {
  Learned = 1,
  Static = 2,
  Sticky = 4,
  Permanent = 8,
}

/** What a look-up gives for a station that nobody knows. */
export const FDB_MISS: u32 = 0xffffffff;

/** Seconds; a longer age could not be told from a shorter one. */
export const AGE_S_MAX: u32 = 1 << 27;

const MAP: usize = nodeAt.FDB;
const SWEEP: usize = nodeAt.FDB + 64; // u32, the place where ageing goes on
const SEEN_BITS: u32 = 28;
const SEEN_MASK: u32 = (1 << SEEN_BITS) - 1;
const FIXED: u32 = FdbFlag.Sticky | FdbFlag.Permanent;
const BUCKET_PLACES: u32 = 4;

// An entry of the map lies as a record does, up to its flags.
if (FdbAt.Domain != 0 || FdbAt.Mac != 2) ERROR("fdb: domain and MAC are the key");
if (FdbAt.Port != 8 || FdbAt.Remote != 10) ERROR("fdb: port and remote are the value");

/** Returns: the first address behind the table. */
export function layFdb(node: usize, base: usize, capacity: u32, seed: u64): usize {
  return cuckooLay(node + MAP, base, capacity, seed);
}

/**
 * The entry of a key, `mac << 16 | domain`, or 0 when there is none that was seen within `ageS`
 * seconds, the age of its domain. Requires: a MAC that is not zero.
 */
export function fdbLive(node: usize, key: u64, nowS: u32, ageS: u32): usize {
  const entry = cuckooSeek(node + MAP, key);
  return entry == 0 || isOlder(entry, nowS, ageS) ? 0 : entry;
}

/** The station of an entry was seen where it lives. */
export function fdbSee(entry: usize, nowS: u32): void {
  cuckooPutMeta(entry, (cuckooMeta(entry) & ~SEEN_MASK) | (nowS & SEEN_MASK));
}

/** Where a MAC lives: port | remote << 16, or FDB_MISS. */
export function fdbFind(node: usize, domain: u32, mac: u64, nowS: u32): u32 {
  if (mac == 0) return FDB_MISS; // in domain 0 it would find a free place
  const entry = cuckooFind(node + MAP, keyOf(domain, mac));
  if (entry == 0 || isExpired(node, entry, nowS)) return FDB_MISS;
  return cuckooValue(entry);
}

/**
 * The same for many keys of `mac << 16 | domain`, each into its place behind `out`. Returns: hits.
 */
export function fdbFindAll(node: usize, keys: usize, out: usize, count: u32, nowS: u32): u32 {
  let hits: u32 = 0;
  let domain = NONE; // of the key before, and its age: most have the same
  let ageS: u32 = 0;
  for (const end = out + (count << 2); out < end; out += sizeof<u32>()) {
    const key = load<u64>(keys);
    keys += sizeof<u64>();
    let entry = key >> 16 != 0 ? cuckooPick(node + MAP, key) : 0;
    if (entry != 0 && domain != (<u32>key & 0xffff)) {
      domain = <u32>key & 0xffff;
      ageS = domainAge(node, domain);
    }
    if (entry != 0 && isOlder(entry, nowS, ageS)) entry = 0;
    store<u32>(out, entry == 0 ? FDB_MISS : cuckooValue(entry));
    if (entry != 0) hits += 1;
  }
  return hits;
}

/**
 * Remembers where the sender of a frame lives. Requires: a unicast MAC that is not zero; domain,
 * port and remote of `place` are set.
 *
 * Returns: Ok; StationMoved; LearnRefused for a limit or a full table; Exists when a fixed entry
 * places it elsewhere.
 */
export function fdbLearn(node: usize, domain: u32, mac: u64, place: u32, nowS: u32): Status {
  const entry = cuckooFind(node + MAP, keyOf(domain, mac));
  if (entry == 0) return learnNew(node, keyOf(domain, mac), place, nowS);
  if (isExpired(node, entry, nowS)) {
    fdbDrop(node, entry);
    return learnNew(node, keyOf(domain, mac), place, nowS);
  }
  const flags = flagsOf(entry);
  if (cuckooValue(entry) == place) {
    cuckooPut(entry, bodyOf(place, flags, nowS));
    return Status.Ok;
  }
  if ((flags & FIXED) != 0) return Status.Exists;
  account(node, entry, -1); // or it would count against the limit of where it already is
  const isLearned = (flags & FdbFlag.Learned) != 0;
  const isRefused = isLearned && !mayLearn(node, place);
  const kept = isLearned ? learnedAt(node, place) : flags;
  if (!isRefused) cuckooPut(entry, bodyOf(place, kept, nowS));
  account(node, entry, 1);
  return isRefused ? Status.LearnRefused : Status.StationMoved;
}

function learnNew(node: usize, key: u64, place: u32, nowS: u32): Status {
  if (!mayLearn(node, place)) return Status.LearnRefused;
  const entry = cuckooAdd(node + MAP, key, bodyOf(place, learnedAt(node, place), nowS));
  if (entry == 0) return Status.LearnRefused;
  account(node, entry, 1);
  return Status.Ok;
}

// The flags of what is learned at a place.
function learnedAt(node: usize, place: u32): u32 {
  const port = Port.at(portAt(node, place & 0xffff));
  return (port.flags & PortFlag.Sticky) != 0 ? FdbFlag.Learned | FdbFlag.Sticky : FdbFlag.Learned;
}

// The limits of port and remote. An expired entry counts until it is swept or looked for.
function mayLearn(node: usize, place: u32): bool {
  const port = Port.at(portAt(node, place & 0xffff));
  if (port.learnLimit != 0 && port.learned >= port.learnLimit) return false;
  const remote = Remote.at(remoteAt(node, place >> 16));
  if (changetype<usize>(remote) == 0 || remote.learnLimit == 0) return true;
  return remote.learned < remote.learnLimit;
}

/**
 * Makes or replaces an entry. Requires: a legal record.
 * Returns: Ok, NotFound (domain, port or remote) or NoRoom.
 */
export function fdbSet(node: usize, rec: usize, nowS: u32): Status {
  const place = load<u32>(rec, FdbAt.Port);
  if (domainAt(node, load<u16>(rec, FdbAt.Domain)) == 0) return Status.NotFound;
  if (!isPlace(node, place)) return Status.NotFound;
  const given: u32 = load<u16>(rec, FdbAt.Flags);
  const flags = (given & ~FdbFlag.Sticky) == 0 ? given | FdbFlag.Learned : given;
  const body = bodyOf(place, flags, nowS);
  let entry = fdbEntry(node, rec);
  if (entry != 0) account(node, entry, -1);
  else entry = cuckooAdd(node + MAP, load<u64>(rec, FdbAt.Domain), body);
  if (entry == 0) return Status.NoRoom;
  cuckooPut(entry, body);
  account(node, entry, 1);
  return Status.Ok;
}

/** The entry of a record's domain and MAC, or 0. */
export function fdbEntry(node: usize, rec: usize): usize {
  return cuckooFind(node + MAP, load<u64>(rec, FdbAt.Domain));
}

/** Removes a record's entry. Returns: Ok or NotFound, for one that had expired too. */
export function fdbRemove(node: usize, rec: usize, nowS: u32): Status {
  const entry = fdbEntry(node, rec);
  if (entry == 0) return Status.NotFound;
  const status = isExpired(node, entry, nowS) ? Status.NotFound : Status.Ok;
  fdbDrop(node, entry);
  return status;
}

/** Removes an entry. */
export function fdbDrop(node: usize, entry: usize): void {
  account(node, entry, -1);
  cuckooRemove(node + MAP, entry);
}

/** True for a learned entry that is older than its domain allows. */
export function isExpired(node: usize, entry: usize, nowS: u32): bool {
  return isOlder(entry, nowS, domainAge(node, load<u16>(entry, FdbAt.Domain)));
}

function isOlder(entry: usize, nowS: u32, ageS: u32): bool {
  const meta = cuckooMeta(entry);
  if (((meta >> SEEN_BITS) & FdbFlag.Learned) == 0) return false;
  return ageS != 0 && ((nowS - meta) & SEEN_MASK) >= ageS;
}

/** Writes an entry as a record. */
export function fdbTell(entry: usize, rec: usize, nowS: u32): void {
  memory.fill(rec, 0, FdbAt.End);
  store<u64>(rec, cuckooKey(entry), FdbAt.Domain);
  store<u32>(rec, cuckooValue(entry), FdbAt.Port);
  store<u16>(rec, <u16>flagsOf(entry), FdbAt.Flags);
  store<u32>(rec, nowS - ((nowS - cuckooMeta(entry)) & SEEN_MASK), FdbAt.SeenS);
}

/** Removes what has expired in the next `budget` buckets. Returns: how many entries. */
export function fdbAge(node: usize, budget: u32, nowS: u32): i32 {
  const places = cuckooPlaces(node + MAP);
  let at = load<u32>(node + SWEEP);
  let removed: i32 = 0;
  const turns = min(<u64>budget * BUCKET_PLACES, <u64>places);
  for (let turn: u64 = 0; turn < turns; turn++) {
    const entry = cuckooPlace(node + MAP, at);
    if (cuckooKey(entry) != 0 && isExpired(node, entry, nowS)) {
      fdbDrop(node, entry);
      removed += 1;
    }
    at = at + 1 == places ? 0 : at + 1;
  }
  store<u32>(node + SWEEP, at);
  return removed;
}

/**
 * Removes every entry of a domain, port and remote, NONE meaning any; fixed and static ones only
 * `withStatic`. Returns: how many.
 */
export function fdbFlush(node: usize, domain: u32, port: u32, remote: u32, withStatic: bool): i32 {
  const places = cuckooPlaces(node + MAP);
  let removed: i32 = 0;
  for (let at: u32 = 0; at < places; at++) {
    const entry = cuckooPlace(node + MAP, at);
    if (cuckooKey(entry) == 0 || !isMeant(entry, domain, port, remote, withStatic)) continue;
    fdbDrop(node, entry);
    removed += 1;
  }
  return removed;
}

function isMeant(entry: usize, domain: u32, port: u32, remote: u32, withStatic: bool): bool {
  if (!withStatic && (flagsOf(entry) & FdbFlag.Learned) == 0) return false;
  if (domain != NONE && domain != <u32>load<u16>(entry, FdbAt.Domain)) return false;
  if (port != NONE && port != <u32>load<u16>(entry, FdbAt.Port)) return false;
  return remote == NONE || remote == <u32>load<u16>(entry, FdbAt.Remote);
}

/** The cursor behind the first entry at or behind `cursor` that is still believed, or 0. */
export function fdbNext(node: usize, cursor: u32, nowS: u32): u32 {
  do cursor = cuckooNext(node + MAP, cursor);
  while (cursor != 0 && isExpired(node, fdbBefore(node, cursor), nowS));
  return cursor;
}

/** The entry in front of `cursor`, which fdbNext gave. */
export function fdbBefore(node: usize, cursor: u32): usize {
  return cuckooPlace(node + MAP, cursor - 1);
}

// Who an entry names: domain, port and remote count their users, and what was learned there.
function account(node: usize, entry: usize, delta: i32): void {
  if ((flagsOf(entry) & FdbFlag.Learned) != 0) {
    countAtPort(node, load<u16>(entry, FdbAt.Port), delta);
    countAtRemote(node, load<u16>(entry, FdbAt.Remote), delta);
  }
  useDomain(node, load<u16>(entry, FdbAt.Domain), delta);
  usePlace(node, cuckooValue(entry), delta);
}

function keyOf(domain: u32, mac: u64): u64 {
  return (mac << 16) | domain;
}

function bodyOf(place: u32, flags: u32, nowS: u32): u64 {
  return ((<u64>((flags << SEEN_BITS) | (nowS & SEEN_MASK))) << 32) | place;
}

function flagsOf(entry: usize): u32 {
  return cuckooMeta(entry) >> SEEN_BITS;
}
