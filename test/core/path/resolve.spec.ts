import { advance, nodeAt, tableCount } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { tick } from "../../../assembly/path/resolve";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import {
  NeighborAt,
  NeighborState,
  neighborAt,
  neighborKey,
  neighborSet,
  neighborState,
} from "../../../assembly/table/neighbor";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { neighborUse } from "../../../assembly/table/reach";
import { routeInsert } from "../../../assembly/table/route";
import { CapsAt } from "../../../assembly/table/tables";
import { ARP_REPLY, ARP_REQUEST, Arp } from "../../../assembly/wire/arp";
import { ETHERTYPE_ARP_NET, Ethernet, MAC_BROADCAST } from "../../../assembly/wire/ethernet";
import {
  counted,
  hopRecord,
  NONE,
  neighborRecord,
  openNode,
  portRecord,
  setNeighbor,
  setPort,
} from "../table/node";
import { fate, HERE, inAt, openBurst, outAt, push, pushAt, roomFor, THERE } from "./packets";

const REQUEST =
  "ffffffffffff 020000000001 0806 0001 0800 06 04 0001" +
  "020000000001 0a010001 000000000000 0a020001";

const MAC: u64 = 0x0200_0000_0002; // of the left port
const ASKER: u64 = 0x0100_0000_0002;
const OURS: u32 = 0x0a0100fe;

let node: usize = 0;
let burst: usize = 0;

function station(flags: u32): void {
  const rec = portRecord(0, PortKind.Ethernet, NONE, flags);
  store<u64>(rec, MAC, PortAt.Mac); // and two bytes of what follows
  store<u32>(rec, OURS, PortAt.Ipv4);
  portSet(node, rec);
}

function routeTo(prefix: u32, len: u32, kind: u32, port: u32 = NONE): void {
  const rec = hopRecord(NONE, kind);
  store<u16>(rec, <u16>port, HopAt.Port);
  routeInsert(node, prefix, len, hopSet(node, rec));
}

/** Hears from the asker, who says it has `sender`. */
function heard(operation: u32, sender: u32, target: u32, dst: u64 = MAC_BROADCAST): i32 {
  openBurst(node);
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(dst, ASKER, ETHERTYPE_ARP_NET);
  Arp.at(ptr + 14).emit(operation, ASKER, sender, 0, target);
  pushAt(burst, ptr, 42).setPort(0);
  return fate(node, burst, Element.Resolve);
}

function outs(): u32 {
  return load<u32>(burst, BurstAt.OutCount);
}

function stateOfSender(): u32 {
  const entry = neighborAt(node, neighborKey(0, HERE));
  return entry == 0 ? 0 : neighborState(node, entry);
}

