import { Status } from "../../../assembly/base/status";
import { Burst, BurstAt } from "../../../assembly/path/burst";
import { DescFlag } from "../../../assembly/path/desc";
import {
  beginTo,
  domainOf,
  emitOuter,
  isMartian,
  judgeSource,
  sealOuter,
  sourcePort,
} from "../../../assembly/path/outer";
import { Port, PortAt, PortFlag, PortKind, portAt, portSet } from "../../../assembly/table/port";
import { RemoteAt, RemoteFlag, remoteSet } from "../../../assembly/table/remote";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { dirty, hexOf, isDirty } from "../bytes";
import {
  NONE,
  openNode,
  portRecord,
  remoteRecord,
  setDomain,
  setPort,
  setRemote,
} from "../table/node";
import { OWN_VTEP, openBurst, outAt, pushAt, roomFor, VTEP } from "./packets";

const OUTER_LEN: u32 = 42;
const UDP_PORT: u32 = 8472;
const PAYLOAD_LEN: u32 = 13;

let node: usize = 0;
let burst: usize = 0;

function port(): Port {
  return Port.at(portAt(node, 0));
}

/** A tunnel's mouth at port 0. */
function setMouth(flags: u32): void {
  const rec = portRecord(0, PortKind.Vxlan, NONE, flags);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, <u16>UDP_PORT, PortAt.UdpPort);
  store<u8>(rec, 9, PortAt.Ttl);
  store<u32>(rec, 5, PortAt.Vni);
  portSet(node, rec);
}

function begin(): void {
  node = openNode();
  burst = openBurst(node);
  setMouth(0);
}

describe("emitOuter", () => {
  beforeEach(begin);

  it("writes all 42 bytes and no other", () => {
    const rec = remoteRecord(0, VTEP);
    store<u64>(rec, 0x0a00000000f0, RemoteAt.DstMac); // and into SrcMac, which comes next
    store<u64>(rec, 0x0a00000000f2, RemoteAt.SrcMac);
    remoteSet(node, rec);
    const header = roomFor(node, burst);
    dirty(header - 8, 64);
    const o = outAt(burst, 0);
    o.emit(0, 0, 0);
    o.setRemote(0);
    o.setTos(0xb8);
    const udp = emitOuter(node, port(), o, header, PAYLOAD_LEN);
    expect<string>(hexOf(header, 14)).toBe("f0000000000af2000000000a0800");
    const ip = Ipv4.at(header + 14);
    expect<i32>(Ipv4.check(header + 14, 41)).toBe(Status.Ok);
    expect<u32>(ip.totalLength).toBe(41);
    expect<u32>(ip.tos).toBe(0xb8);
    expect<u32>(ip.ttl).toBe(9);
    expect<u32>(ip.src).toBe(OWN_VTEP);
    expect<u32>(ip.dst).toBe(VTEP);
    expect<bool>(ip.isFragment || ip.isDontFragment).toBe(false);
    expect<usize>(changetype<usize>(udp)).toBe(header + 34);
    expect<string>(hexOf(header + 34, 8)).toBe("2118211800150000");
    expect<bool>(isDirty(header - 8, 8)).toBe(true);
    expect<bool>(isDirty(header + OUTER_LEN, 64 - 8 - OUTER_LEN)).toBe(true);
    expect<u32>(o.flags).toBe(DescFlag.OuterFrame);
  });

  it("prefers the remote's own UDP port and own address", () => {
    const rec = remoteRecord(0, VTEP);
    store<u16>(rec, 4789, RemoteAt.UdpPort);
    store<u32>(rec, bswap<u32>(0xc6336401), RemoteAt.OwnAddress);
    remoteSet(node, rec);
    const header = roomFor(node, burst);
    const o = outAt(burst, 0);
    o.emit(0, 0, 0);
    o.setRemote(0);
    const udp = emitOuter(node, port(), o, header, 0);
    expect<u32>(udp.srcPort).toBe(UDP_PORT);
    expect<u32>(udp.dstPort).toBe(4789);
    expect<u32>(Ipv4.at(header + 14).src).toBe(0xc6336401);
  });

  it("counts identifications up, and sets DF where the port says so", () => {
    setRemote(node, 0, VTEP);
    setMouth(PortFlag.DontFragment);
    const header = roomFor(node, burst);
    const o = outAt(burst, 0);
    o.emit(0, 0, 0);
    o.setRemote(0);
    emitOuter(node, port(), o, header, 0);
    const id = Ipv4.at(header + 14).id;
    expect<bool>(Ipv4.at(header + 14).isDontFragment).toBe(true);
    emitOuter(node, port(), o, header, 0);
    expect<u32>(Ipv4.at(header + 14).id).toBe((id + 1) & 0xffff);
    expect<i32>(Ipv4.check(header + 14, 28)).toBe(Status.Ok);
  });
});

