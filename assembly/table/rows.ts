// Rows by index: ports, domains, remotes and hops. A row begins with the record that the host
// wrote; what the table keeps for itself stands in the tail that the record reserves, or behind
// it. The u16 at MARK, each record's kind or family, is zero in a row that nobody has.
import { Status } from "../base/status";

// The header of a table of rows.
export namespace rowsAt {
  export const BASE: usize = 0;
  export const CAPACITY: usize = 4;
  export const COUNT: usize = 8;
  export const FREE: usize = 12; // no row below this index is free
  export const ROW_LEN: usize = 16;
  export const NAMED_LEN: usize = 20; // of a row, what its record shows
  export const RECORD_LEN: usize = 24;
  export const END: usize = 32;
}

export const NONE: u32 = 0xffff; // no index

export const MARK: i32 = 2;

/** Says what a row is made of. All rows are free, none is there until `openRows`. */
export function shapeRows(rows: usize, rowLen: u32, namedLen: u32, recordLen: u32): void {
  store<u32>(rows, rowLen, rowsAt.ROW_LEN);
  store<u32>(rows, namedLen, rowsAt.NAMED_LEN);
  store<u32>(rows, recordLen, rowsAt.RECORD_LEN);
}

/** Begins with `capacity` free rows at `base`. Returns: the first address behind them. */
export function openRows(rows: usize, base: usize, capacity: u32): usize {
  const len = capacity * load<u32>(rows, rowsAt.ROW_LEN);
  store<u32>(rows, <u32>base, rowsAt.BASE);
  store<u32>(rows, capacity, rowsAt.CAPACITY);
  memory.fill(base, 0, len);
  return base + len;
}

export function rowCount(rows: usize): u32 {
  return load<u32>(rows, rowsAt.COUNT);
}

export function rowCapacity(rows: usize): u32 {
  return load<u32>(rows, rowsAt.CAPACITY);
}

/** Where row `index` lies, taken or not. Requires: index < capacity. */
export function rowPtr(rows: usize, index: u32): usize {
  return <usize>(load<u32>(rows, rowsAt.BASE) + index * load<u32>(rows, rowsAt.ROW_LEN));
}

/** The row, or 0 where there is none. */
export function rowAt(rows: usize, index: u32): usize {
  if (index >= rowCapacity(rows)) return 0;
  const row = rowPtr(rows, index);
  return isRow(row) ? row : 0;
}

/** True for a row that somebody has. */
export function isRow(row: usize): bool {
  return load<u16>(row, MARK) != 0;
}

/** The first taken index above `after`, or NotFound. Requires: after >= -1. */
export function rowNext(rows: usize, after: i32): i32 {
  const capacity = rowCapacity(rows);
  for (let index = <u32>(after + 1); index < capacity; index++) {
    if (isRow(rowPtr(rows, index))) return <i32>index;
  }
  return Status.NotFound;
}

/** The first free index, or NoRoom. */
export function rowFree(rows: usize): i32 {
  const capacity = rowCapacity(rows);
  let index = load<u32>(rows, rowsAt.FREE);
  while (index < capacity && isRow(rowPtr(rows, index))) index += 1;
  store<u32>(rows, index, rowsAt.FREE);
  return index < capacity ? <i32>index : Status.NoRoom;
}

/** One row more; the caller writes it. */
export function takeRow(rows: usize): void {
  store<u32>(rows, rowCount(rows) + 1, rowsAt.COUNT);
}

/** Empties a row. */
export function giveRow(rows: usize, index: u32): void {
  memory.fill(rowPtr(rows, index), 0, load<u32>(rows, rowsAt.ROW_LEN));
  store<u32>(rows, rowCount(rows) - 1, rowsAt.COUNT);
  store<u32>(rows, min(index, load<u32>(rows, rowsAt.FREE)), rowsAt.FREE);
}

/**
 * Writes a row as its record: the index, what it names, and a tail of zeros.
 * Returns: Ok or NotFound.
 */
export function rowTell(rows: usize, index: u32, rec: usize): Status {
  const row = rowAt(rows, index);
  if (row == 0) return Status.NotFound;
  const namedLen = load<u32>(rows, rowsAt.NAMED_LEN);
  memory.copy(rec, row, namedLen);
  memory.fill(rec + namedLen, 0, load<u32>(rows, rowsAt.RECORD_LEN) - namedLen);
  store<u16>(rec, <u16>index);
  return Status.Ok;
}

/** Adds to a counter of a row. */
export function addTo(row: usize, at: usize, delta: i32): u32 {
  const sum = load<u32>(row + at) + delta;
  store<u32>(row + at, sum);
  return sum;
}
