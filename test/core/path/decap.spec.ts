import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { FDB_MISS, FdbFlag, fdbFind } from "../../../assembly/table/fdb";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import { remoteFind } from "../../../assembly/table/remote";
import { CapsAt } from "../../../assembly/table/tables";
import { ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf } from "../bytes";
import {
  counted,
  learnedAt,
  NONE,
  openNode,
  place,
  portRecord,
  setDomain,
  setRemote,
  setStation,
} from "../table/node";
import {
  fate,
  inAt,
  OWN_VTEP,
  openBurst,
  outAt,
  push,
  pushAt,
  putIp,
  roomFor,
  run,
  VTEP,
} from "./packets";

const HEADER = "08000000 00000500";
const INNER = "020000000001 020000000002 88b5 0102030405";
const INNER_LEN: u32 = 19;
const STATION: u64 = 0x020000000002;
const OWN_MAC: u64 = 0xff0000000002; // 02:00:00:00:00:ff

let node: usize = 0;
let burst: usize = 0;

function setMouth(flags: u32, domain: u32 = 0): void {
  const rec = portRecord(0, PortKind.Vxlan, domain, flags);
  store<u64>(rec, OWN_MAC, PortAt.Mac); // and into Ipv4, which comes next
  store<u32>(rec, 5, PortAt.Vni);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  portSet(node, rec);
}

function begin(): void {
  node = openNode();
  setDomain(node, 0, 5);
  setDomain(node, 1, 6);
  setMouth(0);
  setRemote(node, 0, VTEP);
  burst = openBurst(node);
}

/** What becomes of a datagram from the known peer. */
function fateOf(hex: string): i32 {
  openBurst(node);
  push(node, burst, hex).setPeer(VTEP);
  return fate(node, burst, Element.VxlanDecap);
}

/** A datagram that holds an IPv4 packet with this DS field, and came with that one. */
function pushMarked(inner: u32, outer: u32, flags: u32 = 0): Desc {
  const ptr = roomFor(node, burst);
  store<u64>(ptr, 0x0005000000000008);
  Ethernet.at(ptr + 8).emit(1 << 8, STATION, ETHERTYPE_IPV4_NET);
  putIp(ptr + 22, 40, PROTOCOL_UDP);
  Ipv4.at(ptr + 22).setTos(inner);
  const d = pushAt(burst, ptr, 62, flags);
  d.setPeer(VTEP);
  d.setTos(outer);
  return d;
}

