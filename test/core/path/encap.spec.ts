import { Status } from "../../../assembly/base/status";
import { DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { PortFlag, PortKind } from "../../../assembly/table/port";
import { Vxlan } from "../../../assembly/wire/vxlan";
import {
  openNode,
  place,
  setDomain,
  setFlood,
  setPort,
  setRemote,
  setStation,
} from "../table/node";
import { inAt, openBurst, outAt, pieceAt, push, pushAt, run } from "./packets";

const MAC_2: u64 = 0x020000000002;
const FRAME = "020000000002 020000000001 88b5 0102030405";

let node: usize = 0;
let burst: usize = 0;

describe("vxlanEncap", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 5);
    setDomain(node, 1, 6);
    setPort(node, 0, PortKind.Vxlan, 0, PortFlag.ManyVnis | PortFlag.Flood);
    setPort(node, 1, PortKind.Vxlan, 0);
    setRemote(node, 0, 0xc0000201);
    setRemote(node, 1, 0xc0000202);
    burst = openBurst(node);
  });

  it("writes nothing in front of bytes that others hold as well", () => {
    setFlood(node, 0, place(0, 0));
    setStation(node, 1, MAC_2, place(0, 1));
    const d = push(node, burst, FRAME, DescFlag.Shared);
    d.setVni(5);
    pushAt(burst, d.ptr, d.len, DescFlag.Shared).setVni(6);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(2);
    for (let index: u32 = 0; index < 2; index++) {
      const o = outAt(burst, index);
      expect<u32>(o.flags).toBe(DescFlag.Gather | DescFlag.Shared);
      expect<u32>(Vxlan.at(pieceAt(o, 0)).vni).toBe(5 + index);
      expect<usize>(pieceAt(o, 1)).toBe(d.ptr);
    }
  });

  it("floods to what lies behind its own port", () => {
    setFlood(node, 0, place(0, 0));
    setFlood(node, 0, place(1, 1));
    push(node, burst, FRAME).setVni(5);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(1);
    expect<u32>(outAt(burst, 0).remote).toBe(0);
  });

  it("drops what is for a station behind another port", () => {
    setStation(node, 0, MAC_2, place(1, 1));
    push(node, burst, FRAME).setVni(5);
    expect<i32>(run(node, burst, Element.VxlanEncap)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.NotForUs);
  });
});
