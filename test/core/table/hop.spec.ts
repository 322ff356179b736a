import { Status } from "../../../assembly/base/status";
import { Hop, HopAt, HopKind, hopAt, hopRemove, hopSet, useHop } from "../../../assembly/table/hop";
import { PortKind, portRemove } from "../../../assembly/table/port";
import { Remote, remoteAt, remoteRemove } from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
import { hopRecord, NONE, openNode, setPort, setRemote } from "./node";

const HOPS: u32 = 3;

let node: usize = 0;

function setHop(index: u32, port: u32, remote: u32): i32 {
  const rec = hopRecord(index, HopKind.Unicast);
  store<u16>(rec, <u16>port, HopAt.Port);
  store<u16>(rec, <u16>remote, HopAt.Remote);
  return hopSet(node, rec);
}

describe("hops", () => {
  beforeEach(() => {
    node = openNode(CapsAt.Hops, HOPS);
    setPort(node, 0, PortKind.UdpTunnel);
    setRemote(node, 0, 0x0a000001);
  });

  it("take the lowest free index, and end at the capacity", () => {
    expect<i32>(hopSet(node, hopRecord(1))).toBe(1);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(0);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(2);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(Status.NoRoom);
    expect<i32>(hopSet(node, hopRecord(HOPS))).toBe(Status.NoRoom);
    expect<i32>(hopRemove(node, 1)).toBe(Status.Ok);
    expect<i32>(hopRemove(node, 1)).toBe(Status.NotFound);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(1);
  });

  it("name ports and remotes that are there", () => {
    expect<i32>(setHop(0, 1, NONE)).toBe(Status.NotFound);
    expect<i32>(setHop(0, NONE, 1)).toBe(Status.NotFound);
    expect<usize>(hopAt(node, 0)).toBe(0);
    expect<i32>(setHop(0, 0, 0)).toBe(0);
    expect<u32>(Hop.at(hopAt(node, 0)).port).toBe(0);
    expect<u32>(Hop.at(hopAt(node, 0)).remote).toBe(0);
  });

  it("hold port and remote for as long as they name them", () => {
    setHop(0, 0, 0);
    setHop(0, 0, 0);
    expect<u32>(Remote.at(remoteAt(node, 0)).hops).toBe(1);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Busy);
    setHop(0, NONE, NONE);
    expect<u32>(Remote.at(remoteAt(node, 0)).hops).toBe(0);
    expect<i32>(portRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 0)).toBe(Status.Ok);
  });

  it("keep their users through a replacement, and stay until the last one goes", () => {
    setHop(0, 0, 0);
    useHop(node, 0, 1);
    const rec = hopRecord(0, HopKind.Blackhole);
    store<u32>(rec, 99, HopAt.Users);
    hopSet(node, rec);
    expect<u32>(Hop.at(hopAt(node, 0)).kind).toBe(HopKind.Blackhole);
    expect<u32>(Hop.at(hopAt(node, 0)).users).toBe(1);
    expect<i32>(hopRemove(node, 0)).toBe(Status.Busy);
    useHop(node, 0, -1);
    expect<i32>(hopRemove(node, 0)).toBe(Status.Ok);
  });
});