describe("resolve", () => {
  beforeEach(() => {
    node = openNode();
    burst = openBurst(node);
    station(0);
  });

  it("answers who asks for us, and remembers the asker", () => {
    expect<i32>(heard(ARP_REQUEST, HERE, OURS)).toBe(Verdict.Consumed);
    expect<u32>(outs()).toBe(1);
    const o = outAt(burst, 0);
    expect<u32>(o.port).toBe(0);
    expect<u64>(Ethernet.at(o.ptr).dst).toBe(ASKER);
    expect<u64>(Ethernet.at(o.ptr).src).toBe(MAC);
    const answer = Arp.at(o.ptr + 14);
    expect<u32>(answer.operation).toBe(ARP_REPLY);
    expect<u64>(answer.senderMac).toBe(MAC);
    expect<u32>(answer.senderAddress).toBe(OURS);
    expect<u32>(answer.targetAddress).toBe(HERE);
    expect<u32>(inAt(burst, 0).peer).toBe(HERE);
    expect<u32>(stateOfSender()).toBe(NeighborState.Stale);
  });

  it("answers for what a route calls local", () => {
    expect<i32>(heard(ARP_REQUEST, HERE, THERE)).toBe(Status.NotForUs);
    expect<u32>(stateOfSender()).toBe(0);
    routeTo(THERE, 32, HopKind.Local);
    expect<i32>(heard(ARP_REQUEST, HERE, THERE)).toBe(Verdict.Consumed);
    expect<u32>(outs()).toBe(1);
  });

  it("answers a probe, and remembers nothing of it", () => {
    expect<i32>(heard(ARP_REQUEST, 0, OURS)).toBe(Verdict.Consumed);
    expect<u32>(outs()).toBe(1);
    expect<u32>(tableCount(node + nodeAt.NEIGHBOR)).toBe(0);
    expect<i32>(heard(ARP_REQUEST, 0, THERE)).toBe(Status.NotForUs);
  });

  it("takes answers from those who were asked", () => {
    expect<i32>(heard(ARP_REPLY, HERE, OURS, MAC)).toBe(Status.Unsolicited);
    neighborUse(node, 0, HERE);
    expect<i32>(heard(ARP_REPLY, HERE, OURS, MAC)).toBe(Verdict.Consumed);
    expect<u32>(stateOfSender()).toBe(NeighborState.Reachable);
    expect<u32>(outs()).toBe(0);
  });

  it("is not sure of what is said to all", () => {
    neighborUse(node, 0, HERE);
    expect<i32>(heard(ARP_REPLY, HERE, OURS)).toBe(Verdict.Consumed);
    expect<u32>(stateOfSender()).toBe(NeighborState.Stale);
    neighborUse(node, 0, HERE);
    expect<i32>(heard(ARP_REPLY, HERE, THERE, MAC)).toBe(Verdict.Consumed);
    expect<u32>(stateOfSender()).toBe(NeighborState.Delay);
  });

  it("counts who moves, and refuses who contradicts", () => {
    setNeighbor(node, 0, HERE, 0x0900_0000_0002);
    expect<i32>(heard(ARP_REPLY, HERE, OURS, MAC)).toBe(Status.ArpConflict);
    advance(node, 1000);
    expect<i32>(heard(ARP_REQUEST, HERE, HERE)).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.NeighborMoved)).toBe(1);
    expect<i32>(heard(ARP_REQUEST, OURS, HERE)).toBe(Status.ArpConflict);
  });

  it("refuses what cannot be", () => {
    expect<i32>(heard(ARP_REQUEST, 0x7f000001, OURS)).toBe(Status.Martian);
    expect<i32>(heard(ARP_REQUEST, HERE, 0xe0000001)).toBe(Status.Martian);
    expect<i32>(heard(ARP_REPLY, HERE, 0, MAC)).toBe(Status.Unsolicited);
    expect<i32>(heard(ARP_REQUEST, HERE, OURS, ASKER)).toBe(Status.NotForUs);
    station(0);
    setPort(node, 1, PortKind.Ip);
    openBurst(node);
    push(node, burst, REQUEST).setPort(1);
    expect<i32>(fate(node, burst, Element.Resolve)).toBe(Status.BadProtocol);
    openBurst(node);
    push(node, burst, REQUEST.replace("0806", "0800")).setPort(0);
    expect<i32>(fate(node, burst, Element.Resolve)).toBe(Status.BadProtocol);
    openBurst(node);
    push(node, burst, REQUEST.replace("0001020000000001", "0001030000000001")).setPort(0);
    expect<i32>(fate(node, burst, Element.Resolve)).toBe(Status.BadSourceMac);
    openBurst(node);
    push(node, burst, REQUEST.replace("0800", "0801")).setPort(0);
    expect<i32>(fate(node, burst, Element.Resolve)).toBe(Status.BadHardware);
  });

  it("answers though it has no room to remember", () => {
    node = openNode(CapsAt.Neighbors, 0);
    burst = openBurst(node);
    station(0);
    expect<i32>(heard(ARP_REQUEST, HERE, OURS)).toBe(Verdict.Consumed);
    expect<u32>(outs()).toBe(1);
    expect<u64>(counted(node, Status.LearnRefused)).toBe(1);
  });

  it("answers for others at a port that is a proxy, by routes through other ports", () => {
    setPort(node, 1, PortKind.Ethernet);
    routeTo(0, 0, HopKind.Connected, 1);
    routeTo(0x0a020000, 16, HopKind.Connected, 1);
    routeTo(0x0a030000, 16, HopKind.Connected, 0);
    routeTo(0x0a040000, 16, HopKind.Blackhole, 1);
    expect<i32>(heard(ARP_REQUEST, HERE, THERE)).toBe(Status.NotForUs);
    station(PortFlag.ArpProxy);
    expect<i32>(heard(ARP_REQUEST, HERE, THERE)).toBe(Verdict.Consumed);
    expect<u64>(Arp.at(outAt(burst, 0).ptr + 14).senderMac).toBe(MAC);
    expect<i32>(heard(ARP_REQUEST, HERE, 0x0a030001)).toBe(Status.NotForUs);
    expect<i32>(heard(ARP_REQUEST, HERE, 0x0a040001)).toBe(Status.NotForUs);
    expect<i32>(heard(ARP_REQUEST, HERE, 0x08080808)).toBe(Status.NotForUs);
  });

  it("hears at an inspected port only whom it knows for good", () => {
    station(PortFlag.ArpInspect);
    expect<i32>(heard(ARP_REQUEST, HERE, OURS)).toBe(Status.ArpSpoofed);
    const rec = neighborRecord(0, HERE, ASKER);
    store<u8>(rec, NeighborState.Permanent, NeighborAt.State);
    neighborSet(node, rec);
    expect<i32>(heard(ARP_REQUEST, HERE, OURS)).toBe(Verdict.Consumed);
    expect<i32>(heard(ARP_REQUEST, HERE + 1, OURS)).toBe(Status.ArpSpoofed);
    expect<i32>(heard(ARP_REQUEST, 0, HERE)).toBe(Status.NotForUs); // a probe for its own
    expect<i32>(heard(ARP_REQUEST, 0, HERE + 1)).toBe(Status.ArpSpoofed);
  });
});

