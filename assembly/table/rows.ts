// Rows by index: ports, domains, remotes, hops and flood entries. A row but for the latter begins
// with the record that the host wrote; what the table keeps for itself stands in the tail that the
// record reserves, or behind it. The u16 at MARK, each record's kind or family, is zero in a row
// that nobody has.
import { layTable, tableAt, tableCount } from "../base/node";
import { Status } from "../base/status";

// The header of a table of rows goes on from tableAt.
export namespace rowsAt {
  export const FREE: usize = 12; // no row below this index is free
  export const SHAPE: usize = 16; // the three lengths that follow, as shapeOf makes it
  export const ROW_LEN: usize = 16; // u8
  export const NAMED_LEN: usize = 17; // u8, of a row, what its record shows
  export const RECORD_LEN: usize = 18; // u8
  export const END: usize = 20;
}

export const NONE: u32 = 0xffff; // no index

export const MARK: i32 = 2;

/** What a row is made of, in one number. Requires: lengths below 256. */
export function shapeOf(rowLen: u32, namedLen: u32, recordLen: u32): u32 {
  return rowLen | (namedLen << 8) | (recordLen << 16);
}

/** Lays `capacity` rows out at `base`, free where they are zero. Returns: what is behind them. */
export function layRows(rows: usize, base: usize, capacity: u32, shape: u32): usize {
  store<u32>(rows, shape, rowsAt.SHAPE);
  return layTable(rows, base, capacity, capacity * rowLen(rows));
}

export function rowCapacity(rows: usize): u32 {
  return load<u32>(rows, tableAt.CAPACITY);
}

/** Where row `index` lies, taken or not. Requires: index < capacity. */
export function rowPtr(rows: usize, index: u32): usize {
  return <usize>(load<u32>(rows, tableAt.BASE) + index * rowLen(rows));
}

function rowLen(rows: usize): u32 {
  return load<u8>(rows, rowsAt.ROW_LEN);
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

/** The first taken index above `after`, of which -1 is the lowest, or NotFound. */
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
  store<u32>(rows, tableCount(rows) + 1, tableAt.COUNT);
}

/** Empties a row. */
export function giveRow(rows: usize, index: u32): void {
  memory.fill(rowPtr(rows, index), 0, rowLen(rows));
  store<u32>(rows, tableCount(rows) - 1, tableAt.COUNT);
  store<u32>(rows, min(index, load<u32>(rows, rowsAt.FREE)), rowsAt.FREE);
}

/**
 * Writes a row as its record: the index, what it names, and a tail of zeros.
 * Returns: Ok or NotFound.
 */
export function rowTell(rows: usize, index: u32, rec: usize): Status {
  const row = rowAt(rows, index);
  if (row == 0) return Status.NotFound;
  const namedLen: u32 = load<u8>(rows, rowsAt.NAMED_LEN);
  memory.copy(rec, row, namedLen);
  memory.fill(rec + namedLen, 0, recordLen(rows) - namedLen);
  store<u16>(rec, <u16>index);
  return Status.Ok;
}

/** Bytes of a record. */
export function recordLen(rows: usize): u32 {
  return load<u8>(rows, rowsAt.RECORD_LEN);
}

/** Adds to the counter `at` of a row; nothing where there is none, as for index NONE. */
export function addTo(rows: usize, index: u32, at: usize, delta: i32): void {
  const row = rowAt(rows, index);
  if (row != 0) store<u32>(row + at, load<u32>(row + at) + delta);
}
