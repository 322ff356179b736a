import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Element } from "../../../assembly/path/element";
import { PortFlag, PortKind } from "../../../assembly/table/port";
import { openNode, place, setDomain, setFlood, setPort, setRemote } from "../table/node";
import { openBurst, push, run } from "./packets";

let node: usize = 0;
let burst: usize = 0;

/** Puts a table of the burst where another one lies. */
function lay(table: usize, over: usize): i32 {
  store<u32>(burst + table, over == BurstAt.End ? <u32>burst : load<u32>(burst + over));
  return run(node, burst, Element.VxlanEncapFrame);
}

describe("Burst.check", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 5);
    setPort(node, 0, PortKind.Vxlan, 0, PortFlag.Flood);
    setRemote(node, 0, 0xc0000201);
    setFlood(node, 0, place(0, 0));
    burst = openBurst(node);
    push(node, burst, "020000000002 020000000001 88b5 0102030405");
  });

  it("refuses tables that share a byte with the record or with each other", () => {
    expect<i32>(lay(BurstAt.In, BurstAt.End)).toBe(Status.BadArgument);
    openBurst(node);
    expect<i32>(lay(BurstAt.Out, BurstAt.End)).toBe(Status.BadArgument);
    openBurst(node);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.End)).toBe(Status.BadArgument);
    openBurst(node);
    store<u32>(burst, 1, BurstAt.InCount);
    expect<i32>(lay(BurstAt.Out, BurstAt.In)).toBe(Status.BadArgument);
    openBurst(node);
    store<u32>(burst, 1, BurstAt.InCount);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.In)).toBe(Status.BadArgument);
    openBurst(node);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.Out)).toBe(Status.BadArgument);
  });

  it("refuses tables in the arena, where a packet could change them", () => {
    expect<i32>(lay(BurstAt.Out, BurstAt.Spare)).toBe(Status.BadArgument);
    openBurst(node);
    expect<i32>(lay(BurstAt.Pieces, BurstAt.Spare)).toBe(Status.BadArgument);
    openBurst(node);
    store<u32>(burst, 1, BurstAt.InCount);
    expect<i32>(lay(BurstAt.In, BurstAt.Spare)).toBe(Status.BadArgument);
  });
});
