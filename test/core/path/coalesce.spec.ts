import { sum } from "../../../assembly/base/checksum";
import { Status } from "../../../assembly/base/status";
import { BurstAt, BurstFlag } from "../../../assembly/path/burst";
import { Desc, DescAt, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Tcp } from "../../../assembly/wire/tcp";
import { Udp } from "../../../assembly/wire/udp";
import { Virtio } from "../../../assembly/wire/virtio";
import { hexOf, put } from "../bytes";
import { counted, openNode } from "../table/node";
import { inAt, openBurst, outAt, pieceAt, pieceLen, pushAt, putIp, roomFor, run } from "./packets";

const DATA: u32 = 60; // bytes of payload in a segment
const TCP_LEN: u32 = 40 + DATA;
const UDP_LEN: u32 = 28 + DATA;
const ACK: u32 = 0x10;
const PIECES: u32 = 600; // the burst's own are too few for a flow

let node: usize = 0;
let burst: usize = 0;

function begin(flags: u32): void {
  node = openNode();
  burst = openBurst(node);
  store<u32>(burst, flags, BurstAt.Flags);
  store<u32>(burst, PIECES, BurstAt.PieceCap);
}

/** Segment `index` of a stream, `len` bytes long, at `ptr`. */
function putTcp(ptr: usize, index: u32, len: u32, flags: u32 = ACK): void {
  putIp(ptr, len, PROTOCOL_TCP);
  const ip = Ipv4.at(ptr);
  ip.setId(0xffff + index);
  put(ptr + 20, "14 51 9c 40");
  store<u32>(ptr + 24, bswap<u32>(1000 + index * DATA));
  put(ptr + 28, "00000001");
  store<u16>(ptr + 32, <u16>(0x50 | (flags << 8)));
  put(ptr + 34, "ffff 0000 0000");
  Tcp.at(ip.payload).fillChecksum(ip.pseudo(), ip.payloadLen);
}

function pushTcp(index: u32, len: u32 = TCP_LEN, flags: u32 = ACK): Desc {
  const ptr = roomFor(node, burst);
  putTcp(ptr, index, len, flags);
  return pushAt(burst, ptr, len, DescFlag.L3);
}

function pushUdp(index: u32, len: u32 = UDP_LEN): Desc {
  const ptr = roomFor(node, burst);
  putIp(ptr, len, PROTOCOL_UDP);
  const ip = Ipv4.at(ptr);
  ip.setId(index);
  Udp.at(ip.payload).emit(5201, 9, len - 20);
  Udp.at(ip.payload).fillChecksum(ip.pseudo());
  return pushAt(burst, ptr, len, DescFlag.L3);
}

/** Three segments behind one another, as the kernel gives them. */
function pushRange(): Desc {
  const ptr = roomFor(node, burst);
  for (let index: u32 = 0; index < 3; index++) putTcp(ptr + index * TCP_LEN, index, TCP_LEN);
  const d = pushAt(burst, ptr, 3 * TCP_LEN, DescFlag.L3 | DescFlag.UdpGro);
  d.setGsoSize(TCP_LEN);
  return d;
}