describe("sealOuter", () => {
  beforeEach(begin);

  it("computes a UDP checksum of bytes here and there where the port wants one", () => {
    setRemote(node, 0, VTEP);
    const header = roomFor(node, burst);
    const o = outAt(burst, 0);
    o.emit(0, 0, 0);
    o.setRemote(0);
    const inner = outAt(burst, 1);
    inner.emit(header + OUTER_LEN, PAYLOAD_LEN, 0);
    for (let round: u32 = 0; round < 300; round++) {
      for (let at: u32 = 0; at < PAYLOAD_LEN; at++) store<u8>(inner.ptr + at, <u8>(at * round));
      const udp = emitOuter(node, port(), o, header, PAYLOAD_LEN);
      sealOuter(port(), header, 8, inner);
      expect<u32>(udp.checksum).toBe(0);
      setMouth(PortFlag.UdpChecksum);
      sealOuter(port(), header, 8, inner);
      expect<u32>(udp.checksum).not.toBe(0);
      expect<bool>(udp.isChecksumValid(Ipv4.at(header + 14).pseudo())).toBe(true);
      setMouth(0);
    }
  });
});

describe("sourcePort", () => {
  beforeEach(begin);

  it("goes from 49152 to 65535, or as Linux has it", () => {
    expect<u32>(sourcePort(port().flags, 0)).toBe(49152);
    expect<u32>(sourcePort(port().flags, 0xffffffff)).toBe(65535);
    setMouth(PortFlag.LinuxMode);
    expect<u32>(sourcePort(port().flags, 0)).toBe(32768);
    expect<u32>(sourcePort(port().flags, 0xffffffff)).toBe(60999);
  });
});

describe("beginTo", () => {
  beforeEach(begin);

  it("names port, remote and peer, and says what is shared", () => {
    setRemote(node, 2, VTEP + 2);
    const d = pushAt(burst, roomFor(node, burst), 64, DescFlag.Shared | DescFlag.L3);
    expect<i32>(beginTo(node, Burst.at(burst), d, 2)).toBe(Status.Ok);
    const o = outAt(burst, 0);
    expect<u32>(o.port).toBe(0);
    expect<u32>(o.remote).toBe(2);
    expect<u32>(o.peer).toBe(VTEP + 2);
    expect<u32>(o.flags).toBe(DescFlag.Shared);
  });

  it("refuses a remote that is none", () => {
    const d = pushAt(burst, roomFor(node, burst), 64);
    expect<i32>(beginTo(node, Burst.at(burst), d, 2)).toBe(Status.BadRemote);
    expect<i32>(beginTo(node, Burst.at(burst), d, NONE)).toBe(Status.BadRemote);
  });

  it("sends nothing back to the remote that it came from", () => {
    setRemote(node, 2, VTEP + 2);
    setRemote(node, 3, VTEP + 3);
    const d = pushAt(burst, roomFor(node, burst), 64, DescFlag.Decapped);
    d.setRemote(2);
    expect<i32>(beginTo(node, Burst.at(burst), d, 2)).toBe(Status.SplitHorizon);
    expect<i32>(beginTo(node, Burst.at(burst), d, 3)).toBe(Status.Ok);
    d.dropFlags(DescFlag.Decapped);
    expect<i32>(beginTo(node, Burst.at(burst), d, 2)).toBe(Status.Ok);
  });

  it("needs room", () => {
    setRemote(node, 2, VTEP + 2);
    store<u32>(burst, 0, BurstAt.OutCap);
    const d = pushAt(burst, roomFor(node, burst), 64);
    expect<i32>(beginTo(node, Burst.at(burst), d, 2)).toBe(Status.NoRoom);
  });
});

