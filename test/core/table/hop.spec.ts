import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  Hop,
  HopAt,
  HopFlag,
  HopKind,
  hopAt,
  hopRemove,
  hopSet,
  useHop,
} from "../../../assembly/table/hop";
import { PortKind, portRemove } from "../../../assembly/table/port";
import { Remote, remoteAt, remoteRemove } from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
import { hopRecord, NONE, openNode, setPort, setRemote, used } from "./node";

let node: usize = 0;

function hopTo(index: u32, port: u32, remote: u32): usize {
  const rec = hopRecord(index, HopKind.Unicast);
  store<u16>(rec, <u16>port, HopAt.Port);
  store<u16>(rec, <u16>remote, HopAt.Remote);
  return rec;
}

describe("hopSet", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 2, PortKind.UdpTunnel);
    setRemote(node, 4, 0xc0000201);
  });

  it("makes a hop that reads as it was written", () => {
    const rec = hopTo(5, 2, 4);
    store<u16>(rec, HopFlag.OnLink, HopAt.Flags);
    store<u32>(rec, bswap<u32>(0x0a010101), HopAt.Gateway);
    store<u32>(rec, 1400, HopAt.Mtu);
    expect<i32>(hopSet(node, rec)).toBe(5);
    const hop = Hop.at(hopAt(node, 5));
    expect<u32>(hop.kind).toBe(HopKind.Unicast);
    expect<u32>(hop.flags).toBe(HopFlag.OnLink);
    expect<u32>(hop.gateway).toBe(0x0a010101);
    expect<u32>(hop.port).toBe(2);
    expect<u32>(hop.remote).toBe(4);
    expect<u32>(hop.mtu).toBe(1400);
  });

  it("finds a free index, until there is none", () => {
    expect<i32>(hopSet(node, hopRecord(1))).toBe(1);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(0);
    for (let index: u32 = 2; index < 8; index++) {
      expect<i32>(hopSet(node, hopRecord(NONE))).toBe(index);
    }
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(Status.NoRoom);
    expect<i32>(hopSet(node, hopRecord(8))).toBe(Status.NoRoom);
    hopRemove(node, 3);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(3);
    expect<u32>(used(node, nodeAt.HOP)).toBe(8);
    node = openNode(CapsAt.Hops, 0);
    expect<i32>(hopSet(node, hopRecord(NONE))).toBe(Status.NoRoom);
  });

  it("refuses a port or a remote that is not set, and names neither", () => {
    expect<i32>(hopSet(node, hopTo(0, 3, 4))).toBe(Status.NotFound);
    expect<i32>(hopSet(node, hopTo(0, 2, 3))).toBe(Status.NotFound);
    expect<i32>(portRemove(node, 2)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 4)).toBe(Status.Ok);
  });

  it("names port and remote as long as it is there, replaced or not", () => {
    hopSet(node, hopTo(0, 2, 4));
    hopSet(node, hopTo(0, 2, 4));
    expect<i32>(portRemove(node, 2)).toBe(Status.Busy);
    expect<i32>(remoteRemove(node, 4)).toBe(Status.Busy);
    expect<u32>(Remote.at(remoteAt(node, 4)).hops).toBe(1);
    hopSet(node, hopRecord(0, HopKind.Blackhole));
    expect<i32>(portRemove(node, 2)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 4)).toBe(Status.Ok);
  });

  it("names nobody when there is no room for it", () => {
    expect<i32>(hopSet(node, hopTo(8, 2, 4))).toBe(Status.NoRoom);
    expect<i32>(portRemove(node, 2)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 4)).toBe(Status.Ok);
  });

  it("keeps its routes when it is replaced", () => {
    hopSet(node, hopRecord(0));
    useHop(node, 0, 1);
    const rec = hopRecord(0, HopKind.Blackhole);
    store<u32>(rec, 77, HopAt.Users); // which only the table counts
    hopSet(node, rec);
    expect<u32>(Hop.at(hopAt(node, 0)).users).toBe(1);
    expect<i32>(hopRemove(node, 0)).toBe(Status.Busy);
  });
});

describe("hopRemove", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 2, PortKind.UdpTunnel);
    setRemote(node, 4, 0xc0000201);
    hopSet(node, hopTo(0, 2, 4));
  });

  it("removes, once, and lets port and remote go", () => {
    expect<i32>(hopRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(hopRemove(node, 0)).toBe(Status.NotFound);
    expect<i32>(hopRemove(node, 0xffffffff)).toBe(Status.NotFound);
    expect<i32>(portRemove(node, 2)).toBe(Status.Ok);
    expect<i32>(remoteRemove(node, 4)).toBe(Status.Ok);
    expect<u32>(used(node, nodeAt.HOP)).toBe(0);
  });

  it("waits for routes", () => {
    useHop(node, 0, 1);
    useHop(node, 0, 1);
    useHop(node, 0, -1);
    expect<i32>(hopRemove(node, 0)).toBe(Status.Busy);
    useHop(node, 0, -1);
    expect<i32>(hopRemove(node, 0)).toBe(Status.Ok);
  });
});
