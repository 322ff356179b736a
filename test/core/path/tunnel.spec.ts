import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { routeInsert } from "../../../assembly/table/route";
import { ICMP_PROHIBITED, Icmp } from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hopRecord, NONE, openNode, portRecord, setPort, setRemote } from "../table/node";
import { inAt, openBurst, outAt, pushAt, roomFor, run } from "./packets";

const OURS: u32 = 0x0a010002;
const PACKET_LEN: u32 = 64;

let node: usize = 0;
let burst: usize = 0;

function pushPacket(flags: u32, tos: u32): Desc {
  const ptr = roomFor(node, burst);
  memory.fill(ptr, 0, PACKET_LEN);
  Ipv4.at(ptr).emit(PACKET_LEN, 64, PROTOCOL_UDP, 0x0a010001, 0x0a020001);
  Ipv4.at(ptr).setTos(tos);
  return pushAt(burst, ptr, PACKET_LEN, flags);
}

/** A default route. */
function routeTo(kind: u32, remote: u32, mtu: u32): void {
  const rec = hopRecord(0, kind);
  store<u16>(rec, <u16>remote, HopAt.Remote);
  store<u32>(rec, mtu, HopAt.Mtu);
  hopSet(node, rec);
  routeInsert(node, 0, 0, 0);
}

describe("flannel's tunnel", () => {
  beforeEach(() => {
    node = openNode();
    const rec = portRecord(1, PortKind.UdpTunnel);
    store<u32>(rec, OURS, PortAt.Ipv4);
    portSet(node, rec);
    setRemote(node, 0, 0xc0000201);
    burst = openBurst(node);
    store<u32>(burst, 1, BurstAt.Port);
  });

  it("tells who may not go there", () => {
    routeTo(HopKind.Prohibit, NONE, 0);
    pushPacket(DescFlag.L3, 0);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(1);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.Prohibited);
    const error = Ipv4.at(outAt(burst, 0).ptr);
    expect<u32>(error.src).toBe(OURS);
    expect<u32>(Icmp.at(error.payload).code).toBe(ICMP_PROHIBITED);
  });

  it("holds a packet against the MTU of its hop, not the port's", () => {
    routeTo(HopKind.Unicast, 0, PACKET_LEN - 1);
    pushPacket(DescFlag.L3, 0);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.TooBig);
  });

  it("carries a mark of the underlay into the packet", () => {
    setPort(node, 1, PortKind.UdpTunnel, NONE, PortFlag.Ecn);
    pushPacket(0, 2).setTos(3);
    pushPacket(0, 0).setTos(3);
    expect<i32>(run(node, burst, Element.UdpDecap)).toBe(1);
    const packet = outAt(burst, 0);
    expect<u32>(Ipv4.at(packet.ptr).tos).toBe(3);
    expect<i32>(Ipv4.check(packet.ptr, packet.len)).toBe(Status.Ok);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.EcnMismatch);
  });
});
