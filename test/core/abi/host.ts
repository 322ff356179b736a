// Records where a host has them: in the scratch of its node.

import { nodeAt } from "../../../assembly/base/node";

const RECORD_LEN: u32 = 64; // the longest

/** Where record `index` lies. */
export function slotAt(node: usize, index: u32 = 0): usize {
  return <usize>load<u32>(node, nodeAt.SCRATCH) + index * RECORD_LEN;
}

/** Copies a record of table/node.ts into scratch. Returns: its address there. */
export function host(node: usize, rec: usize, index: u32 = 0): usize {
  const ptr = slotAt(node, index);
  memory.copy(ptr, rec, RECORD_LEN);
  return ptr;
}

/** The same with one more byte written, which a record may not hold. */
export function spoiled(node: usize, rec: usize, at: usize, byte: u8 = 1): usize {
  const ptr = host(node, rec);
  store<u8>(ptr + at, byte);
  return ptr;
}
