import { tableCount } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  addTo,
  giveRow,
  layRows,
  MARK,
  NONE,
  rowAt,
  rowFree,
  rowNext,
  rowPtr,
  rowTell,
  shapeOf,
  takeRow,
} from "../../../assembly/table/rows";
import { dirty, hexOf, isDirty } from "../bytes";

const CAPACITY: u32 = 6;
const ROW_LEN: u32 = 16;
const NAMED_LEN: u32 = 8;
const RECORD_LEN: u32 = 12;
const COUNTER: usize = 12;

const rows: usize = memory.data(128, 64);
const base: usize = memory.data(128, 64);
const rec: usize = memory.data(16, 8);

function take(index: u32): void {
  takeRow(rows);
  store<u16>(rowPtr(rows, index), 1, MARK);
}

describe("rows", () => {
  beforeEach(() => {
    memory.fill(rows, 0, 128);
    memory.fill(base, 0, 128);
    layRows(rows, base, CAPACITY, shapeOf(ROW_LEN, NAMED_LEN, RECORD_LEN));
    dirty(rec, 16);
  });

  it("end at the beginning of a line", () => {
    const shape = shapeOf(ROW_LEN, NAMED_LEN, RECORD_LEN);
    expect<usize>(layRows(rows, base, 0, shape)).toBe(base);
    expect<usize>(layRows(rows, base, 1, shape)).toBe(base + 64);
    expect<usize>(layRows(rows, base, 4, shape)).toBe(base + 64);
    expect<usize>(layRows(rows, base, 5, shape)).toBe(base + 128);
  });

  it("are there when they are taken, below the capacity", () => {
    take(3);
    expect<usize>(rowAt(rows, 3)).toBe(rowPtr(rows, 3));
    expect<usize>(rowAt(rows, 2)).toBe(0);
    take(CAPACITY); // memory behind the table
    expect<usize>(rowAt(rows, CAPACITY)).toBe(0);
    expect<usize>(rowAt(rows, 0xffff)).toBe(0);
    expect<usize>(rowAt(rows, 0xffffffff)).toBe(0);
  });

  it("are walked in order, and the walk ends", () => {
    take(1);
    take(4);
    expect<i32>(rowNext(rows, -1)).toBe(1);
    expect<i32>(rowNext(rows, 1)).toBe(4);
    expect<i32>(rowNext(rows, 4)).toBe(Status.NotFound);
    expect<i32>(rowNext(rows, i32.MAX_VALUE)).toBe(Status.NotFound);
    take(CAPACITY); // memory behind the table
    expect<i32>(rowNext(rows, 4)).toBe(Status.NotFound);
  });

  it("give the first free index, again after it was given back", () => {
    for (let index: u32 = 0; index < CAPACITY; index++) {
      expect<i32>(rowFree(rows)).toBe(index);
      take(index);
    }
    expect<i32>(rowFree(rows)).toBe(Status.NoRoom);
    giveRow(rows, 4);
    giveRow(rows, 2);
    expect<u32>(tableCount(rows)).toBe(CAPACITY - 2);
    expect<i32>(rowFree(rows)).toBe(2);
    take(2);
    expect<i32>(rowFree(rows)).toBe(4);
  });

  it("are empty when they were given back", () => {
    take(0);
    memory.fill(rowPtr(rows, 0), 0xff, ROW_LEN);
    giveRow(rows, 0);
    expect<string>(hexOf(rowPtr(rows, 0), ROW_LEN)).toBe("00".repeat(ROW_LEN));
  });

  it("show as a record what they name, and nothing else", () => {
    take(5);
    memory.fill(rowPtr(rows, 5), 0xff, ROW_LEN);
    expect<i32>(rowTell(rows, 5, rec)).toBe(Status.Ok);
    expect<string>(hexOf(rec, RECORD_LEN)).toBe("0500ffffffffffff00000000");
    expect<bool>(isDirty(rec + RECORD_LEN, 16 - RECORD_LEN)).toBe(true);
  });

  it("leave the record alone where there is none", () => {
    expect<i32>(rowTell(rows, 5, rec)).toBe(Status.NotFound);
    expect<bool>(isDirty(rec, 16)).toBe(true);
  });

  it("count up and down, and nothing where there is none", () => {
    take(1);
    addTo(rows, 1, COUNTER, 2);
    addTo(rows, 1, COUNTER, -1);
    expect<u32>(load<u32>(rowPtr(rows, 1) + COUNTER)).toBe(1);
    addTo(rows, 2, COUNTER, 1);
    addTo(rows, NONE, COUNTER, 1);
    expect<u32>(load<u32>(rowPtr(rows, 2) + COUNTER)).toBe(0);
  });
});
