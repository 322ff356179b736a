import { nodeAt, nowSeconds } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { PortFlag, PortKind } from "../../../assembly/table/port";
import { counted, openNode, place, setDomain, setFlood, setPort, setRemote } from "../table/node";
import { inAt, openBurst, outAt, push, pushAt, run, VTEP } from "./packets";

const FRAME = "020000000002 020000000001 88b5 0102030405";

let node: usize = 0;
let burst: usize = 0;

function countedInAll(): u64 {
  let sum: u64 = 0;
  for (let index: usize = 0; index < 256; index++) {
    sum += load<u64>(node + (index << 3), nodeAt.COUNTERS);
  }
  return sum;
}

describe("runElement", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 5);
    setPort(node, 0, PortKind.Vxlan, 0, PortFlag.Flood);
    setPort(node, 1, PortKind.UdpTunnel);
    setPort(node, 2, PortKind.Ethernet, 0);
    setRemote(node, 0, VTEP);
    setFlood(node, 0, place(0, 0));
    burst = openBurst(node);
  });

  it("works for ports of its own kind, and no other", () => {
    for (let element = Element.VxlanEncap; element <= Element.UdpDecapFrame; element++) {
      const port = element <= Element.VxlanDecapFrame ? 0 : 1;
      for (let index: u32 = 0; index < 4; index++) {
        store<u32>(burst, index, BurstAt.Port);
        expect<i32>(run(node, burst, element)).toBe(index == port ? 0 : Status.BadPort);
      }
      store<u32>(burst, 0x10000 + port, BurstAt.Port);
      expect<i32>(run(node, burst, element)).toBe(Status.BadPort);
      store<u32>(burst, 0xffffffff, BurstAt.Port);
      expect<i32>(run(node, burst, element)).toBe(Status.BadPort);
    }
  });

  it("writes nothing when it refuses", () => {
    push(node, burst, FRAME);
    store<u32>(burst, 7, BurstAt.OutCount);
    store<f64>(burst, 5000, BurstAt.NowMs);
    store<u32>(burst, 3, BurstAt.Port);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(Status.BadPort);
    store<u32>(burst, 0, BurstAt.Port);
    store<u32>(burst, 1, BurstAt.Flags);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(Status.BadArgument);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(7);
    expect<i32>(inAt(burst, 0).verdict).toBe(0);
    expect<u32>(nowSeconds(node)).toBe(0);
    expect<u64>(countedInAll()).toBe(0);
  });

  it("gives each packet a verdict, and counts each once", () => {
    push(node, burst, FRAME);
    push(node, burst, FRAME, DescFlag.L3);
    pushAt(burst, 0, 64);
    push(node, burst, FRAME, DescFlag.UdpGro);
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.BadProtocol);
    expect<i32>(inAt(burst, 2).verdict).toBe(Status.BadArgument);
    expect<i32>(inAt(burst, 3).verdict).toBe(Status.NeedsOffload);
    expect<i32>(inAt(burst, 4).verdict).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.Ok)).toBe(2);
    expect<u64>(counted(node, Status.BadProtocol)).toBe(1);
    expect<u64>(countedInAll()).toBe(5);
  });

  it("skips a packet that has a verdict", () => {
    push(node, burst, FRAME).setVerdict(Verdict.ForUs);
    push(node, burst, FRAME).setVerdict(Status.TooBig);
    push(node, burst, FRAME);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.ForUs);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.TooBig);
    expect<usize>(outAt(burst, 0).ptr).toBe(inAt(burst, 2).ptr - 8);
    expect<u64>(countedInAll()).toBe(1);
  });

  it("begins each time with empty outputs, and never goes back in time", () => {
    push(node, burst, FRAME, DescFlag.Shared);
    store<f64>(burst, 9999, BurstAt.NowMs);
    for (let turn = 0; turn < 3; turn++) {
      inAt(burst, 0).setVerdict(0);
      expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
      expect<u32>(load<u32>(burst, BurstAt.PieceCount)).toBe(2);
      expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(8);
      expect<u32>(nowSeconds(node)).toBe(9);
      store<f64>(burst, 1000, BurstAt.NowMs);
    }
  });

  it("does nothing with no packets", () => {
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(0);
    expect<u64>(countedInAll()).toBe(0);
  });
});
