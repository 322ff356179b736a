// Rows by index: ports, domains, remotes and hops. A row begins with the record that the host
// wrote; what the table keeps for itself stands in the tail that the record reserves, or behind
// it. The u16 at MARK, each record's kind or family, is zero in a row that nobody has.
import { Status } from "../base/status";

export namespace rowsAt {
  export const BASE: usize = 0;
  export const CAPACITY: usize = 4;
  export const COUNT: usize = 8;
  export const FREE: usize = 12; // no row below this index is free
  export const END: usize = 16;
}

export const NONE: u32 = 0xffff; // no index

export const MARK: i32 = 2;

/** Begins without rows. Requires: capacity * rowLen bytes at `base`. */
export function openRows(rows: usize, base: usize, capacity: u32, rowLen: u32): void {
  store<u32>(rows, <u32>base, rowsAt.BASE);
  store<u32>(rows, capacity, rowsAt.CAPACITY);
  memory.fill(base, 0, capacity * rowLen);
}

export function rowCapacity(rows: usize): u32 {
  return load<u32>(rows, rowsAt.CAPACITY);
}

export function rowCount(rows: usize): u32 {
  return load<u32>(rows, rowsAt.COUNT);
}

/** Where row `index` lies, taken or not. Requires: index < capacity. */
export function rowPtr(rows: usize, index: u32, rowLen: u32): usize {
  return <usize>load<u32>(rows, rowsAt.BASE) + index * rowLen;
}

/** The row, or 0 where there is none. */
export function rowAt(rows: usize, index: u32, rowLen: u32): usize {
  if (index >= rowCapacity(rows)) return 0;
  const row = rowPtr(rows, index, rowLen);
  return isRow(row) ? row : 0;
}

/** True for a row that somebody has. */
export function isRow(row: usize): bool {
  return load<u16>(row, MARK) != 0;
}

/** The first taken index above `after`, or NotFound. Requires: after >= -1. */
export function nextRow(rows: usize, after: i32, rowLen: u32): i32 {
  const capacity = rowCapacity(rows);
  for (let index = <u32>(after + 1); index < capacity; index++) {
    if (isRow(rowPtr(rows, index, rowLen))) return <i32>index;
  }
  return Status.NotFound;
}

/** The first free index, or NoRoom. */
export function freeRow(rows: usize, rowLen: u32): i32 {
  const capacity = rowCapacity(rows);
  let index = load<u32>(rows, rowsAt.FREE);
  while (index < capacity && isRow(rowPtr(rows, index, rowLen))) index += 1;
  store<u32>(rows, index, rowsAt.FREE);
  return index < capacity ? <i32>index : Status.NoRoom;
}

/** One row more; the caller writes it. */
export function takeRow(rows: usize): void {
  store<u32>(rows, rowCount(rows) + 1, rowsAt.COUNT);
}

/** Empties a row. */
export function giveRow(rows: usize, index: u32, rowLen: u32): void {
  memory.fill(rowPtr(rows, index, rowLen), 0, rowLen);
  store<u32>(rows, rowCount(rows) - 1, rowsAt.COUNT);
  store<u32>(rows, min(index, load<u32>(rows, rowsAt.FREE)), rowsAt.FREE);
}

/** Writes a row as its record: `namedLen` bytes of it, the index, and a tail of zeros. */
export function tellRow(row: usize, index: u32, rec: usize, namedLen: u32, recLen: u32): void {
  memory.copy(rec, row, namedLen);
  memory.fill(rec + namedLen, 0, recLen - namedLen);
  store<u16>(rec, <u16>index);
}

/** Adds to a counter of a row. */
export function addTo(row: usize, at: usize, delta: i32): u32 {
  const sum = load<u32>(row + at) + delta;
  store<u32>(row + at, sum);
  return sum;
}
