// Poptrie (Asai and Ohara, 2015): 18 bits choose an entry, six more a child or a leaf of a node,
// found by counting bits. Leaves are pushed down, and runs of the same hop are one leaf. Built by
// the host for prefixes of up to 24 bits, all at once: that is how it is meant.

const DIRECT: usize = 0x10000; // u32[2^18]: LEAF and hop + 1, or the index of a node
const NODES: usize = DIRECT + (1 << 20); // {u64 children, u64 leaves, u32 leaf base, u32 node base}
const NODE_LEN: usize = 24;
const LEAF: u32 = 0x80000000;
const ROOM: usize = 1 << 22; // for keys and answers

let leaves: usize = 0; // u16[]: hop + 1, 0 for none

/** Makes room. Returns: where keys and answers may lie, behind nodes and leaves. */
export function open(nodeCount: u32, leafCount: u32): usize {
  leaves = NODES + <usize>nodeCount * NODE_LEN;
  const end = (leaves + <usize>leafCount * 2 + 63) & ~63;
  const pages = <i32>((end + ROOM) >> 16) + 1;
  if (pages > memory.size()) memory.grow(pages - memory.size());
  return end;
}

/** u32[count] addresses to u32[count] hops, all ones for none. Returns: hits. */
export function lookup(keys: usize, out: usize, count: u32): i32 {
  let hits: i32 = 0;
  for (const end = keys + (count << 2); keys < end; keys += 4) {
    const leaf = find(load<u32>(keys));
    store<u32>(out, leaf - 1);
    if (leaf != 0) hits += 1;
    out += 4;
  }
  return hits;
}

function find(address: u32): u32 {
  const direct = load<u32>(DIRECT + ((address >> 14) << 2));
  if ((direct & LEAF) != 0) return direct & ~LEAF;
  let node = NODES + <usize>direct * NODE_LEN;
  let slot = slotOf(address << 18);
  for (let bits = address << 24; hasChild(node, slot); bits <<= 6) {
    const nth = <usize>popcnt(load<u64>(node) & upTo(slot)) + load<u32>(node, 20) - 1;
    node = NODES + nth * NODE_LEN;
    slot = slotOf(bits);
  }
  const nth = <usize>popcnt(load<u64>(node, 8) & upTo(slot)) + load<u32>(node, 16) - 1;
  return load<u16>(leaves + (nth << 1));
}

function slotOf(bits: u32): u64 {
  return <u64>(bits >> 26);
}

function hasChild(node: usize, slot: u64): bool {
  return ((load<u64>(node) >> slot) & 1) != 0;
}

function upTo(slot: u64): u64 {
  return ((<u64>2) << slot) - 1;
}
