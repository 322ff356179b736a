import { claim, isClaimed, isTaken, take } from "../../../assembly/base/memory";
import { Status } from "../../../assembly/base/status";

const PAGE: usize = 65536;

// The state of this file lives as long as the instance: the order of the tests is the story.
let first: usize = 0;

describe("memory", () => {
  it("has nothing before it is claimed", () => {
    expect<usize>(take(1)).toBe(0);
    expect<bool>(isClaimed(0, 0)).toBe(false);
    expect<bool>(isTaken(1024, 1)).toBe(false);
  });

  it("refuses claims of nothing and of too much, and does not grow", () => {
    const pages = memory.size();
    expect<i32>(claim(0)).toBe(Status.BadArgument);
    expect<i32>(claim(0x7ffc0001)).toBe(Status.BadArgument);
    expect<i32>(claim(0xffffffff)).toBe(Status.BadArgument);
    expect<i32>(memory.size()).toBe(pages);
  });

  it("is claimed once, in whole pages", () => {
    const pages = memory.size();
    first = <usize>claim(<u32>PAGE + 1);
    expect<usize>(first).toBe(<usize>pages * PAGE);
    expect<i32>(memory.size()).toBe(pages + 2);
    expect<i32>(claim(1)).toBe(Status.Busy);
    expect<i32>(memory.size()).toBe(pages + 2);
  });

  it("may be read to its end as soon as it is claimed", () => {
    expect<bool>(isClaimed(first, <u32>PAGE * 2)).toBe(true);
    expect<bool>(isClaimed(first, <u32>PAGE * 2 + 1)).toBe(false);
    expect<bool>(isClaimed(first - 1, 1)).toBe(false);
    expect<bool>(isTaken(first, 1)).toBe(false);
  });

  it("is handed out upwards, in lines", () => {
    expect<usize>(take(1)).toBe(first);
    expect<usize>(take(65)).toBe(first + 64);
    expect<usize>(take(0)).toBe(first + 192);
    expect<bool>(isTaken(first, 192)).toBe(true);
    expect<bool>(isTaken(first, 193)).toBe(false);
  });

  it("refuses what is not left, and keeps it", () => {
    const left = <u32>PAGE * 2 - 192;
    expect<usize>(take(left + 1)).toBe(0);
    expect<usize>(take(0xffffffff)).toBe(0);
    expect<usize>(take(left)).toBe(first + 192);
    expect<usize>(take(1)).toBe(0);
    expect<bool>(isTaken(first, <u32>PAGE * 2)).toBe(true);
  });
});
