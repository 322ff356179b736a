// The loop that every element shares: check the burst once, give each packet a verdict, account
// once at the end.
import { isWithin } from "../base/arith";
import { addCount, arena, arenaEnd, count } from "../base/node";
import { Status } from "../base/status";
import { Port, PortKind, portAt } from "../table/port";
import { VXLAN_IMAGE_LEN } from "../wire/overhead";
import { VIRTIO_HEADER_LEN } from "../wire/virtio";
import { VXLAN_HEADER_LEN } from "../wire/vxlan";
import { bridgeFrame } from "./bridge";
import { Burst, BurstFlag } from "./burst";
import { coalesce, setFloor } from "./coalesce";
import { vxlanDecap } from "./decap";
import { Desc, DescAt, DescFlag } from "./desc";
import { vxlanEncap } from "./encap";
import { fastBurst } from "./fast";
import { fastDecap } from "./fast-decap";
import { fastEncap } from "./fast-encap";
import { isNowhere } from "./link";
import { nat } from "./nat";
import { resolve } from "./resolve";
import { route } from "./route";
import { segment } from "./segment";
import { closeFlows } from "./stream";
import { ipipEncap, leaveTunnel, udpEncap } from "./tunnel";

/** What is done with each packet. */
export const enum Element {
  VxlanEncap,
  VxlanEncapFrame,
  VxlanDecap,
  VxlanDecapFrame,
  UdpEncap,
  UdpEncapFrame,
  UdpDecap,
  UdpDecapFrame,
  IpipEncapFrame,
  IpipDecapFrame,
  Bridge, // from here on each packet names the port that it came in by
  Route,
  Resolve,
  Nat,
  Segment,
  Coalesce,
}

const ABOVE_ALL: usize = 0xffffffff;

/** Runs a burst through `element`. Returns: packets in `out`, BadArgument or BadPort. */
export function runElement(node: usize, burst: usize, element: Element): i32 {
  const status = Burst.check(node, burst, flagsOf(element));
  if (status != Status.Ok) return status;
  const b = Burst.at(burst);
  const port = Port.at(portAt(node, b.port));
  if (!suits(port, element)) return Status.BadPort;
  b.begin(node);
  const isDelivering = (b.flags & BurstFlag.Virtio) != 0 && delivers(element);
  const hasFast = hasFastPath(node, b, port, element);
  let passed: u32 = 0;
  const end = b.inputEnd;
  for (let at = b.input; at < end; at += DescAt.End) {
    if (hasFast) {
      const ahead = skip(node, b, port, at, element);
      passed += <u32>(ahead - at) / DescAt.End;
      at = ahead;
      if (at == end) break;
    }
    const d = Desc.at(at);
    if (d.verdict != 0) continue;
    const verdict = isDelivering
      ? stepEach(node, b, port, d, element)
      : step(node, b, port, d, element);
    d.setVerdict(verdict);
    if (verdict > 0) passed += 1;
    else count(node, verdict);
  }
  if (isDelivering) closeFlows(b);
  addCount(node, Status.Ok, passed);
  return <i32>b.outCount;
}

// The flags that the element knows.
function flagsOf(element: Element): u32 {
  switch (element) {
    case Element.Nat:
      return BurstFlag.AfterRouting;
    case Element.VxlanEncap:
    case Element.UdpEncap:
    case Element.Segment:
      return BurstFlag.Virtio;
    default:
      return delivers(element) ? BurstFlag.Virtio | BurstFlag.UdpL4 : 0;
  }
}

// True for an element whose packets may go to a device with virtio headers.
function delivers(element: Element): bool {
  switch (element) {
    case Element.VxlanDecap:
    case Element.UdpDecap:
    case Element.Coalesce:
      return true;
    default:
      return false;
  }
}

// True for a port that the element can work for. From the bridge on, elements work for the port
// that each packet names, and for none of their own.
function suits(port: Port, element: Element): bool {
  return element >= Element.Bridge || (!isNowhere(port) && port.kind == kindFor(element));
}

