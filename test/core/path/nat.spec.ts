import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { RuleHook } from "../../../assembly/table/rule";
import { ETHERTYPE_ARP_NET, ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { TCP_ACK, TCP_SYN, Tcp } from "../../../assembly/wire/tcp";
import { Udp } from "../../../assembly/wire/udp";
import { hexOf } from "../bytes";
import { counted, used } from "../table/node";
import { outAt, run } from "./packets";
import {
  after,
  before,
  begin,
  burst,
  CLIENT,
  CONTAINER,
  endsOf,
  HOST,
  INSIDE,
  NONE,
  node,
  OTHER,
  OUTSIDE,
  onward,
  PACKET_LEN,
  publish,
  push,
  pushEcho,
  pushTcp,
  pushUdp,
  SERVER,
  sent,
} from "./translated";

const GRE: u32 = 47;

function flows(): u32 {
  return used(node, nodeAt.CONN);
}

/** A packet of the container's to the server, up to where it leaves. */
function leave(): i32 {
  pushUdp(CONTAINER, 5000, SERVER, 53);
  const verdict = before(INSIDE);
  return verdict == Verdict.Consumed ? onward(OUTSIDE) : verdict;
}

describe("nat", () => {
  beforeEach(begin);

  it("turns sources behind routing, and back before it", () => {
    expect<i32>(leave()).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("aa80002:5000 > c0000235:53");
    expect<bool>(Udp.at(sent().payload).isChecksumValid(sent().pseudo())).toBe(true);
    pushUdp(SERVER, 53, HOST, 5000);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("c0000235:53 > ac110002:5000");
    expect<i32>(onward(INSIDE)).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("c0000235:53 > ac110002:5000");
    expect<u32>(flows()).toBe(1);
    expect<u64>(counted(node, Status.Ok)).toBe(4);
  });

  it("turns targets before routing, and back behind it", () => {
    pushTcp(CLIENT, 5000, HOST, 8080, TCP_SYN);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("aa8004d:5000 > ac110002:80");
    expect<i32>(onward(INSIDE)).toBe(Verdict.Consumed);
    pushTcp(CONTAINER, 80, CLIENT, 5000, TCP_SYN | TCP_ACK);
    expect<i32>(before(INSIDE)).toBe(Verdict.Consumed);
    expect<i32>(onward(OUTSIDE)).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("aa80002:8080 > aa8004d:5000");
    expect<bool>(Tcp.at(sent().payload).isChecksumValid(sent().pseudo(), PACKET_LEN - 20)).toBe(
      true,
    );
  });

  it("asks other rules for the node's own packets", () => {
    pushTcp(HOST, 5000, HOST, 8080, TCP_SYN);
    expect<i32>(before(NONE)).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("aa80002:5000 > aa80002:8080");
    publish(1, RuleHook.Output);
    pushTcp(HOST, 5001, HOST, 8080, TCP_SYN);
    expect<i32>(before(NONE)).toBe(Verdict.Consumed);
    expect<string>(endsOf(sent())).toBe("aa80002:5001 > ac110002:80");
  });

  it("translates frames in place, and descriptors keep what they say", () => {
    const d = pushUdp(CONTAINER, 5000, SERVER, 53);
    const frame = d.ptr - 14;
    Ethernet.at(frame).emit(0x010000000002, 0x020000000002, ETHERTYPE_IPV4_NET);
    d.setRange(frame, PACKET_LEN + 14);
    d.dropFlags(DescFlag.L3);
    d.addFlags(DescFlag.Decapped);
    d.setRemote(3);
    d.setVni(5);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(frame);
    expect<u32>(o.len).toBe(PACKET_LEN + 14);
    expect<u32>(o.flags).toBe(DescFlag.Decapped);
    expect<u32>(o.port).toBe(OUTSIDE);
    expect<u32>(o.remote).toBe(3);
    expect<u32>(o.vni).toBe(5);
    expect<i32>(o.verdict).toBe(0);
    expect<string>(endsOf(Ipv4.at(frame + 14))).toBe("aa80002:5000 > c0000235:53");
  });

  it("copies bytes that are shared, if it changes them, and where there is room", () => {
    const d = pushUdp(CONTAINER, 5000, SERVER, 53);
    const ptr = d.ptr;
    const whole = hexOf(ptr, PACKET_LEN);
    d.addFlags(DescFlag.Shared);
    expect<i32>(before(INSIDE)).toBe(Verdict.Consumed);
    expect<usize>(outAt(burst, 0).ptr).toBe(ptr);
    pushUdp(CONTAINER, 5000, SERVER, 53).addFlags(DescFlag.Shared);
    store<u32>(burst, PACKET_LEN - 1, BurstAt.SpareLen);
    expect<i32>(after(OUTSIDE)).toBe(Status.NoRoom);
    pushUdp(CONTAINER, 5000, SERVER, 53).addFlags(DescFlag.Shared);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<usize>(outAt(burst, 0).ptr).not.toBe(ptr);
    expect<string>(hexOf(ptr, PACKET_LEN)).toBe(whole);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.L3);
  });

  it("passes what is not IPv4 as it is", () => {
    const d = pushUdp(CONTAINER, 5000, SERVER, 53);
    store<u8>(d.ptr, 0x60);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    const frame = pushUdp(CONTAINER, 5000, SERVER, 53);
    Ethernet.at(frame.ptr).emit(2, 4, ETHERTYPE_ARP_NET);
    frame.dropFlags(DescFlag.L3);
    expect<i32>(before(INSIDE)).toBe(Verdict.Consumed);
    pushEcho(CONTAINER, SERVER, 13, 1); // ICMP's timestamps
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().src).toBe(CONTAINER);
    pushEcho(CONTAINER, SERVER, 0, 1); // a reply to nobody
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().src).toBe(CONTAINER);
    expect<u32>(flows()).toBe(0);
  });

  it("says what is wrong with a packet", () => {
    pushUdp(CONTAINER, 5000, SERVER, 53).setRange(0, 20);
    expect<i32>(before(INSIDE)).toBe(Status.BadArgument);
    store<u8>(pushUdp(CONTAINER, 5000, SERVER, 53).ptr, 1, 12);
    expect<i32>(before(INSIDE)).toBe(Status.BadChecksum);
    const d = pushUdp(CONTAINER, 5000, SERVER, 53);
    d.setRange(d.ptr, 13);
    d.dropFlags(DescFlag.L3);
    expect<i32>(before(INSIDE)).toBe(Status.Truncated);
    push(PROTOCOL_UDP, CONTAINER, SERVER, 27);
    expect<i32>(before(INSIDE)).toBe(Status.Truncated);
    push(PROTOCOL_TCP, CONTAINER, SERVER, 39);
    expect<i32>(before(INSIDE)).toBe(Status.Truncated);
    push(PROTOCOL_ICMP, CONTAINER, SERVER, 27);
    expect<i32>(before(INSIDE)).toBe(Status.Truncated);
    pushUdp(CONTAINER, 5000, SERVER, 53);
    expect<i32>(before(7)).toBe(Status.BadPort);
    pushUdp(CONTAINER, 5000, SERVER, 53);
    expect<i32>(after(NONE)).toBe(Status.BadPort);
    expect<u32>(flows()).toBe(0);
  });

  it("begins no flow where nothing can come out", () => {
    pushUdp(CONTAINER, 5000, SERVER, 53);
    store<u32>(burst, 0, BurstAt.OutCap);
    expect<i32>(before(INSIDE)).toBe(Status.NoRoom);
    expect<u32>(flows()).toBe(0);
    store<u32>(burst, 2, BurstAt.Flags);
    expect<i32>(run(node, burst, Element.Nat)).toBe(Status.BadArgument);
    store<u32>(burst, 1, BurstAt.Flags);
    expect<i32>(run(node, burst, Element.Route)).toBe(Status.BadArgument);
  });

  it("follows protocols without ports by their addresses, fragments and all", () => {
    push(GRE, CONTAINER, SERVER);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().src).toBe(HOST);
    Ipv4.at(push(GRE, CONTAINER, SERVER).ptr).setFragment(64, false);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().src).toBe(HOST);
    push(GRE, OTHER, SERVER);
    expect<i32>(after(OUTSIDE)).toBe(Status.NoRoom);
    push(GRE, SERVER, HOST);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().dst).toBe(CONTAINER);
  });

  it("takes later fragments along, if it knows the first", () => {
    const first = pushUdp(CONTAINER, 5000, SERVER, 53);
    Ipv4.at(first.ptr).setFragment(0, true);
    Ipv4.at(first.ptr).setId(9);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    const later = push(PROTOCOL_UDP, CONTAINER, SERVER, 24);
    const payload = hexOf(later.ptr + 20, 4);
    Ipv4.at(later.ptr).setFragment(32, false);
    Ipv4.at(later.ptr).setId(9);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().src).toBe(HOST);
    expect<string>(hexOf(sent().payload, 4)).toBe(payload);
    const other = push(PROTOCOL_UDP, CONTAINER, SERVER, 24);
    Ipv4.at(other.ptr).setFragment(32, false);
    expect<i32>(after(OUTSIDE)).toBe(Status.Fragment);
  });
});
