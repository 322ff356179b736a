// A span: 64 neighboring /24, as look-ups read them where routes are many. The tree keeps all of a
// route and reads a cache line for every four bits; a span says where to go and nothing else, and
// reads one line, or two.
//
// Neighbors with one answer are a run, and share a leaf, as in poptrie (Asai and Ohara, 2015). A
// leaf is a hop plus one, 0 where no route is longer than 16 bits: whatever covers the whole span
// is kept beside the runs, so that it comes and goes without drawing them anew. ASK sends the
// look-up to the tree: for prefixes longer than 24 bits, and where the pool has no room for leaves.
// So a span is never wrong and never full, and nothing fails that the tree has room for.
import { BRANCH_BITS, Branch } from "./branch";
import { buddyGive, buddyTake, orderOf } from "./buddy";
import { nibbleAt } from "./prefix";

export const SPAN_COUNT: u32 = 1 << 18;
export const SPAN_SHIFT: u32 = 14; // log2 of the addresses of a span
export const LEAF_MASK: u32 = 0xffff;
export const NO_LEAF: u32 = 0;
export const ASK: u32 = 0xffff; // and hop 65534, which the tree knows as well

const ROOT_BITS: u32 = 16;
const SLOTS: u32 = 64;
const SLOT_SHIFT: u32 = 8; // log2 of the addresses of a slot
const NIBBLE_SLOTS: u32 = 1 << BRANCH_BITS;
const LEAF_SHIFT: u32 = 1;
const LEN_SHIFT: u32 = 4;

export namespace spanAt {
  export const STARTS: usize = 0; // u64, bit n: a run begins at slot n, behind the first one
  export const LEAVES: usize = 8; // address of u16[1 + popcnt(STARTS)], of INLINE when it is one
  export const SHORT: usize = 12; // u16, the leaf of a short route
  export const INLINE: usize = 14; // u16
  export const END: usize = 16;
}

export const SPAN_LEN: u32 = <u32>spanAt.END;

if (SPAN_LEN != 1 << LEN_SHIFT) ERROR("span: an element of spans");
if (SLOTS << SLOT_SHIFT != 1 << SPAN_SHIFT) ERROR("span: slots end where it does");

// The leaves of a span that is drawn.
const draft: usize = memory.data(<i32>(SLOTS << LEAF_SHIFT), 8);

/** A span lying in linear memory. */
@unmanaged
@final
export class Span {
  /** The one of `spans` that an address lies in. */
  @inline // as what follows: a call would cost a look-up half of its time
  static of(spans: usize, address: u32): Span {
    return changetype<Span>(spans + ((address >> SPAN_SHIFT) << LEN_SHIFT));
  }

  /** Makes zeros an empty span. */
  open(): void {
    store<u32>(
      changetype<usize>(this),
      <u32>(changetype<usize>(this) + spanAt.INLINE),
      spanAt.LEAVES,
    );
  }

  /** Where the leaf of an address lies that is in this span. */
  @inline
  leafPtr(address: u32): usize {
    const starts = load<u64>(changetype<usize>(this), spanAt.STARTS);
    const run = popcnt(starts << ~(<u64>(address >> SLOT_SHIFT))); // shifts are of 6 bits
    return <usize>load<u32>(changetype<usize>(this), spanAt.LEAVES) + ((<usize>run) << LEAF_SHIFT);
  }

  /** The leaf of the short route that covers the span. */
  get short(): u32 {
    return load<u16>(changetype<usize>(this), spanAt.SHORT);
  }

  setShort(leaf: u32): void {
    store<u16>(changetype<usize>(this), <u16>leaf, spanAt.SHORT);
  }

  /** Draws the runs as the tree has them. Requires: the root of 16 bits that lead to this span. */
  draw(pool: usize, root: Branch, address: u32): void {
    const first = nibbleAt(address, ROOT_BITS) & ~(SLOTS / NIBBLE_SLOTS - 1);
    let starts: u64 = 0;
    let count: u32 = 0;
    let last = ASK + 1;
    for (let slot: u32 = 0; slot < SLOTS; ) {
      const nibble = first + (slot >> BRANCH_BITS);
      const above = leafOf(root, nibble, NO_LEAF);
      const next = root.forksAt(nibble) ? root.next(nibble) : Branch.at(0);
      const behind = slot + NIBBLE_SLOTS;
      for (let nth: u32 = 0; slot < behind; nth++) {
        const leaf = changetype<usize>(next) == 0 ? above : leafBehind(next, nth, above);
        if (leaf != last) {
          store<u16>(draft + (count << LEAF_SHIFT), <u16>leaf);
          starts |= (<u64>1) << slot;
          count += 1;
          last = leaf;
        }
        slot += 1;
      }
    }
    this.keep(pool, starts & ~1, count);
  }

  /** Makes the `count` leaves of the draft its own, or asks the tree when there is no room. */
  private keep(pool: usize, starts: u64, count: u32): void {
    const inline = changetype<usize>(this) + spanAt.INLINE;
    let leaves = <usize>load<u32>(changetype<usize>(this), spanAt.LEAVES);
    if (leaves != inline) {
      const had = 1 + <u32>popcnt(load<u64>(changetype<usize>(this), spanAt.STARTS));
      buddyGive(pool, leaves, orderOf(had << LEAF_SHIFT));
    }
    leaves = count == 1 ? inline : buddyTake(pool, orderOf(count << LEAF_SHIFT));
    if (leaves == 0) {
      leaves = inline;
      starts = 0;
      store<u16>(inline, <u16>ASK);
    } else memory.copy(leaves, draft, count << LEAF_SHIFT);
    store<u64>(changetype<usize>(this), starts, spanAt.STARTS);
    store<u32>(changetype<usize>(this), <u32>leaves, spanAt.LEAVES);
  }
}

/** The leaf of the longest own prefix of these four bits, or else the one above. */
function leafOf(branch: Branch, nibble: u32, above: u32): u32 {
  const name = branch.longest(nibble);
  return name == 0 ? above : <u32>load<u16>(branch.hopPtr(name)) + 1;
}

/** The leaf of a slot: of the four bits that are its last ones. */
function leafBehind(branch: Branch, nibble: u32, above: u32): u32 {
  return branch.forksAt(nibble) ? ASK : leafOf(branch, nibble, above);
}