describe("vxlanDecap", () => {
  beforeEach(begin);

  it("takes the header off, where the frame lies", () => {
    const d = push(node, burst, HEADER + INNER);
    d.setPeer(VTEP);
    d.setTos(0xb8);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr + 8);
    expect<u32>(o.len).toBe(INNER_LEN);
    expect<u32>(o.flags).toBe(DescFlag.Decapped);
    expect<u32>(o.port).toBe(0);
    expect<u32>(o.remote).toBe(0);
    expect<u32>(o.peer).toBe(VTEP);
    expect<u32>(o.vni).toBe(5);
    expect<u32>(o.tos).toBe(0xb8);
  });

  it("names no remote for a peer that is none", () => {
    push(node, burst, HEADER + INNER).setPeer(VTEP + 9);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    expect<u32>(outAt(burst, 0).remote).toBe(NONE);
    expect<i32>(remoteFind(node, VTEP + 9)).toBe(Status.NotFound);
  });

  it("gives the first failure for the reason", () => {
    setMouth(PortFlag.StrictPeer | PortFlag.LinuxMode | PortFlag.Ecn);
    expect<i32>(fateOf("ff000000 000009")).toBe(Status.Truncated);
    expect<i32>(fateOf("f7000000 000009ff")).toBe(Status.BadFlags);
    expect<i32>(fateOf("ff000000 000009ff")).toBe(Status.ReservedBits);
    expect<i32>(fateOf("08000000 00000900")).toBe(Status.UnknownVni);
    expect<i32>(fateOf(HEADER)).toBe(Status.SourceDenied);
    setMouth(PortFlag.Ecn);
    expect<i32>(fateOf(HEADER)).toBe(Status.InnerTruncated);
    expect<i32>(fateOf(`${HEADER} 020000000001 000000000000 88b5`)).toBe(Status.BadSourceMac);
  });

  it("refuses our own address for a peer", () => {
    push(node, burst, HEADER + INNER).setPeer(OWN_VTEP);
    expect<i32>(fate(node, burst, Element.VxlanDecap)).toBe(Status.Martian);
  });

  it("ignores reserved bits but in linux mode", () => {
    expect<i32>(fateOf(`ffffffff 000005ff ${INNER}`)).toBe(Verdict.Consumed);
    setMouth(PortFlag.LinuxMode);
    expect<i32>(fateOf(`ffffffff 000005ff ${INNER}`)).toBe(Status.ReservedBits);
  });

  it("takes its own VNI where it has a domain, or any that names one", () => {
    setMouth(0, NONE);
    expect<i32>(fateOf(HEADER + INNER)).toBe(Status.UnknownVni);
    setMouth(PortFlag.ManyVnis, NONE);
    expect<i32>(fateOf(HEADER + INNER)).toBe(Verdict.Consumed);
    expect<i32>(fateOf(`08000000 00000600 ${INNER}`)).toBe(Verdict.Consumed);
    expect<u32>(outAt(burst, 0).vni).toBe(6);
    expect<i32>(fateOf(`08000000 00000700 ${INNER}`)).toBe(Status.UnknownVni);
  });

  it("refuses inner frames too short for what they say they are", () => {
    const macs = `${HEADER} 020000000001 020000000002`;
    expect<i32>(fateOf(`${macs} 08`)).toBe(Status.InnerTruncated);
    expect<i32>(fateOf(`${macs} 0800 ${"45".repeat(19)}`)).toBe(Status.InnerTruncated);
    expect<i32>(fateOf(`${macs} 0800 ${"45".repeat(20)}`)).toBe(Verdict.Consumed);
    expect<i32>(fateOf(`${macs} 86dd ${"60".repeat(39)}`)).toBe(Status.InnerTruncated);
    expect<i32>(fateOf(`${macs} 86dd ${"60".repeat(40)}`)).toBe(Verdict.Consumed);
    expect<i32>(fateOf(`${macs} 88b5`)).toBe(Verdict.Consumed);
  });

  it("discards an inner tag but in linux mode (RFC 7348, section 6.1)", () => {
    const tagged = `${HEADER} 020000000001 020000000002 8100 0005 0800`;
    expect<i32>(fateOf(tagged)).toBe(Status.BadProtocol);
    setMouth(PortFlag.LinuxMode);
    expect<i32>(fateOf(tagged)).toBe(Verdict.Consumed);
  });

  it("refuses a source that no station has: zero, a group, our own", () => {
    const to = `${HEADER} 020000000001`;
    expect<i32>(fateOf(`${to} 000000000000 88b5`)).toBe(Status.BadSourceMac);
    expect<i32>(fateOf(`${to} 010000000002 88b5`)).toBe(Status.BadSourceMac);
    expect<i32>(fateOf(`${to} ffffffffffff 88b5`)).toBe(Status.BadSourceMac);
    expect<i32>(fateOf(`${to} 0200000000ff 88b5`)).toBe(Status.BadSourceMac);
    expect<i32>(fateOf(`${to} 020000000002 88b5`)).toBe(Verdict.Consumed);
  });

  it("needs a descriptor for what comes out", () => {
    store<u32>(burst, 0, BurstAt.OutCap);
    push(node, burst, HEADER + INNER).setPeer(VTEP);
    expect<i32>(fate(node, burst, Element.VxlanDecap)).toBe(Status.NoRoom);
  });
});

