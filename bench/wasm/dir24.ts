// DIR-24-8 (Gupta, Lin and McKeown, 1998) with entries of two bytes: a table of all /24, and groups
// of 256 for what is longer. A table of lengths, which look-ups do not read, lets a prefix come and
// go: without it nobody could say whose an entry is.

const TABLE: usize = 0x10000; // u16[2^24]: 0 none, hop + 1, or GROUP and the index of a group
const LENS: usize = TABLE + (1 << 25); // u8[2^24]: length + 1 of the prefix that an entry is of
const GROUPS: usize = LENS + (1 << 24); // u16[256] each
const GROUP: u32 = 0x8000;
const GROUP_COUNT: u32 = 1024;
const GROUP_LENS: usize = GROUPS + <usize>GROUP_COUNT * 512; // u8[256] each
const END: usize = GROUP_LENS + <usize>GROUP_COUNT * 256;
const ROOM: usize = 1 << 22; // for keys and answers

let groups: u32 = 0;

/** Returns: where keys and answers may lie. */
export function open(): usize {
  memory.grow(<i32>((END + ROOM) >> 16) + 1 - memory.size());
  return END;
}

/** Bytes that look-ups may read. */
export function forwarding(): u32 {
  return (1 << 25) + groups * 512;
}

/** All bytes. */
export function whole(): u32 {
  return forwarding() + (1 << 24) + groups * 256;
}

/** Makes `hop` the answer where no longer prefix is. Returns: 0, or -1 without a free group. */
export function insert(address: u32, len: u32, hop: u32): i32 {
  return put(address, len, 0, len + 1, hop + 1);
}

/** Gives the place of a prefix to the one that covers it, of which `coverLen` -1 is none. */
export function remove(address: u32, len: u32, coverLen: i32, coverHop: u32): i32 {
  return put(address, len, len + 1, <u32>(coverLen + 1), coverLen < 0 ? 0 : coverHop + 1);
}

// What `put` is about: lengths + 1 of the prefixes that give way, and what takes their place.
let least: u32 = 0;
let most: u32 = 0;
let mark: u32 = 0;
let entry: u32 = 0;

function put(address: u32, len: u32, from: u32, newMark: u32, newEntry: u32): i32 {
  least = from;
  most = len + 1;
  mark = newMark;
  entry = newEntry;
  const first = address >> 8;
  if (len > 24) {
    const group = groupAt(first);
    if (group >= 0) putGroup(<u32>group, address & 255, 1 << (32 - len));
    return group < 0 ? -1 : 0;
  }
  const end = first + (1 << (24 - len));
  for (let at = first; at < end; at++) {
    const there: u32 = load<u16>(TABLE + (at << 1));
    if ((there & GROUP) != 0) putGroup(there & ~GROUP, 0, 256);
    else if (givesWay(LENS + at)) {
      store<u16>(TABLE + (at << 1), <u16>entry);
      store<u8>(LENS + at, <u8>mark);
    }
  }
  return 0;
}

// The group of a /24, which is made where there is none; -1 when all are taken.
function groupAt(at: u32): i32 {
  const there: u32 = load<u16>(TABLE + (at << 1));
  if ((there & GROUP) != 0) return <i32>(there & ~GROUP);
  if (groups == GROUP_COUNT) return -1;
  const owner = load<u8>(LENS + at);
  for (let i: u32 = 0; i < 256; i++) {
    store<u16>(GROUPS + (groups << 9) + (i << 1), <u16>there);
    store<u8>(GROUP_LENS + (groups << 8) + i, owner);
  }
  store<u16>(TABLE + (at << 1), <u16>(GROUP | groups));
  groups += 1;
  return <i32>groups - 1;
}

function putGroup(group: u32, first: u32, count: u32): void {
  for (let at = first; at < first + count; at++) {
    if (!givesWay(GROUP_LENS + (group << 8) + at)) continue;
    store<u16>(GROUPS + (group << 9) + (at << 1), <u16>entry);
    store<u8>(GROUP_LENS + (group << 8) + at, <u8>mark);
  }
}

function givesWay(owner: usize): bool {
  const len: u32 = load<u8>(owner);
  return len >= least && len <= most;
}

/** u32[count] addresses to u32[count] hops, all ones for none. Returns: hits. */
export function lookup(keys: usize, out: usize, count: u32): i32 {
  let hits: i32 = 0;
  for (const end = keys + (count << 2); keys < end; keys += 4) {
    const address = load<u32>(keys);
    let found: u32 = load<u16>(TABLE + ((address >> 8) << 1));
    if ((found & GROUP) != 0) {
      found = load<u16>(GROUPS + ((found & ~GROUP) << 9) + ((address & 255) << 1));
    }
    store<u32>(out, found - 1);
    if (found != 0) hits += 1;
    out += 4;
  }
  return hits;
}