/** Judges what came from `peer`, or else by the remote that the host named. */
function judge(peer: u32, remote: u32): i32 {
  const o = outAt(burst, 0);
  o.emit(0, 0, 0);
  o.setPeer(peer);
  o.setRemote(remote);
  return judgeSource(node, port(), o);
}

describe("judgeSource", () => {
  beforeEach(() => {
    begin();
    setRemote(node, 1, VTEP + 1);
    setRemote(node, 2, VTEP + 2, RemoteFlag.Allowed);
  });

  it("names the remote by the peer's address, or as the host did", () => {
    expect<i32>(judge(VTEP + 2, 1)).toBe(Status.Ok);
    expect<u32>(outAt(burst, 0).remote).toBe(2);
    expect<i32>(judge(0, 1)).toBe(Status.Ok);
    expect<u32>(outAt(burst, 0).remote).toBe(1);
  });

  it("names nobody where there is nobody", () => {
    expect<i32>(judge(VTEP + 9, 1)).toBe(Status.Ok);
    expect<u32>(outAt(burst, 0).remote).toBe(NONE);
    expect<i32>(judge(0, 7)).toBe(Status.Ok);
    expect<u32>(outAt(burst, 0).remote).toBe(NONE);
  });

  it("refuses ourselves", () => {
    expect<i32>(judge(OWN_VTEP, NONE)).toBe(Status.Martian);
  });

  it("takes only who is allowed where the port is strict", () => {
    setMouth(PortFlag.StrictPeer);
    expect<i32>(judge(VTEP + 1, NONE)).toBe(Status.SourceDenied);
    expect<i32>(judge(VTEP + 9, 2)).toBe(Status.SourceDenied);
    expect<i32>(judge(VTEP + 2, NONE)).toBe(Status.Ok);
    expect<i32>(judge(0, 2)).toBe(Status.Ok);
    expect<i32>(judge(0, NONE)).toBe(Status.SourceDenied);
  });
});

describe("domainOf", () => {
  it("is the port's, or the one that the VNI names", () => {
    begin();
    setDomain(node, 3, 6);
    const d = pushAt(burst, roomFor(node, burst), 64);
    d.setVni(6);
    expect<i32>(domainOf(node, port(), d)).toBe(Status.NotFound);
    setPort(node, 0, PortKind.Vxlan, 3);
    d.setVni(7);
    expect<i32>(domainOf(node, port(), d)).toBe(3);
    setPort(node, 0, PortKind.Vxlan, NONE, PortFlag.ManyVnis);
    expect<i32>(domainOf(node, port(), d)).toBe(Status.NotFound);
    d.setVni(0xffffffff);
    expect<i32>(domainOf(node, port(), d)).toBe(Status.NotFound);
    d.setVni(6);
    expect<i32>(domainOf(node, port(), d)).toBe(3);
  });
});

describe("isMartian", () => {
  it("knows nets 0 and 127, groups and broadcast", () => {
    expect<bool>(isMartian(0)).toBe(true);
    expect<bool>(isMartian(0x00ffffff)).toBe(true);
    expect<bool>(isMartian(0x01000000)).toBe(false);
    expect<bool>(isMartian(0x7effffff)).toBe(false);
    expect<bool>(isMartian(0x7f000000)).toBe(true);
    expect<bool>(isMartian(0x7fffffff)).toBe(true);
    expect<bool>(isMartian(0x80000000)).toBe(false);
    expect<bool>(isMartian(0xdfffffff)).toBe(false);
    expect<bool>(isMartian(0xe0000000)).toBe(true);
    expect<bool>(isMartian(0xefffffff)).toBe(true);
    expect<bool>(isMartian(0xfffffffe)).toBe(false);
    expect<bool>(isMartian(0xffffffff)).toBe(true);
  });
});
