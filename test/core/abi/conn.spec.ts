import { conn_age, conn_get, conn_next, conn_remove } from "../../../assembly/abi/conn";
import { Status } from "../../../assembly/base/status";
import { ConnAt, ConnState } from "../../../assembly/table/conn";
import { connAdd } from "../../../assembly/table/track";
import { Tuple } from "../../../assembly/table/tuple";
import { openNode } from "../table/node";
import { slotAt } from "./host";

const UDP: u8 = 17;
const HERE: u32 = 0x0a000001;
const THERE: u32 = 0x0a000002;

let node: usize = 0;

/** The record of a packet from here to there. */
function packet(port: u32 = 5000): usize {
  const rec = slotAt(node);
  memory.fill(rec, 0, ConnAt.End);
  store<u8>(rec, UDP, ConnAt.Protocol);
  store<u32>(rec, HERE, ConnAt.Source);
  store<u32>(rec, THERE, ConnAt.Target);
  store<u16>(rec, <u16>port, ConnAt.SourcePort);
  store<u16>(rec, 53, ConnAt.TargetPort);
  return rec;
}

describe("conn records", () => {
  beforeEach(() => {
    node = openNode();
    connAdd(node, UDP, Tuple.at(packet() + ConnAt.Source), THERE, 53);
  });

  it("are found by a packet", () => {
    const rec = packet();
    expect<i32>(conn_get(node, rec, 1000)).toBe(Status.Ok);
    expect<u32>(load<u8>(rec, ConnAt.State)).toBe(ConnState.New);
    expect<u32>(load<u32>(rec, ConnAt.ReplySource)).toBe(THERE);
    expect<u32>(load<u32>(rec, ConnAt.LeftS)).toBe(29);
    expect<i32>(conn_get(node, packet(5001), 1000)).toBe(Status.NotFound);
    expect<i32>(conn_get(node, packet(), 30000)).toBe(Status.NotFound);
  });

  it("are removed by one", () => {
    expect<i32>(conn_remove(node, packet(5001))).toBe(Status.NotFound);
    expect<i32>(conn_remove(node, packet())).toBe(Status.Ok);
    expect<i32>(conn_remove(node, packet())).toBe(Status.NotFound);
  });

  it("are walked, and go as time passes", () => {
    const rec = slotAt(node);
    expect<i32>(conn_next(node, 0, rec)).toBe(1);
    expect<i32>(conn_next(node, 1, rec)).toBe(0);
    expect<i32>(conn_age(node, 9, 29999)).toBe(0);
    expect<i32>(conn_age(node, 0, 30000)).toBe(0);
    expect<i32>(conn_age(node, 9, 30000)).toBe(1);
    expect<i32>(conn_next(node, 0, rec)).toBe(0);
    expect<i32>(conn_next(node, 0xffffffff, rec)).toBe(0);
  });

  it("lie where the host may write, at a time that can be kept", () => {
    const rec = packet();
    expect<i32>(conn_get(node, node, 0)).toBe(Status.BadArgument);
    expect<i32>(conn_get(node, rec, -1)).toBe(Status.BadArgument);
    expect<i32>(conn_remove(node + 4, rec)).toBe(Status.BadArgument);
    expect<i32>(conn_next(node, 0, rec + 2)).toBe(Status.BadArgument);
    expect<i32>(conn_age(node + 4, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(conn_age(node, 1, -1)).toBe(Status.BadArgument);
  });
});
