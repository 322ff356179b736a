import { Status } from "../../../assembly/base/status";
import { BurstAt, BurstFlag } from "../../../assembly/path/burst";
import { Desc, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Tcp } from "../../../assembly/wire/tcp";
import { Udp } from "../../../assembly/wire/udp";
import { put } from "../bytes";
import { counted, openNode } from "../table/node";
import { openBurst, outAt, pieceAt, pieceLen, pushAt, putIp, roomFor, run } from "./packets";

const LEN: u32 = 200;
const SIZE: u32 = 48;

let node: usize = 0;
let burst: usize = 0;
let joined: usize = 0; // where a segment's pieces are put behind one another

function begin(): void {
  node = openNode();
  burst = openBurst(node);
  store<u32>(burst, BurstFlag.Virtio, BurstAt.Flags);
}

function pushTcp(): Desc {
  const ptr = roomFor(node, burst);
  putIp(ptr, LEN, PROTOCOL_TCP);
  put(ptr + 24, "fffffff0 00000001 5099"); // CWR, ACK, PSH, FIN
  Ipv4.at(ptr).setId(0xffff);
  put(ptr - 10, "01 81 0000 3000 1400 1000");
  return pushAt(burst, ptr, LEN, DescFlag.L3);
}

function pushUdp(): Desc {
  const ptr = roomFor(node, burst);
  putIp(ptr, LEN, PROTOCOL_UDP);
  put(ptr + 24, "00b4");
  put(ptr - 10, "01 05 0000 3000 1400 0600");
  return pushAt(burst, ptr, LEN, DescFlag.L3);
}

/** The segment that came out as `index`, its pieces behind one another. */
function segmentAt(index: u32): usize {
  const o = outAt(burst, index);
  joined = roomFor(node, burst);
  memory.copy(joined, pieceAt(o, 0), pieceLen(o, 0));
  memory.copy(joined + pieceLen(o, 0), pieceAt(o, 1), pieceLen(o, 1));
  return joined;
}

describe("segment", () => {
  beforeEach(begin);

  it("gives TCP headers of their own", () => {
    const d = pushTcp();
    expect<i32>(run(node, burst, Element.Segment)).toBe(4);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    for (let index: u32 = 0; index < 4; index++) {
      const ip = Ipv4.at(segmentAt(index));
      const len: u32 = index == 3 ? 16 : SIZE;
      expect<i32>(Ipv4.check(joined, 40 + len)).toBe(Status.Ok);
      expect<u32>(ip.totalLength).toBe(40 + len);
      expect<u32>(ip.id).toBe((0xffff + index) & 0xffff);
      const tcp = Tcp.at(ip.payload);
      expect<bool>(tcp.isChecksumValid(ip.pseudo(), 20 + len)).toBe(true);
      expect<u32>(tcp.sequence).toBe(0xfffffff0 + index * SIZE);
      expect<u32>(tcp.flags).toBe(index == 0 ? 0x90 : index == 3 ? 0x19 : 0x10);
      const o = outAt(burst, index);
      expect<u32>(o.gsoSize).toBe(0);
      expect<u32>(o.flags).toBe(DescFlag.Gather | DescFlag.L3);
      expect<usize>(pieceAt(o, 1)).toBe(d.ptr + 40 + index * SIZE);
    }
  });

  it("gives UDP headers of their own", () => {
    pushUdp();
    expect<i32>(run(node, burst, Element.Segment)).toBe(4);
    for (let index: u32 = 0; index < 4; index++) {
      const ip = Ipv4.at(segmentAt(index));
      const len: u32 = index == 3 ? 172 - 3 * SIZE : SIZE;
      expect<i32>(Udp.check(ip.payload, ip.payloadLen)).toBe(Status.Ok);
      expect<u32>(Udp.at(ip.payload).payloadLen).toBe(len);
      expect<bool>(Udp.at(ip.payload).checksum != 0).toBe(true);
      expect<bool>(Udp.at(ip.payload).isChecksumValid(ip.pseudo())).toBe(true);
    }
  });

  it("lets plain packets pass as they are", () => {
    const d = pushUdp();
    put(d.ptr - 10, "00 00 0000 0000 0000 0000");
    expect<i32>(run(node, burst, Element.Segment)).toBe(1);
    expect<usize>(outAt(burst, 0).ptr).toBe(d.ptr);
    expect<u32>(outAt(burst, 0).len).toBe(LEN);
  });

  it("stops where spare, pieces or out end, and counts the rest once", () => {
    store<u32>(burst, 2 * 48 + 7, BurstAt.SpareLen);
    pushTcp();
    expect<i32>(run(node, burst, Element.Segment)).toBe(2);
    expect<u64>(counted(node, Status.NoRoom)).toBe(1);
    begin();
    store<u32>(burst, 3, BurstAt.PieceCap);
    pushTcp();
    expect<i32>(run(node, burst, Element.Segment)).toBe(1);
    expect<u64>(counted(node, Status.NoRoom)).toBe(1);
    begin();
    store<u32>(burst, 3, BurstAt.OutCap);
    pushTcp();
    expect<i32>(run(node, burst, Element.Segment)).toBe(3);
    expect<u64>(counted(node, Status.NoRoom)).toBe(1);
    expect<u64>(counted(node, Status.Ok)).toBe(1);
  });

  it("drops a packet of which no segment has room", () => {
    store<u32>(burst, 48 + 6, BurstAt.SpareLen);
    const d = pushTcp();
    expect<i32>(run(node, burst, Element.Segment)).toBe(0);
    expect<i32>(d.verdict).toBe(Status.NoRoom);
    expect<u64>(counted(node, Status.NoRoom)).toBe(1);
    begin();
    store<u32>(burst, 0, BurstAt.OutCap);
    expect<i32>(pushUdp().verdict).toBe(0);
    expect<i32>(run(node, burst, Element.Segment)).toBe(0);
    expect<u64>(counted(node, Status.NoRoom)).toBe(1);
  });
});