describe("coalesce", () => {
  beforeEach(() => {
    begin(BurstFlag.Virtio | BurstFlag.UdpL4);
  });

  it("joins the segments of a stream behind the first, headers and all", () => {
    const first = pushTcp(0).ptr;
    const second = pushTcp(1).ptr;
    pushTcp(2, TCP_LEN - 1, ACK | 0x08);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(1);
    const o = outAt(burst, 0);
    expect<u32>(o.flags).toBe(DescFlag.L3 | DescFlag.Gather);
    expect<u32>(o.len).toBe(3);
    expect<usize>(pieceAt(o, 0)).toBe(first - 10);
    expect<u32>(pieceLen(o, 0)).toBe(10 + TCP_LEN);
    expect<usize>(pieceAt(o, 1)).toBe(second + 40);
    expect<u32>(pieceLen(o, 2)).toBe(DATA - 1);
    expect<string>(hexOf(first - 10, 10)).toBe("010128003c0014001000");
    expect<i32>(Ipv4.check(first, 0xffff)).toBe(Status.Ok);
    expect<u32>(Ipv4.at(first).totalLength).toBe(TCP_LEN + 2 * DATA - 1);
    expect<u32>(Tcp.at(first + 20).flags).toBe(0x18);
    expect<i32>(inAt(burst, 2).verdict).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.Ok)).toBe(3);
    expect<u32>(load<u32>(burst, BurstAt.PieceCount)).toBe(3); // the others are given back
  });

  it("joins datagrams where the device takes them", () => {
    const first = pushUdp(1).ptr;
    pushUdp(2);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(1);
    expect<string>(hexOf(first - 10, 10)).toBe("01051c003c0014000600");
    expect<u32>(Udp.at(first + 20).length).toBe(8 + 2 * DATA);
    begin(BurstFlag.Virtio);
    pushUdp(1);
    pushUdp(2);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
  });

  it("says that the first answers a congestion mark", () => {
    const first = pushTcp(0, TCP_LEN, ACK | 0x80).ptr;
    pushTcp(1);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(1);
    expect<u32>(load<u8>(first - 9)).toBe(0x81);
  });

  it("begins no flow with what ends one, and joins nothing behind it", () => {
    const lone: u32[] = [0x01, 0x02, 0x04, 0x08, 0x20];
    for (let index = 0; index < lone.length; index++) {
      begin(BurstFlag.Virtio);
      pushTcp(0, TCP_LEN, ACK | lone[index]);
      pushTcp(1, TCP_LEN, ACK | lone[index]);
      expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
    }
    begin(BurstFlag.Virtio);
    pushTcp(0);
    pushTcp(1, TCP_LEN, ACK | 0x01);
    pushTcp(2);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
  });

  it("joins nothing without payload, longer, or that does not follow", () => {
    const pairs: u32[] = [0, TCP_LEN, 1, 40, 0, 40, 0, TCP_LEN, 0, TCP_LEN, 1, TCP_LEN + 1];
    for (let at = 0; at < pairs.length; at += 4) {
      begin(BurstFlag.Virtio);
      pushTcp(pairs[at], pairs[at + 1]);
      pushTcp(pairs[at + 2], pairs[at + 3]);
      expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
    }
  });

  it("joins nothing whose headers say something else", () => {
    const places: u32[] = [1, 6, 8, 31, 33, 35, 39]; // TOS, DF, TTL, ack, flags, window, urgent
    for (let index = 0; index < places.length; index++) {
      begin(BurstFlag.Virtio);
      pushTcp(0);
      const ptr = pushTcp(1).ptr;
      const place = ptr + places[index];
      store<u8>(place, load<u8>(place) ^ 0x40);
      const ip = Ipv4.at(ptr);
      store<u16>(ptr + 10, 0);
      store<u16>(ptr + 10, <u16>~sum(ptr, 20, 0));
      Tcp.at(ptr + 20).fillChecksum(ip.pseudo(), ip.payloadLen);
      expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
    }
  });

  it("joins nothing whose checksum is wrong", () => {
    const wrong = pushTcp(0).ptr;
    store<u8>(wrong + 50, 0xee);
    pushTcp(1);
    pushTcp(2);
    const last = pushTcp(3).ptr;
    store<u8>(last + 50, 0xee);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(3);
    expect<u32>(outAt(burst, 1).len).toBe(2);
    expect<usize>(outAt(burst, 2).ptr).toBe(last - 10);
  });

  it("ends a flow for a packet that may be a part of it", () => {
    pushTcp(0);
    pushTcp(1);
    const fragment = pushTcp(2).ptr;
    Ipv4.at(fragment).setFragment(0, true);
    pushTcp(2);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(3);
    expect<u32>(outAt(burst, 0).len).toBe(2);
    expect<usize>(outAt(burst, 1).ptr).toBe(fragment - 10);
  });

  it("gives packets alone when pieces are few", () => {
    store<u32>(burst, 30 + 64, BurstAt.PieceCap); // two for each of fifteen, and one too few
    pushTcp(0);
    pushTcp(1);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
    begin(BurstFlag.Virtio);
    store<u32>(burst, 30 + 65, BurstAt.PieceCap);
    pushTcp(0);
    pushTcp(1);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(1);
  });

  it("lets packets pass where nobody asks for more", () => {
    begin(0);
    const d = pushTcp(0);
    pushTcp(1);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(2);
    expect<usize>(outAt(burst, 0).ptr).toBe(d.ptr);
    expect<u32>(outAt(burst, 0).len).toBe(TCP_LEN);
  });
});

describe("a range of datagrams", () => {
  beforeEach(() => {
    begin(BurstFlag.Virtio);
  });

  it("is as if each had come alone, and its descriptor says the same as before", () => {
    const d = pushRange();
    const ptr = d.ptr;
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(1);
    expect<u32>(outAt(burst, 0).len).toBe(3);
    expect<u64>(counted(node, Status.Ok)).toBe(3);
    expect<usize>(d.ptr).toBe(ptr);
    expect<u32>(d.len).toBe(3 * TCP_LEN);
    expect<u32>(d.gsoSize).toBe(TCP_LEN);
    expect<u32>(d.flags).toBe(DescFlag.L3 | DescFlag.UdpGro);
  });

  it("has virtio headers apart where other datagrams are in front", () => {
    const d = pushRange();
    store<u8>(d.ptr + TCP_LEN + 50, 0xee);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(3);
    expect<usize>(outAt(burst, 0).ptr).toBe(d.ptr - 10);
    const apart = outAt(burst, 1);
    expect<u32>(apart.flags).toBe(DescFlag.L3 | DescFlag.Gather);
    expect<u32>(pieceLen(apart, 0)).toBe(10);
    expect<bool>(Virtio.at(pieceAt(apart, 0)).needsCsum).toBe(false);
    expect<usize>(pieceAt(apart, 1)).toBe(d.ptr + TCP_LEN);
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(16 + 10);
  });

  it("loses what there is no room for, and counts it", () => {
    store<u32>(burst, 9, BurstAt.SpareLen);
    store<u8>(pushRange().ptr + TCP_LEN + 50, 0xee);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(1);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.NoRoom)).toBe(2);
    expect<u64>(counted(node, Status.Ok)).toBe(1);
  });

  it("has a size, and lies in the arena", () => {
    pushRange().setGsoSize(0);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadOffload);
    begin(BurstFlag.Virtio);
    const d = pushRange();
    d.setRange(d.ptr, 0xfffffff0);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(0);
    expect<i32>(d.verdict).toBe(Status.BadArgument);
  });

  it("keeps bytes that others hold", () => {
    const d = pushRange();
    d.addFlags(DescFlag.Shared);
    const before = hexOf(d.ptr - 10, 10 + 3 * TCP_LEN);
    expect<i32>(run(node, burst, Element.Coalesce)).toBe(3);
    expect<string>(hexOf(d.ptr - 10, 10 + 3 * TCP_LEN)).toBe(before);
    expect<u32>(load<u16>(changetype<usize>(outAt(burst, 0)), DescAt.Flags)).toBe(
      DescFlag.L3 | DescFlag.Gather | DescFlag.Shared,
    );
  });
});
