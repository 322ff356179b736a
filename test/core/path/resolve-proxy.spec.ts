import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { neighborSet } from "../../../assembly/table/neighbor";
import { PortFlag, PortKind } from "../../../assembly/table/port";
import { hexOf } from "../bytes";
import { neighborRecord, openNode, setDomain, setPort } from "../table/node";
import { fate, openBurst, outAt, push, run, THERE } from "./packets";

const REQUEST =
  "ffffffffffff 020000000001 0806 0001 0800 06 04 0001" +
  "020000000001 0a010001 000000000000 0a020001";
const REPLY =
  "020000000001 020000000002 0806 0001 0800 06 04 0002" +
  "020000000002 0a020001 020000000001 0a010001";

let node: usize = 0;
let burst: usize = 0;

/** What becomes of the request when some of its digits are others. */
function fateOf(from: string, to: string): i32 {
  openBurst(node);
  push(node, burst, REQUEST.replace(from, to));
  return fate(node, burst, Element.VxlanEncap);
}

describe("answerArp", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 5);
    setPort(node, 0, PortKind.Vxlan, 0, PortFlag.ArpProxy);
    neighborSet(node, neighborRecord(0, THERE, 0x020000000002));
    burst = openBurst(node);
  });

  it("answers for a neighbor, to the port that asked", () => {
    push(node, burst, REQUEST).setPort(3);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    const o = outAt(burst, 0);
    expect<string>(hexOf(o.ptr, o.len)).toBe(REPLY.replaceAll(" ", ""));
    expect<u32>(o.flags).toBe(DescFlag.Originated);
    expect<u32>(o.port).toBe(3);
    expect<usize>(o.ptr).toBe(load<u32>(burst, BurstAt.Spare));
  });

  it("says the same where frames come out", () => {
    push(node, burst, REQUEST);
    expect<i32>(run(node, burst, Element.VxlanEncapFrame)).toBe(1);
    expect<string>(hexOf(outAt(burst, 0).ptr, 42)).toBe(REPLY.replaceAll(" ", ""));
  });

  it("takes the padding of a short frame for what it is", () => {
    push(node, burst, `${REQUEST}000000000000000000000000000000000000`);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<u32>(outAt(burst, 0).len).toBe(42);
  });

  it("ends what it cannot answer", () => {
    expect<i32>(fateOf("0a020001", "0a020002")).toBe(Status.Unresolved);
    expect<i32>(fateOf("0001020000", "0002020000")).toBe(Status.Unresolved); // a reply
    expect<i32>(fateOf("0a020001", "00000000")).toBe(Status.Unresolved);
  });

  it("refuses what is no ARP for Ethernet and IPv4", () => {
    expect<i32>(fateOf("0806 0001", "0806 0006")).toBe(Status.BadHardware);
    expect<i32>(fateOf("0800", "86dd")).toBe(Status.BadHardware);
    expect<i32>(fateOf("0001020000", "0003020000")).toBe(Status.BadHardware);
    expect<i32>(fateOf("0a020001", "0a0200")).toBe(Status.Truncated);
  });

  it("needs room for its answer", () => {
    push(node, burst, REQUEST);
    store<u32>(burst, 41, BurstAt.SpareLen);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.NoRoom);
    openBurst(node);
    push(node, burst, REQUEST);
    store<u32>(burst, 0, BurstAt.OutCap);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.NoRoom);
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(0);
  });

  it("answers only where the port is a proxy", () => {
    setPort(node, 0, PortKind.Vxlan, 0);
    push(node, burst, REQUEST);
    expect<i32>(fate(node, burst, Element.VxlanEncap)).toBe(Status.UnknownStation);
    setPort(node, 0, PortKind.Vxlan, 0, PortFlag.ArpProxy);
    expect<i32>(fateOf("0806", "0806")).toBe(Verdict.Consumed);
  });
});