describe("vxlanDecap, of a marked datagram,", () => {
  beforeEach(() => {
    begin();
    setMouth(PortFlag.Ecn);
  });

  it("marks the packet, with its checksum", () => {
    pushMarked(0xb9, 3);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    const o = outAt(burst, 0);
    expect<u32>(Ipv4.at(o.ptr + 14).tos).toBe(0xbb);
    expect<i32>(Ipv4.check(o.ptr + 14, o.len - 14)).toBe(Status.Ok);
  });

  it("drops a packet whose sender knows no marks", () => {
    pushMarked(0xb8, 3);
    expect<i32>(fate(node, burst, Element.VxlanDecap)).toBe(Status.EcnMismatch);
  });

  it("marks a copy of what others hold as well", () => {
    const d = pushMarked(2, 3, DescFlag.Shared);
    const before = hexOf(d.ptr, d.len);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    expect<string>(hexOf(d.ptr, d.len)).toBe(before);
    const o = outAt(burst, 0);
    expect<u32>(o.flags).toBe(DescFlag.Decapped);
    expect<u32>(Ipv4.at(o.ptr + 14).tos).toBe(3);
    expect<string>(hexOf(o.ptr + 34, 20)).toBe(hexOf(d.ptr + 42, 20));
  });

  it("makes no copy where nothing changes", () => {
    pushMarked(2, 0, DescFlag.Shared);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.Decapped | DescFlag.Shared);
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(0);
  });

  it("needs room for the copy", () => {
    store<u32>(burst, 53, BurstAt.SpareLen);
    pushMarked(2, 3, DescFlag.Shared);
    expect<i32>(fate(node, burst, Element.VxlanDecap)).toBe(Status.NoRoom);
  });
});

describe("vxlanDecap, at a port that learns,", () => {
  beforeEach(() => {
    begin();
    setMouth(PortFlag.Learn);
  });

  it("remembers behind which remote the sender lives", () => {
    expect<i32>(fateOf(HEADER + INNER)).toBe(Verdict.Consumed);
    expect<u32>(fdbFind(node, 0, STATION, 0)).toBe(place(0, 0));
  });

  it("makes a remote for a peer that it has not met", () => {
    push(node, burst, HEADER + INNER).setPeer(VTEP + 9);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    const remote = remoteFind(node, VTEP + 9);
    expect<u32>(outAt(burst, 0).remote).toBe(remote);
    expect<u32>(fdbFind(node, 0, STATION, 0)).toBe(place(0, remote));
  });

  it("learns into the domain that the VNI names", () => {
    setMouth(PortFlag.Learn | PortFlag.ManyVnis, NONE);
    fateOf(`08000000 00000600 ${INNER}`);
    expect<u32>(fdbFind(node, 1, STATION, 0)).toBe(place(0, 0));
    expect<u32>(fdbFind(node, 0, STATION, 0)).toBe(FDB_MISS);
  });

  it("counts a station that moves, and lets it", () => {
    setRemote(node, 1, VTEP + 1);
    setStation(node, 0, STATION, place(0, 1));
    expect<i32>(fateOf(HEADER + INNER)).toBe(Verdict.Consumed);
    expect<u32>(fdbFind(node, 0, STATION, 0)).toBe(place(0, 0));
    expect<u64>(counted(node, Status.StationMoved)).toBe(1);
  });

  it("drops who claims a station that is pinned elsewhere", () => {
    setRemote(node, 1, VTEP + 1);
    setStation(node, 0, STATION, place(0, 1), FdbFlag.Permanent);
    expect<i32>(fateOf(HEADER + INNER)).toBe(Status.Pinned);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
    expect<u32>(fdbFind(node, 0, STATION, 0)).toBe(place(0, 1));
  });

  it("lets pass what it cannot learn, and counts that", () => {
    push(node, burst, HEADER + INNER); // neither peer nor remote
    push(node, burst, HEADER + INNER).setRemote(7); // which is not set
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(2);
    expect<u64>(counted(node, Status.LearnRefused)).toBe(2);
    expect<u32>(learnedAt(node, 0)).toBe(0);
  });

  it("lets pass what it has no room to learn", () => {
    node = openNode(CapsAt.Remotes, 0);
    setDomain(node, 0, 5);
    setMouth(PortFlag.Learn);
    burst = openBurst(node);
    push(node, burst, HEADER + INNER).setPeer(VTEP);
    expect<i32>(run(node, burst, Element.VxlanDecap)).toBe(1);
    expect<u32>(outAt(burst, 0).remote).toBe(NONE);
    expect<u64>(counted(node, Status.LearnRefused)).toBe(1);
  });

  it("learns nothing from what it drops", () => {
    push(node, burst, `${HEADER} 020000000001 010000000002 88b5`).setPeer(VTEP + 9);
    expect<i32>(fate(node, burst, Element.VxlanDecap)).toBe(Status.BadSourceMac);
    expect<i32>(remoteFind(node, VTEP + 9)).toBe(Status.NotFound);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadSourceMac);
  });
});