describe("tick", () => {
  beforeEach(() => {
    node = openNode();
    burst = openBurst(node);
    station(0);
  });

  it("asks all for who has no MAC, and alone who has", () => {
    neighborUse(node, 0, HERE);
    const rec = neighborRecord(0, THERE, ASKER);
    store<u8>(rec, NeighborState.Stale, NeighborAt.State);
    neighborSet(node, rec);
    neighborUse(node, 0, THERE);
    store<f64>(burst, 5000, BurstAt.NowMs);
    expect<i32>(tick(node, burst)).toBe(2);
    for (let at: u32 = 0; at < 2; at++) {
      const o = outAt(burst, at);
      const request = Arp.at(o.ptr + 14);
      const isAll = request.targetAddress == HERE;
      expect<u64>(Ethernet.at(o.ptr).dst).toBe(isAll ? MAC_BROADCAST : ASKER);
      expect<u64>(Ethernet.at(o.ptr).src).toBe(MAC);
      expect<u32>(request.senderAddress).toBe(OURS);
      expect<u32>(request.operation).toBe(ARP_REQUEST);
      expect<u32>(o.flags).toBe(DescFlag.Originated);
    }
  });

  it("waits with its time-outs until there is room to ask", () => {
    neighborUse(node, 0, HERE);
    store<f64>(burst, 1000, BurstAt.NowMs);
    store<u32>(burst, 48, BurstAt.SpareLen);
    expect<i32>(tick(node, burst)).toBe(0);
    store<u32>(burst, 49, BurstAt.SpareLen);
    store<u32>(burst, 0, BurstAt.OutCap);
    expect<i32>(tick(node, burst)).toBe(0);
    store<u32>(burst, 1, BurstAt.OutCap);
    expect<i32>(tick(node, burst)).toBe(1);
  });

  it("refuses a burst that is none", () => {
    expect<i32>(tick(node, burst + 4)).toBe(Status.BadArgument);
  });
});

describe("resolve", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 0, PortKind.Ip, NONE, 0);
    burst = openBurst(node);
  });

  it("takes no IP packet for ARP, whatever its bytes look like", () => {
    push(node, burst, REQUEST, DescFlag.L3).setPort(0);
    expect<i32>(fate(node, burst, Element.Resolve)).toBe(Status.BadProtocol);
  });
});
