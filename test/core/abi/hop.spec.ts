import { hop_get, hop_next, hop_remove, hop_set } from "../../../assembly/abi/hop";
import { Status } from "../../../assembly/base/status";
import { HopAt, HopFlag, HopKind, useHop } from "../../../assembly/table/hop";
import { PortKind } from "../../../assembly/table/port";
import { hopRecord, NONE, openNode, setPort, setRemote } from "../table/node";
import { host, slotAt, spoiled } from "./host";

let node: usize = 0;

function set(index: u32, kind: u32, flags: u32 = 0): i32 {
  const rec = host(node, hopRecord(index, kind));
  store<u16>(rec, <u16>flags, HopAt.Flags);
  return hop_set(node, rec);
}

describe("hop records", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 1, PortKind.Ip);
    setRemote(node, 2, 0xc0000201);
  });

  it("are read as they were written, with who uses them", () => {
    const rec = host(node, hopRecord(NONE, HopKind.Unicast));
    store<u16>(rec, HopFlag.OnLink, HopAt.Flags);
    store<u32>(rec, 0x0100000a, HopAt.Gateway);
    store<u16>(rec, 1, HopAt.Port);
    store<u16>(rec, 2, HopAt.Remote);
    store<u32>(rec, 1400, HopAt.Mtu);
    expect<i32>(hop_set(node, rec)).toBe(0);
    useHop(node, 0, 1);
    expect<i32>(hop_get(node, host(node, hopRecord(0), 1))).toBe(Status.Ok);
    store<u16>(rec, 0); // where 0xffff asked for one
    store<u32>(rec, 1, HopAt.Users);
    expect<i32>(memory.compare(slotAt(node, 1), rec, HopAt.End)).toBe(0);
  });

  it("are of a kind that there is, with flags that there are", () => {
    expect<i32>(set(0, 0)).toBe(Status.BadArgument);
    expect<i32>(set(0, HopKind.Prohibit)).toBe(0);
    expect<i32>(set(0, HopKind.Prohibit + 1)).toBe(Status.BadArgument);
    expect<i32>(set(0, HopKind.Local, HopFlag.OnLink)).toBe(0);
    expect<i32>(set(0, HopKind.Local, HopFlag.OnLink + 1)).toBe(Status.BadArgument);
  });

  it("hold an IPv4 gateway, and zeros where nothing is meant", () => {
    expect<i32>(hop_set(node, spoiled(node, hopRecord(0), HopAt.Family, 6))).toBe(
      Status.BadArgument,
    );
    for (let at: i32 = HopAt.Gateway + 4; at < HopAt.End; at++) {
      if (at >= HopAt.Port && at < HopAt.Users + 4) continue;
      expect<i32>(hop_set(node, spoiled(node, hopRecord(0), at))).toBe(Status.BadArgument);
    }
  });

  it("are walked by index, and removed once no route uses them", () => {
    set(6, HopKind.Local);
    set(4, HopKind.Blackhole);
    const rec = slotAt(node);
    expect<i32>(hop_next(node, -1, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(4);
    expect<i32>(hop_next(node, 4, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(6);
    expect<i32>(hop_next(node, 6, rec)).toBe(Status.NotFound);
    useHop(node, 4, 1);
    expect<i32>(hop_remove(node, 4)).toBe(Status.Busy);
    useHop(node, 4, -1);
    expect<i32>(hop_remove(node, 4)).toBe(Status.Ok);
    expect<i32>(hop_remove(node, 4)).toBe(Status.NotFound);
    expect<i32>(hop_get(node, host(node, hopRecord(4)))).toBe(Status.NotFound);
  });

  it("lie where the host may write", () => {
    const rec = host(node, hopRecord(0));
    expect<i32>(hop_set(node, node)).toBe(Status.BadArgument);
    expect<i32>(hop_set(node + 4, rec)).toBe(Status.BadArgument);
    expect<i32>(hop_get(node, rec + 2)).toBe(Status.BadArgument);
    expect<i32>(hop_next(node, -2, rec)).toBe(Status.BadArgument);
    expect<i32>(hop_remove(0, 0)).toBe(Status.BadArgument);
  });
});
