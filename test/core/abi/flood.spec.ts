import { flood_next, flood_remove, flood_set } from "../../../assembly/abi/flood";
import { Status } from "../../../assembly/base/status";
import { FloodAt } from "../../../assembly/table/flood";
import { PortKind } from "../../../assembly/table/port";
import { floodRecord, openNode, place, setDomain, setPort } from "../table/node";
import { slotAt } from "./host";

let node: usize = 0;

/** Flood records lie side by side. */
function put(index: u32, domain: u32, where: u32): usize {
  const rec = slotAt(node) + index * FloodAt.End;
  memory.copy(rec, floodRecord(domain, where), FloodAt.End);
  return rec;
}

function status(index: u32): i32 {
  return load<i16>(slotAt(node) + index * FloodAt.End, FloodAt.Status);
}

describe("flood records", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 7);
    setPort(node, 0, PortKind.Ethernet, 0);
    setPort(node, 1, PortKind.Ethernet, 0);
  });

  it("are applied in order, and one that fails stops none", () => {
    const first = put(0, 0, place(0));
    put(1, 3, place(0)); // no such domain
    put(2, 0, place(1));
    expect<i32>(flood_set(node, first, 3)).toBe(2);
    expect<i32>(status(0)).toBe(Status.Ok);
    expect<i32>(status(1)).toBe(Status.NotFound);
    expect<i32>(status(2)).toBe(Status.Ok);
    expect<i32>(flood_remove(node, first, 3)).toBe(2);
    expect<i32>(status(1)).toBe(Status.NotFound);
    expect<i32>(flood_remove(node, first, 1)).toBe(0);
    expect<i32>(status(0)).toBe(Status.NotFound);
  });

  it("are walked by a cursor, which is 0 at the end", () => {
    flood_set(node, put(0, 0, place(0)), 1);
    flood_set(node, put(0, 0, place(1)), 1);
    const rec = put(0, 9, 9);
    const first = flood_next(node, 0, rec);
    expect<i32>(first).toBeGreaterThan(0);
    expect<u32>(load<u32>(rec, FloodAt.Port)).toBe(place(0));
    const second = flood_next(node, first, rec);
    expect<i32>(second).toBeGreaterThan(first);
    expect<u32>(load<u32>(rec, FloodAt.Port)).toBe(place(1));
    expect<i32>(flood_next(node, second, rec)).toBe(0);
    expect<u32>(load<u32>(rec, FloodAt.Port)).toBe(place(1));
  });

  it("hold zeros where nothing is meant", () => {
    for (let at: i32 = FloodAt.Flags; at < FloodAt.End; at++) {
      if (at >= FloodAt.Status && at < FloodAt.Status + 2) continue;
      const rec = put(0, 0, place(0));
      store<u8>(rec + at, 1);
      expect<i32>(flood_set(node, rec, 1)).toBe(0);
      expect<i32>(status(0)).toBe(Status.BadArgument);
      expect<i32>(flood_remove(node, rec, 1)).toBe(0);
      expect<i32>(status(0)).toBe(Status.BadArgument);
    }
  });

  it("lie where the host may write", () => {
    const rec = put(0, 0, place(0));
    expect<i32>(flood_set(node, rec + 2, 1)).toBe(Status.BadArgument);
    expect<i32>(flood_set(node, rec, 0x10000000)).toBe(Status.BadArgument);
    expect<i32>(flood_remove(node, node, 1)).toBe(Status.BadArgument);
    expect<i32>(flood_next(node, 0, node)).toBe(Status.BadArgument);
    expect<i32>(flood_set(node, rec, 0)).toBe(0);
  });
});
