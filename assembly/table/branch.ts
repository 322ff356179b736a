// A branch of the prefix tree: four bits of the address, as a tree bitmap node (Eatherton, Varghese
// and Dittia, "Tree Bitmap", 2004). It keeps its own prefixes of one to four bits and points to the
// branches behind all four. Both are packed arrays in the order of their bits: a popcount of the
// bits below finds an element, and taking a prefix away is nothing but taking its element away.
//
// The paper lets a node own zero to three bits. Here it is one to four, so that /24 and /32, where
// routes are dense, end a branch and do not begin one; /0 is left, a field of the table.
//
// Within its branch a prefix has the name of its last one to four bits (prefix.ts), 2 to 31. Longer
// prefixes have greater names.
//
// Arrays grow within the block that they have, and move only when it is full. Nobody looks at the
// tree in the middle of a call, so that is as good as a copy, and needs less room.

import { blockLen, buddyGive, buddyTake, orderOf } from "./buddy";
import { isPrefix, KEY_END, keyAddress, nameOf, nibbleAt } from "./prefix";

export const BRANCH_BITS: u32 = 4;
const HOP_SHIFT: u32 = 1; // log2 of the bytes of an element
const BRANCH_SHIFT: u32 = 4;

namespace at {
  export const OWN: usize = 0; // u32, bit n: the prefix named n is here
  export const FORKS: usize = 4; // u16, bit n: a branch goes on behind the four bits n
  export const COVER: usize = 6; // u16, the table's
  export const HOPS: usize = 8; // address of u16[popcnt(OWN)]
  export const BRANCHES: usize = 12; // address of branches[popcnt(FORKS)]
  export const END: usize = 16;
}

export const BRANCH_LEN: u32 = <u32>at.END;

if (BRANCH_LEN != 1 << BRANCH_SHIFT) ERROR("branch: an element of BRANCHES");

/** A branch lying in linear memory. All zero is an empty one. */
@unmanaged
@final
export class Branch {
  static at(ptr: usize): Branch {
    return changetype<Branch>(ptr);
  }

  get isEmpty(): bool {
    return load<u32>(changetype<usize>(this), at.OWN) == 0 && this.forks == 0;
  }

  /** Length of the longest route shorter than the tree's first bits that covers this branch. */
  get cover(): u32 {
    return load<u16>(changetype<usize>(this), at.COVER);
  }

  setCover(len: u32): void {
    store<u16>(changetype<usize>(this), <u16>len, at.COVER);
  }

  has(name: u32): bool {
    return ((load<u32>(changetype<usize>(this), at.OWN) >> name) & 1) != 0;
  }

  /** The name of the longest own prefix of these four bits, or 0. */
  longest(nibble: u32): u32 {
    const name = 16 | nibble;
    const covering = (1 << name) | (1 << (name >> 1)) | (1 << (name >> 2)) | (1 << (name >> 3));
    const own = load<u32>(changetype<usize>(this), at.OWN) & covering;
    return own == 0 ? 0 : 31 - clz(own);
  }

  /** Where the hop of an own prefix lies. Requires: has(name). */
  hopPtr(name: u32): usize {
    const hops = <usize>load<u32>(changetype<usize>(this), at.HOPS);
    return hops + (rank(load<u32>(changetype<usize>(this), at.OWN), name) << HOP_SHIFT);
  }

  get forks(): u32 {
    return load<u16>(changetype<usize>(this), at.FORKS);
  }

  forksAt(nibble: u32): bool {
    return ((this.forks >> nibble) & 1) != 0;
  }

  /** The branch behind these four bits. Requires: forksAt(nibble). */
  next(nibble: u32): Branch {
    const branches = <usize>load<u32>(changetype<usize>(this), at.BRANCHES);
    return Branch.at(branches + (rank(this.forks, nibble) << BRANCH_SHIFT));
  }

  /** Adds an own prefix; false when the pool is full. Requires: !has(name). */
  insert(pool: usize, name: u32, hop: u32): bool {
    const own = load<u32>(changetype<usize>(this), at.OWN);
    const ptr = widen(pool, changetype<usize>(this) + at.HOPS, own, name, HOP_SHIFT);
    if (ptr == 0) return false;
    store<u16>(ptr, <u16>hop);
    store<u32>(changetype<usize>(this), own | (1 << name), at.OWN);
    return true;
  }

