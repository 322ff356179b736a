// A pool of blocks of 8, 16 .. 256 bytes: a buddy allocator over chunks of 256 bytes. Taking and
// giving back never look at more than a few words, and two free neighbors become one at once.
//
// A block is named within its chunk by the bits of its position behind a leading one: 1 is the
// whole chunk, 2 and 3 its halves, 32 to 63 the blocks of 8 bytes. So the names of all blocks of
// a chunk are bits of one u64, its map, and a bit is set when just that block is free. Free blocks
// of one order are a list through the blocks themselves. Chunks that were never used are taken
// last, in order, so an empty pool of any size is opened by writing its header.

export const CHUNK_LEN: u32 = 256;
const BLOCK_LEN_MIN: u32 = 8;
const ORDER_MAX: u32 = 5;
const MAP_LEN: u32 = 8;

namespace at {
  export const HEADS: usize = 0; // u32 each order: its first free block, or 0
  export const CHUNKS: usize = 24; // address
  export const MAPS: usize = 28; // address of u64[CHUNK_COUNT], behind the chunks
  export const CHUNK_COUNT: usize = 32;
  export const FRESH: usize = 36; // index of the first chunk that was never used
  export const USED: usize = 40; // bytes
  export const END: usize = 44;
}

namespace slot {
  export const NEXT: usize = 0; // as in HEADS, so the head of a list is the block before its first
  export const PREVIOUS: usize = 4;
  export const END: usize = 8;
}

export const BUDDY_HEADER_LEN: u32 = <u32>at.END;

if (<u32>slot.END != BLOCK_LEN_MIN) ERROR("buddy: a free block holds two links");
if (BLOCK_LEN_MIN << ORDER_MAX != CHUNK_LEN) ERROR("buddy: the largest block is a chunk");
if (at.HEADS + ((<usize>ORDER_MAX + 1) << 2) != at.CHUNKS) ERROR("buddy: a head for each order");

/** The memory that `buddyOpen` wants for a pool of `bytes`, which are rounded up to a chunk. */
export function buddyLen(bytes: u32): u64 {
  return <u64>chunkCount(bytes) * (CHUNK_LEN + MAP_LEN);
}

/** Makes `base` an empty pool. Requires: buddyLen(bytes) bytes there, 8-aligned, of any content. */
export function buddyOpen(pool: usize, base: usize, bytes: u32): void {
  const count = chunkCount(bytes);
  memory.fill(pool, 0, at.END);
  store<u32>(pool, <u32>base, at.CHUNKS);
  store<u32>(pool, <u32>(base + <usize>count * CHUNK_LEN), at.MAPS);
  store<u32>(pool, count, at.CHUNK_COUNT);
}

function chunkCount(bytes: u32): u32 {
  return bytes / CHUNK_LEN + (bytes % CHUNK_LEN == 0 ? 0 : 1);
}

/** Bytes in blocks that were taken. */
export function buddyUsed(pool: usize): u32 {
  return load<u32>(pool, at.USED);
}

/** The order of the smallest block that holds `len` bytes. Requires: 1 <= len <= CHUNK_LEN. */
export function orderOf(len: u32): u32 {
  return 32 - clz((len - 1) / BLOCK_LEN_MIN);
}

/** Bytes of a block. */
export function blockLen(order: u32): u32 {
  return BLOCK_LEN_MIN << order;
}

/** Takes a block of dirty memory; 0 when none is left, and then nothing changed. */
export function buddyTake(pool: usize, order: u32): usize {
  let from = order;
  while (from < ORDER_MAX && firstFree(pool, from) == 0) from++;
  let block = firstFree(pool, from);
  if (block != 0) unlink(pool, block, from);
  else block = freshChunk(pool);
  if (block == 0) return 0;
  while (from > order) {
    from -= 1;
    link(pool, block + blockLen(from), from);
  }
  store<u32>(pool, buddyUsed(pool) + blockLen(order), at.USED);
  return block;
}

/** Gives back a taken block, or a part of one: any block of its own name within it. */
export function buddyGive(pool: usize, block: usize, order: u32): void {
  store<u32>(pool, buddyUsed(pool) - blockLen(order), at.USED);
  const chunks = <usize>load<u32>(pool, at.CHUNKS);
  while (order < ORDER_MAX) {
    const buddy = chunks + ((block - chunks) ^ blockLen(order));
    if ((load<u64>(mapOf(pool, buddy)) & bitOf(pool, buddy, order)) == 0) break;
    unlink(pool, buddy, order);
    if (buddy < block) block = buddy;
    order += 1;
  }
  link(pool, block, order);
}

function freshChunk(pool: usize): usize {
  const index = load<u32>(pool, at.FRESH);
  if (index == load<u32>(pool, at.CHUNK_COUNT)) return 0;
  store<u32>(pool, index + 1, at.FRESH);
  const chunk = <usize>load<u32>(pool, at.CHUNKS) + index * CHUNK_LEN;
  store<u64>(mapOf(pool, chunk), 0);
  return chunk;
}

function headOf(pool: usize, order: u32): usize {
  return pool + at.HEADS + (order << 2);
}

function firstFree(pool: usize, order: u32): usize {
  return <usize>load<u32>(headOf(pool, order), slot.NEXT);
}

function link(pool: usize, block: usize, order: u32): void {
  const head = headOf(pool, order);
  const next = <usize>load<u32>(head, slot.NEXT);
  store<u32>(block, <u32>next, slot.NEXT);
  store<u32>(block, <u32>head, slot.PREVIOUS);
  if (next != 0) store<u32>(next, <u32>block, slot.PREVIOUS);
  store<u32>(head, <u32>block, slot.NEXT);
  const map = mapOf(pool, block);
  store<u64>(map, load<u64>(map) | bitOf(pool, block, order));
}

function unlink(pool: usize, block: usize, order: u32): void {
  const next = <usize>load<u32>(block, slot.NEXT);
  const previous = <usize>load<u32>(block, slot.PREVIOUS);
  store<u32>(previous, <u32>next, slot.NEXT);
  if (next != 0) store<u32>(next, <u32>previous, slot.PREVIOUS);
  const map = mapOf(pool, block);
  store<u64>(map, load<u64>(map) & ~bitOf(pool, block, order));
}

function mapOf(pool: usize, block: usize): usize {
  const chunk = (block - <usize>load<u32>(pool, at.CHUNKS)) / CHUNK_LEN;
  return <usize>load<u32>(pool, at.MAPS) + chunk * MAP_LEN;
}

function bitOf(pool: usize, block: usize, order: u32): u64 {
  const within = <u32>(block - <usize>load<u32>(pool, at.CHUNKS)) % CHUNK_LEN;
  const name = (1 << (ORDER_MAX - order)) | (within / blockLen(order));
  return (<u64>1) << name;
}
