import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import {
  ICMP_DESTINATION_UNREACHABLE,
  ICMP_ECHO,
  ICMP_NET_UNREACHABLE,
  Icmp,
} from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf } from "../bytes";
import { counted, NONE, openNode, portRecord } from "../table/node";
import { fate, HERE, openBurst, outAt, pushIp, THERE } from "./packets";

const OURS: u32 = 0x0a0100fe;

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32, ipv4: u32 = OURS): void {
  const rec = portRecord(0, PortKind.UdpTunnel, NONE, flags);
  store<u32>(rec, ipv4, PortAt.Ipv4);
  portSet(node, rec);
}

/** Sends what no route covers, and says how many were told about it. */
function told(d: Desc): u32 {
  d.setPort(7);
  expect<i32>(fate(node, burst, Element.UdpEncap)).toBe(Status.NoRoute);
  const count = load<u32>(burst, BurstAt.OutCount);
  expect<u64>(counted(node, Status.ErrorSuppressed)).toBe(1 - count);
  return count;
}

function pushUdp(len: u32): Desc {
  return pushIp(node, burst, len, PROTOCOL_UDP);
}

function begin(): void {
  node = openNode();
  burst = openBurst(node);
  setMouth(0);
}

/** Another source and destination for the packet. */
function between(d: Desc, src: u32, dst: u32): Desc {
  Ipv4.at(d.ptr).emit(d.len, 64, PROTOCOL_UDP, src, dst);
  return d;
}

/** A packet whose fragment word is `word`, and its checksum as it should be. */
function pushFragment(word: u32): Desc {
  const d = pushUdp(40);
  const swapped: u32 = bswap<u16>(<u16>word);
  const sum = <u32>load<u16>(d.ptr + 10) + 0xffff - swapped;
  store<u16>(d.ptr + 6, <u16>swapped);
  store<u16>(d.ptr + 10, <u16>((sum & 0xffff) + (sum >> 16)));
  return d;
}

/** An ICMP message of this type. */
function pushIcmp(type: u32): Desc {
  const d = pushIp(node, burst, 40, PROTOCOL_ICMP);
  Icmp.at(d.ptr + 20).emitEcho(type, 1, 1, 12);
  return d;
}

describe("refuse", () => {
  beforeEach(begin);

  it("says net unreachable to the sender, and quotes the packet", () => {
    const d = pushUdp(100);
    expect<u32>(told(d)).toBe(1);
    const o = outAt(burst, 0);
    expect<u32>(o.flags).toBe(DescFlag.L3 | DescFlag.Originated);
    expect<u32>(o.port).toBe(7);
    expect<u32>(o.len).toBe(128);
    expect<i32>(Ipv4.check(o.ptr, o.len)).toBe(Status.Ok);
    const ip = Ipv4.at(o.ptr);
    expect<u32>(ip.src).toBe(OURS);
    expect<u32>(ip.dst).toBe(HERE);
    expect<u32>(ip.ttl).toBe(64);
    const icmp = Icmp.at(ip.payload);
    expect<i32>(Icmp.check(ip.payload, ip.payloadLen)).toBe(Status.Ok);
    expect<u32>(icmp.type).toBe(ICMP_DESTINATION_UNREACHABLE);
    expect<u32>(icmp.code).toBe(ICMP_NET_UNREACHABLE);
    expect<u32>(icmp.rest).toBe(0);
    expect<string>(hexOf(icmp.payload, 100)).toBe(hexOf(d.ptr, 100));
  });

  it("fits into 576 bytes, and quotes no trailer", () => {
    told(pushUdp(1400));
    expect<u32>(outAt(burst, 0).len).toBe(576);
    begin();
    const d = pushUdp(40);
    d.setRange(d.ptr, 60);
    told(d);
    expect<u32>(outAt(burst, 0).len).toBe(68);
  });

  it("comes from the address that is not reached where the port says so", () => {
    setMouth(PortFlag.UnreachableFromTarget);
    told(pushUdp(40));
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr).src).toBe(THERE);
  });

  it("is silent where it has no address to speak from", () => {
    setMouth(0, 0);
    expect<u32>(told(pushUdp(40))).toBe(0);
  });

  it("is silent about later fragments, and not about the first", () => {
    expect<u32>(told(pushFragment(0x2000))).toBe(1);
    begin();
    expect<u32>(told(pushFragment(1))).toBe(0);
    begin();
    expect<u32>(told(pushFragment(0x3fff))).toBe(0);
  });

  it("is silent to and about more than one host, and nobody", () => {
    expect<u32>(told(between(pushUdp(40), 0, THERE))).toBe(0);
    begin();
    expect<u32>(told(between(pushUdp(40), 0xe0000001, THERE))).toBe(0);
    begin();
    expect<u32>(told(between(pushUdp(40), HERE, 0xe0000001))).toBe(0);
    begin();
    expect<u32>(told(between(pushUdp(40), HERE, 0xffffffff))).toBe(0);
  });

  it("is silent about ICMP errors, and ICMP too short to tell", () => {
    for (let type: u32 = 0; type < 256; type++) {
      begin();
      const isError = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
      expect<u32>(told(pushIcmp(type))).toBe(isError ? 0 : 1);
    }
    begin();
    expect<u32>(told(pushIp(node, burst, 27, PROTOCOL_ICMP))).toBe(0);
  });

  it("is silent where there is no room", () => {
    store<u32>(burst, 67, BurstAt.SpareLen);
    expect<u32>(told(pushUdp(40))).toBe(0);
    begin();
    store<u32>(burst, 0, BurstAt.OutCap);
    expect<u32>(told(pushUdp(40))).toBe(0);
  });
});

describe("refuse, as flannel does", () => {
  beforeEach(() => {
    begin();
    setMouth(PortFlag.FlannelUnreachable);
  });

  it("quotes eight bytes of payload, with a TTL of 8", () => {
    const d = pushUdp(100);
    expect<u32>(told(d)).toBe(1);
    const o = outAt(burst, 0);
    expect<u32>(o.len).toBe(56);
    expect<u32>(Ipv4.at(o.ptr).ttl).toBe(8);
    expect<i32>(Icmp.check(o.ptr + 20, 36)).toBe(Status.Ok);
    expect<string>(hexOf(o.ptr + 28, 28)).toBe(hexOf(d.ptr, 28));
  });

  it("quotes no more than there is", () => {
    told(pushUdp(23));
    expect<u32>(outAt(burst, 0).len).toBe(51);
  });

  it("is silent about all ICMP", () => {
    expect<u32>(told(pushIcmp(ICMP_ECHO))).toBe(0);
  });

  it("is silent about later fragments and impossible senders", () => {
    expect<u32>(told(pushFragment(1))).toBe(0);
    begin();
    setMouth(PortFlag.FlannelUnreachable);
    expect<u32>(told(between(pushUdp(40), 0x7f000001, THERE))).toBe(0);
  });
});
