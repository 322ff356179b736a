import { Status } from "../../../assembly/base/status";
import { Burst, BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { openDatagram } from "../../../assembly/path/outer";
import { Port, PortAt, PortKind, portAt, portSet } from "../../../assembly/table/port";
import { ETHERTYPE_IPV4_NET, ETHERTYPE_IPV6_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Udp } from "../../../assembly/wire/udp";
import { openNode, portRecord } from "../table/node";
import { OWN_VTEP, openBurst, outAt, pushAt, roomFor, VTEP } from "./packets";

const OUTER_LEN: u32 = 42;
const UDP_PORT: u32 = 8472;
const PAYLOAD_LEN: u32 = 13;

let node: usize = 0;
let burst: usize = 0;

function begin(): void {
  node = openNode();
  burst = openBurst(node);
  const rec = portRecord(0, PortKind.Vxlan);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, <u16>UDP_PORT, PortAt.UdpPort);
  portSet(node, rec);
}

/** An outer frame with `PAYLOAD_LEN` bytes of payload, as it should be. */
function putFrame(): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(2, 4, ETHERTYPE_IPV4_NET);
  Ipv4.at(ptr + 14).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_UDP, VTEP, OWN_VTEP);
  Udp.at(ptr + 34).emit(50000, UDP_PORT, 8 + PAYLOAD_LEN);
  return pushAt(burst, ptr, OUTER_LEN + PAYLOAD_LEN);
}

function ipOf(d: Desc): Ipv4 {
  return Ipv4.at(d.ptr + 14);
}

function open(d: Desc): i32 {
  return openDatagram(node, Burst.at(burst), Port.at(portAt(node, 0)), d, true);
}

describe("openDatagram, of a frame,", () => {
  beforeEach(begin);

  it("finds payload, peer and mark, and cuts what trails", () => {
    const d = putFrame();
    ipOf(d).setTos(0xbb);
    d.setRange(d.ptr, d.len + 7);
    expect<i32>(open(d)).toBe(Status.Ok);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr + OUTER_LEN);
    expect<u32>(o.len).toBe(PAYLOAD_LEN);
    expect<u32>(o.peer).toBe(VTEP);
    expect<u32>(o.tos).toBe(0xbb);
    expect<u32>(o.flags).toBe(DescFlag.Decapped);
  });

  it("skips outer options", () => {
    const d = putFrame();
    const ip = d.ptr + 14;
    memory.copy(ip + 24, ip + 20, 8 + PAYLOAD_LEN);
    Ipv4.at(ip).emit(32 + PAYLOAD_LEN, 0, PROTOCOL_UDP, VTEP, OWN_VTEP);
    store<u32>(ip + 20, 0x01010101); // four times NOP
    store<u8>(ip, 0x46);
    store<u16>(ip + 10, load<u16>(ip + 10) - 0x0001 - 0x0202); // of the checksum, as it lies
    d.setRange(d.ptr, d.len + 4);
    expect<i32>(open(d)).toBe(Status.Ok);
    expect<u32>(outAt(burst, 0).len).toBe(PAYLOAD_LEN);
  });

  it("refuses every frame cut short", () => {
    const d = putFrame();
    const len = d.len;
    for (let less: u32 = 1; less <= len; less++) {
      d.setRange(d.ptr, len - less);
      expect<i32>(open(d)).toBe(Status.Truncated);
    }
  });

  it("refuses what is not IPv4, or not UDP", () => {
    const d = putFrame();
    Ethernet.at(d.ptr).emit(2, 4, ETHERTYPE_IPV6_NET);
    expect<i32>(open(d)).toBe(Status.BadProtocol);
    Ethernet.at(d.ptr).emit(2, 4, ETHERTYPE_IPV4_NET);
    ipOf(d).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_TCP, VTEP, OWN_VTEP);
    expect<i32>(open(d)).toBe(Status.BadProtocol);
  });

  it("refuses a wrong IP checksum", () => {
    const d = putFrame();
    store<u8>(d.ptr + 14 + 8, 1);
    expect<i32>(open(d)).toBe(Status.BadChecksum);
  });

  it("refuses another station's address and port", () => {
    const d = putFrame();
    ipOf(d).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_UDP, VTEP, OWN_VTEP + 1);
    expect<i32>(open(d)).toBe(Status.NotForUs);
    ipOf(d).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_UDP, VTEP, OWN_VTEP);
    Udp.at(d.ptr + 34).emit(50000, UDP_PORT + 1, 8 + PAYLOAD_LEN);
    expect<i32>(open(d)).toBe(Status.NotForUs);
  });

  it("refuses a source that cannot be, ourselves among them", () => {
    const d = putFrame();
    ipOf(d).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_UDP, OWN_VTEP, OWN_VTEP);
    expect<i32>(open(d)).toBe(Status.Martian);
    ipOf(d).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_UDP, 0x7f000001, OWN_VTEP);
    expect<i32>(open(d)).toBe(Status.Martian);
  });

  it("refuses every fragment", () => {
    const d = putFrame();
    for (let bit: u32 = 0; bit < 14; bit++) {
      ipOf(d).emit(28 + PAYLOAD_LEN, 0, PROTOCOL_UDP, VTEP, OWN_VTEP);
      const ip = d.ptr + 14;
      const word = bswap<u16>(<u16>((<u32>1) << bit));
      store<u16>(ip + 6, word);
      const sum = <u32>load<u16>(ip + 10) + 0xffff - word; // RFC 1624 for a word that was zero
      store<u16>(ip + 10, <u16>((sum & 0xffff) + (sum >> 16)));
      expect<i32>(open(d)).toBe(Status.Fragment);
    }
  });

  it("refuses a UDP length that contradicts the packet or itself", () => {
    const d = putFrame();
    Udp.at(d.ptr + 34).emit(50000, UDP_PORT, 7);
    expect<i32>(open(d)).toBe(Status.BadLength);
    Udp.at(d.ptr + 34).emit(50000, UDP_PORT, 9 + PAYLOAD_LEN);
    expect<i32>(open(d)).toBe(Status.Truncated);
  });

  it("believes no UDP checksum, and a right one", () => {
    const d = putFrame();
    const udp = Udp.at(d.ptr + 34);
    udp.fillChecksum(ipOf(d).pseudo());
    expect<i32>(open(d)).toBe(Status.Ok);
    store<u8>(d.ptr + OUTER_LEN, load<u8>(d.ptr + OUTER_LEN) ^ 1);
    expect<i32>(open(d)).toBe(Status.BadChecksum);
  });

  it("needs room, and a packet in the arena", () => {
    const d = putFrame();
    store<u32>(burst, 0, BurstAt.OutCap);
    expect<i32>(open(d)).toBe(Status.NoRoom);
    d.setRange(burst, 64);
    expect<i32>(open(d)).toBe(Status.BadArgument);
  });
});