function kindFor(element: Element): PortKind {
  if (element <= Element.VxlanDecapFrame) return PortKind.Vxlan;
  return element <= Element.UdpDecapFrame ? PortKind.UdpTunnel : PortKind.Ipip;
}

// Judges each of the datagrams that lie behind one another in `d`, which may be one alone. Returns:
// the verdict of all, consumed when one passed; what became of the others is counted here.
function stepEach(node: usize, b: Burst, port: Port, d: Desc, element: Element): i32 {
  const start = d.ptr;
  const len = d.len;
  const flags = d.flags;
  const size = (flags & DescFlag.UdpGro) == 0 ? len : d.gsoSize;
  const floor = (flags & DescFlag.Shared) == 0 ? arena(node) : ABOVE_ALL;
  setFloor(floor);
  if ((flags & DescFlag.UdpGro) == 0) return step(node, b, port, d, element);
  if (size == 0) return Status.BadOffload;
  if (!isWithin(arena(node), arenaEnd(node), start, len)) return Status.BadArgument;
  d.dropFlags(DescFlag.UdpGro);
  d.setGsoSize(0);
  d.setRange(start, min(size, len));
  let verdict = step(node, b, port, d, element);
  for (let at = size; at < len; at += size) {
    d.setRange(start + at, min(size, len - at));
    setFloor(max(floor, d.ptr)); // what is in front is the one before it
    const next = step(node, b, port, d, element);
    count(node, min(min(verdict, next), Status.Ok));
    verdict = max(verdict, next);
  }
  d.setRange(start, len);
  d.setGsoSize(size);
  d.addFlags(DescFlag.UdpGro);
  return verdict;
}

// True where ordinary packets have a fast path through this element.
function hasFastPath(node: usize, b: Burst, port: Port, element: Element): bool {
  switch (element) {
    case Element.VxlanEncap:
      return fastBurst(node, b, port, headroomOf(b), 0);
    case Element.VxlanEncapFrame:
      return fastBurst(node, b, port, VXLAN_IMAGE_LEN, DescFlag.OuterFrame);
    case Element.VxlanDecap:
    case Element.VxlanDecapFrame:
      return b.flags == 0 && fastBurst(node, b, port, 0, DescFlag.Decapped);
    default:
      return false;
  }
}

// In front of a frame that leaves as a datagram.
function headroomOf(b: Burst): u32 {
  return (b.flags & BurstFlag.Virtio) != 0 ? VIRTIO_HEADER_LEN : VXLAN_HEADER_LEN;
}

// Past all packets that take the fast path. Returns: the first that does not, or the end.
function skip(node: usize, b: Burst, port: Port, at: usize, element: Element): usize {
  if (element <= Element.VxlanEncapFrame) {
    return fastEncap(node, b, port, at, element == Element.VxlanEncapFrame);
  }
  return fastDecap(node, b, port, at, element == Element.VxlanDecapFrame);
}

function step(node: usize, b: Burst, port: Port, d: Desc, element: Element): i32 {
  switch (element) {
    case Element.VxlanEncap:
      return vxlanEncap(node, b, port, d, false);
    case Element.VxlanEncapFrame:
      return vxlanEncap(node, b, port, d, true);
    case Element.VxlanDecap:
      return vxlanDecap(node, b, port, d, false);
    case Element.VxlanDecapFrame:
      return vxlanDecap(node, b, port, d, true);
    case Element.UdpEncap:
      return udpEncap(node, b, port, d, false);
    case Element.UdpEncapFrame:
      return udpEncap(node, b, port, d, true);
    case Element.UdpDecap:
      return leaveTunnel(node, b, port, d, false);
    case Element.UdpDecapFrame:
    case Element.IpipDecapFrame:
      return leaveTunnel(node, b, port, d, true);
    case Element.IpipEncapFrame:
      return ipipEncap(node, b, port, d);
    case Element.Bridge:
      return bridgeFrame(node, b, d);
    case Element.Route:
      return route(node, b, d);
    case Element.Resolve:
      return resolve(node, b, d);
    case Element.Segment:
      return segment(node, b, d);
    case Element.Coalesce:
      return coalesce(node, b, d);
    default:
      return nat(node, b, d);
  }
}
