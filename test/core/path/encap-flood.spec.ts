import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { fdbLearn } from "../../../assembly/table/fdb";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { Udp } from "../../../assembly/wire/udp";
import { Vxlan } from "../../../assembly/wire/vxlan";
import {
  counted,
  openNode,
  place,
  portRecord,
  setDomain,
  setFlood,
  setPort,
  setRemote,
} from "../table/node";
import {
  fate,
  inAt,
  OWN_VTEP,
  openBurst,
  outAt,
  pieceAt,
  pieceLen,
  push,
  run,
  VTEP,
} from "./packets";

const STATION: u64 = 0x020000000002;
const FRAME = "020000000002 020000000001 88b5 0102030405";
const FRAME_LEN: u32 = 19;
const OUTER_LEN: u32 = 50;
const AGE_S: u32 = 300;

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32): void {
  const rec = portRecord(0, PortKind.Vxlan, 0, flags);
  store<u32>(rec, 5, PortAt.Vni);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, 8472, PortAt.UdpPort);
  portSet(node, rec);
}

describe("a flood", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 5, AGE_S);
    setMouth(PortFlag.Flood);
    setPort(node, 1, PortKind.Vxlan, 0);
    for (let remote: u32 = 0; remote < 4; remote++) setRemote(node, remote, VTEP + remote);
    for (let remote: u32 = 0; remote < 3; remote++) setFlood(node, 0, place(0, remote));
    burst = openBurst(node);
  });

  it("is one datagram for all, in the order of the list", () => {
    const d = push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(3);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    for (let index: u32 = 0; index < 3; index++) {
      const o = outAt(burst, index);
      expect<u32>(o.remote).toBe(index);
      expect<u32>(o.peer).toBe(VTEP + index);
      expect<usize>(o.ptr).toBe(d.ptr - 8);
      expect<u32>(o.flags).toBe(DescFlag.Shared);
    }
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(0);
    expect<u64>(counted(node, Status.Ok)).toBe(1);
  });

  it("is a header for each and one frame, where frames come out", () => {
    setMouth(PortFlag.Flood | PortFlag.UdpChecksum);
    const d = push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncapFrame)).toBe(3);
    for (let index: u32 = 0; index < 3; index++) {
      const o = outAt(burst, index);
      expect<u32>(o.flags).toBe(DescFlag.Shared | DescFlag.Gather | DescFlag.OuterFrame);
      expect<u32>(pieceLen(o, 0)).toBe(OUTER_LEN);
      expect<usize>(pieceAt(o, 1)).toBe(d.ptr);
      expect<u32>(pieceLen(o, 1)).toBe(FRAME_LEN);
      const header = pieceAt(o, 0);
      const ip = Ipv4.at(header + 14);
      expect<u32>(ip.dst).toBe(VTEP + index);
      expect<u32>(ip.totalLength).toBe(OUTER_LEN - 14 + FRAME_LEN);
      expect<u32>(Vxlan.at(header + 42).vni).toBe(5);
      memory.copy(header + OUTER_LEN, d.ptr, FRAME_LEN); // spare, and this one is looked at
      expect<bool>(Udp.at(header + 34).isChecksumValid(ip.pseudo())).toBe(true);
    }
  });

  it("goes where the port floods, and nowhere else", () => {
    setMouth(0);
    push(node, burst, FRAME);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.UnknownStation);
  });

  it("reaches what lies behind its own port", () => {
    setFlood(node, 0, place(1, 3));
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(3);
    store<u32>(burst, 1, BurstAt.Port);
    portSet(node, portRecord(1, PortKind.Vxlan, 0, PortFlag.Flood));
    inAt(burst, 0).setVerdict(0);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<u32>(outAt(burst, 0).remote).toBe(3);
  });

  it("has nobody to go to", () => {
    node = openNode();
    setDomain(node, 0, 5);
    setMouth(PortFlag.Flood);
    burst = openBurst(node);
    push(node, burst, FRAME);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.UnknownStation);
    expect<u64>(counted(node, Status.UnknownStation)).toBe(1);
  });

  it("goes on when a station is no longer believed", () => {
    fdbLearn(node, 0, STATION, place(0, 1), 0);
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    inAt(burst, 0).setVerdict(0);
    store<f64>(burst, AGE_S * 1000, BurstAt.NowMs);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(3);
  });

  it("leaves out the remote that it came from, and counts that", () => {
    push(node, burst, FRAME, DescFlag.Decapped).setRemote(1);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    expect<u32>(outAt(burst, 0).remote).toBe(0);
    expect<u32>(outAt(burst, 1).remote).toBe(2);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.SplitHorizon)).toBe(1);
    expect<u64>(counted(node, Status.Ok)).toBe(1);
  });

  it("counts each copy that no room was left for, and keeps the others", () => {
    store<u32>(burst, 1, BurstAt.OutCap);
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.NoRoom)).toBe(2);
  });

  it("ends where spare bytes or pieces do", () => {
    store<u32>(burst, 2 * 56, BurstAt.SpareLen);
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncapFrame)).toBe(2);
    expect<u64>(counted(node, Status.NoRoom)).toBe(1);
    openBurst(node);
    store<u32>(burst, 3, BurstAt.PieceCap);
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncapFrame)).toBe(1);
    expect<u64>(counted(node, Status.NoRoom)).toBe(3);
    expect<u32>(load<u32>(burst, BurstAt.PieceCount)).toBe(2);
  });

  it("is dropped once when not one copy leaves, and each is counted", () => {
    store<u32>(burst, 0, BurstAt.OutCap);
    push(node, burst, FRAME, DescFlag.Decapped).setRemote(0);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.NoRoom);
    expect<u64>(counted(node, Status.NoRoom)).toBe(2);
    expect<u64>(counted(node, Status.SplitHorizon)).toBe(1);
    expect<u64>(counted(node, Status.Ok)).toBe(0);
  });
});