  /** Takes an own prefix away. Requires: has(name). */
  remove(pool: usize, name: u32): void {
    const own = load<u32>(changetype<usize>(this), at.OWN);
    narrow(pool, changetype<usize>(this) + at.HOPS, own, name, HOP_SHIFT);
    store<u32>(changetype<usize>(this), own & ~(1 << name), at.OWN);
  }

  /** Adds an empty branch; false when the pool is full. Requires: !forksAt(nibble). */
  fork(pool: usize, nibble: u32): bool {
    const ptr = widen(
      pool,
      changetype<usize>(this) + at.BRANCHES,
      this.forks,
      nibble,
      BRANCH_SHIFT,
    );
    if (ptr == 0) return false;
    memory.fill(ptr, 0, BRANCH_LEN);
    store<u16>(changetype<usize>(this), <u16>(this.forks | (1 << nibble)), at.FORKS);
    return true;
  }

  /** Takes every empty branch away on the path of `bits`, whose first four are ours. */
  prune(pool: usize, bits: u32): void {
    const nibble = bits >> (32 - BRANCH_BITS);
    if (!this.forksAt(nibble)) return;
    const next = this.next(nibble);
    next.prune(pool, bits << BRANCH_BITS);
    if (!next.isEmpty) return;
    narrow(pool, changetype<usize>(this) + at.BRANCHES, this.forks, nibble, BRANCH_SHIFT);
    store<u16>(changetype<usize>(this), <u16>(this.forks & ~(1 << nibble)), at.FORKS);
  }

  /**
   * The key of the first route here or behind us that does not come before `key`, or KEY_END.
   * Requires: a key of our own bits, the first `depth`.
   */
  after(key: u64, depth: u32): u64 {
    if (this.isEmpty) return KEY_END;
    const step = KEY_END >> (depth + BRANCH_BITS);
    let first = key & ~(step - 1);
    for (let nibble = nibbleAt(keyAddress(key), depth); nibble < 16; nibble++) {
      const bits = nibble << (32 - BRANCH_BITS);
      for (let len: u32 = 1; len <= BRANCH_BITS; len++) {
        const found = first + depth + len;
        if (found >= key && isPrefix(bits, len) && this.has(nameOf(bits, len))) return found;
      }
      if (this.forksAt(nibble)) {
        const found = this.next(nibble).after(max(key, first), depth + BRANCH_BITS);
        if (found != KEY_END) return found;
      }
      first += step;
    }
    return KEY_END;
  }
}

/** How many bits of `map` are set below bit `index`. */
function rank(map: u32, index: u32): u32 {
  return popcnt(map & ((1 << index) - 1));
}

/**
 * Makes room for one more element in the array that `field` points to, where bit `index` of its
 * map wants it. Returns: the room, or 0, and then nothing changed.
 */
function widen(pool: usize, field: usize, map: u32, index: u32, shift: u32): usize {
  const len = popcnt(map) << shift;
  const before = rank(map, index) << shift;
  const order = orderOf(len + (1 << shift));
  const from = <usize>load<u32>(field);
  let to = from;
  if (len == 0 || order != orderOf(len)) {
    to = buddyTake(pool, order);
    if (to == 0) return 0;
    memory.copy(to, from, before);
    store<u32>(field, <u32>to);
  }
  memory.copy(to + before + (1 << shift), from + before, len - before);
  if (to != from && len != 0) buddyGive(pool, from, orderOf(len));
  return to + before;
}

/** Takes element `index` of the map out of the array, and gives back what is no longer needed. */
function narrow(pool: usize, field: usize, map: u32, index: u32, shift: u32): void {
  const len = popcnt(map) << shift;
  const before = rank(map, index) << shift;
  const left = len - (1 << shift);
  const array = <usize>load<u32>(field);
  memory.copy(array + before, array + before + (1 << shift), left - before);
  if (left == 0) {
    buddyGive(pool, array, orderOf(len));
  } else if (orderOf(left) != orderOf(len)) {
    buddyGive(pool, array + blockLen(orderOf(left)), orderOf(left));
  }
}
