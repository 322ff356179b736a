// What takes the fast path comes out as it does from the element's own way, to the last byte, and
// leaves the same node behind. SplitHorizon closes the fast path and, without routes, does nothing.
import { mix } from "../../../assembly/base/hash";
import { arenaEnd, nodeAt } from "../../../assembly/base/node";
import { Burst, BurstAt } from "../../../assembly/path/burst";
import { Desc, DescAt, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element, runElement } from "../../../assembly/path/element";
import { fastBurst } from "../../../assembly/path/fast";
import { fastDecap } from "../../../assembly/path/fast-decap";
import { fastEncap } from "../../../assembly/path/fast-encap";
import { FdbFlag } from "../../../assembly/table/fdb";
import { Port, PortAt, PortFlag, PortKind, portAt, portSet } from "../../../assembly/table/port";
import { RemoteAt, RemoteFlag, remoteSet } from "../../../assembly/table/remote";
import { ETHERTYPE_IPV4_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { UDP_IMAGE_LEN, VXLAN_IMAGE_LEN } from "../../../assembly/wire/overhead";
import { Udp } from "../../../assembly/wire/udp";
import { VXLAN_HEADER_LEN, Vxlan } from "../../../assembly/wire/vxlan";
import { openNode, place, portRecord, remoteRecord, setDomain, setStation } from "../table/node";
import { HEADROOM_LEN, inAt, OWN_VTEP, openBurst, pushAt, putIp, roomFor, VTEP } from "./packets";

const HERE_MAC: u64 = 0x010000000002;
const THERE_MAC: u64 = 0x020000000002;
const AGE_S: u32 = 300;
const FRAME_LEN: u32 = 80;
const TRIALS: u32 = 150;
const FLAGS: u32 = PortFlag.Ecn | PortFlag.Learn | PortFlag.StrictPeer;

let node: usize = 0;
let burst: usize = 0;
let state: u64 = 0;

function roll(count: u32): u32 {
  state = mix(state);
  return <u32>(state >> 33) % count;
}

function setMouth(flags: u32): void {
  const rec = portRecord(0, PortKind.Vxlan, 0, flags);
  store<u32>(rec, 5, PortAt.Vni);
  store<u32>(rec, 1450, PortAt.Mtu);
  store<u32>(rec, OWN_VTEP, PortAt.LocalIpv4);
  store<u16>(rec, 8472, PortAt.UdpPort);
  portSet(node, rec);
}

function begin(): void {
  node = openNode();
  setDomain(node, 0, 5, AGE_S);
  setMouth(FLAGS);
  for (let index: u32 = 0; index < 3; index++) {
    const rec = remoteRecord(index, VTEP + index, index < 2 ? RemoteFlag.Allowed : 0);
    store<u64>(rec, 0xaa0000000002 + index, RemoteAt.DstMac);
    store<u16>(rec, <u16>(index * 4000), RemoteAt.UdpPort);
    remoteSet(node, rec);
  }
  setStation(node, 0, THERE_MAC, place(0, 1));
  setStation(node, 0, HERE_MAC, place(0, 0), FdbFlag.Static);
  burst = openBurst(node);
}

/** A frame from one station to the other, in the next slot. */
function pushFrame(): Desc {
  const ptr = roomFor(node, burst);
  Ethernet.at(ptr).emit(THERE_MAC, HERE_MAC, ETHERTYPE_IPV4_NET);
  putIp(ptr + 14, FRAME_LEN - 14, PROTOCOL_UDP);
  return pushAt(burst, ptr, FRAME_LEN);
}

/** The same frame in a tunnel, as VTEP `index` sends it. Returns: where the datagram begins. */
function wrap(d: Desc, index: u32): usize {
  const outer = Ethernet.at(d.ptr - VXLAN_IMAGE_LEN);
  const udpLen = 8 + 8 + d.len;
  outer.emit(0xbb0000000002, 0xaa0000000002, ETHERTYPE_IPV4_NET);
  const ip = Ipv4.at(outer.payload);
  ip.emit(20 + udpLen, 64, PROTOCOL_UDP, VTEP + index, OWN_VTEP);
  Udp.at(ip.payload).emit(40000, 8472, udpLen);
  Vxlan.at(d.ptr - VXLAN_HEADER_LEN).emit(5);
  return changetype<usize>(outer);
}

/** A packet for `element` that is often, but not always, an ordinary one. */
function pushAny(element: Element): void {
  const isFrame = element == Element.VxlanEncapFrame || element == Element.VxlanDecapFrame;
  const d = pushFrame();
  const inner = Ipv4.at(d.ptr + 14);
  if (roll(3) == 0) inner.setTos(roll(256));
  if (roll(5) == 0) store<u16>(d.ptr + 12, <u16>(roll(2) == 0 ? 0xdd86 : 0x0081));
  if (roll(6) == 0) store<u8>(d.ptr + roll(FRAME_LEN), <u8>roll(256));
  if (roll(8) == 0) d.setRange(d.ptr, roll(3) == 0 ? 1455 + roll(20) : roll(FRAME_LEN));
  if (element >= Element.VxlanDecap) {
    const index = roll(4);
    const outer = wrap(d, index);
    const ip = Ipv4.at(outer + 14);
    if (roll(3) == 0) ip.setTos(roll(4));
    if (roll(6) == 0) store<u8>(outer + roll(VXLAN_IMAGE_LEN), <u8>roll(256));
    d.setRange(outer, VXLAN_IMAGE_LEN + d.len);
    if (!isFrame) {
      d.setRange(outer + UDP_IMAGE_LEN, d.len - UDP_IMAGE_LEN);
      d.setPeer(roll(6) == 0 ? (roll(2) == 0 ? OWN_VTEP : 0) : VTEP + index);
      d.setTos(ip.tos);
    }
  }
  if (roll(8) == 0) d.addFlags(1 << roll(9));
  if (roll(10) == 0) d.setGsoSize(roll(2));
  if (roll(20) == 0) d.setRange(d.ptr - roll(400), d.len);
}

/** What a burst of `element` leaves behind, at a port with these flags. */
function remains(element: Element, seed: u64, flags: u32, more: u32): u64 {
  state = seed;
  begin();
  for (let count = 1 + roll(4); count > 0; count--) pushAny(element);
  if (roll(6) == 0) store<u32>(burst, roll(3), BurstAt.OutCap);
  const ageS = roll(4) == 0 ? AGE_S : 1;
  store<f64>(burst, <f64>(ageS * 1000), BurstAt.NowMs);
  setMouth(flags | more);
  const answer = runElement(node, burst, element);
  setMouth(flags);
  memory.fill(node + nodeAt.FAST, 0, nodeAt.END - nodeAt.FAST);
  const outEnd = load<u32>(burst, BurstAt.Out) + answer * DescAt.End;
  const left = digest(load<u32>(burst, BurstAt.In), outEnd, <u64>answer);
  return digest(roomFor(node, openBurst(node)) - HEADROOM_LEN, arenaEnd(node), left) ^ nodeDigest();
}

function nodeDigest(): u64 {
  return digest(node + nodeAt.NOW_MS, <usize>load<u32>(node, nodeAt.SCRATCH), 0);
}

function digest(from: usize, to: usize, seed: u64): u64 {
  let all = seed;
  for (let at = from; at < to; at += 8) all = (all ^ load<u64>(at)) * 0x9e3779b97f4a7c15;
  return all ^ (all >> 29);
}

function expectTwins(element: Element, flags: u32): void {
  for (let trial: u32 = 0; trial < TRIALS; trial++) {
    const seed = mix(((<u64>trial) << 32) | element);
    const own = remains(element, seed, flags, 0);
    expect<u64>(own).toBe(remains(element, seed, flags, PortFlag.SplitHorizon));
  }
}

/** How many of two ordinary packets and one that is not take the fast path. */
function taken(element: Element): usize {
  const isDecap = element >= Element.VxlanDecap;
  const isFrame = element == Element.VxlanEncapFrame || element == Element.VxlanDecapFrame;
  for (let count = 0; count < 3; count++) {
    const d = pushFrame();
    if (isDecap) {
      Ethernet.at(d.ptr).emit(HERE_MAC, THERE_MAC, ETHERTYPE_IPV4_NET);
      const outer = wrap(d, 1);
      const ptr = isFrame ? outer : outer + UDP_IMAGE_LEN;
      d.setRange(ptr, FRAME_LEN + <u32>(isFrame ? VXLAN_IMAGE_LEN : VXLAN_HEADER_LEN));
      d.setPeer(VTEP + 1);
    }
    if (count == 2) d.addFlags(DescFlag.Gather);
  }
  const b = Burst.at(burst);
  b.begin(node);
  const port = Port.at(portAt(node, 0));
  expect<bool>(fastBurst(node, b, port, isDecap ? 0 : VXLAN_IMAGE_LEN, 0)).toBe(true);
  const end = isDecap
    ? fastDecap(node, b, port, b.input, isFrame)
    : fastEncap(node, b, port, b.input, isFrame);
  expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
  expect<i32>(inAt(burst, 2).verdict).toBe(0);
  expect<u32>(b.outCount).toBe(2);
  return (end - b.input) / DescAt.End;
}

describe("the fast path", () => {
  beforeEach(begin);

  it("takes what is ordinary, and stops where it is not", () => {
    for (let element = Element.VxlanEncap; element <= Element.VxlanDecapFrame; element++) {
      begin();
      expect<usize>(taken(element)).toBe(2);
    }
  });

  it("is closed where a port is not ordinary", () => {
    setMouth(PortFlag.ManyVnis);
    expect<bool>(fastBurst(node, Burst.at(burst), Port.at(portAt(node, 0)), 0, 0)).toBe(false);
  });

  it("leaves the same behind as the elements themselves", () => {
    for (let element = Element.VxlanEncap; element <= Element.VxlanDecapFrame; element++) {
      expectTwins(element, FLAGS);
    }
  });

  it("does so in Linux's mode, too", () => {
    for (let element = Element.VxlanEncap; element <= Element.VxlanDecapFrame; element++) {
      expectTwins(element, FLAGS | PortFlag.LinuxMode | PortFlag.DontFragment);
    }
  });
});
