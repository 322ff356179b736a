// A learning bridge (IEEE 802.1D-2004, section 7): a frame goes out by the port that its
// destination was last seen behind, and by all others while nobody has seen it. It never goes back
// to where it came from, nor from one isolated port to another.
//
// Tunnels are ports as any. What came out of one was learned there, with its remote; what is to go
// into one gets a single copy here, however many remotes the flood list has behind that port.
import { count, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import { Domain, domainAt, NO_VNI } from "../table/domain";
import { FDB_MISS, fdbFind } from "../table/fdb";
import { floodFirst, floodNext, floodPlace } from "../table/flood";
import { Port, PortFlag, PortKind, portAt } from "../table/port";
import { Ethernet, isGroupMac, isReservedMac } from "../wire/ethernet";
import { Burst, withCopy } from "./burst";
import { remember } from "./decap";
import { Desc, DescAt, DescFlag, NONE, Verdict } from "./desc";
import { checkFrame, packetLen } from "./frame";
import { carriesFrames } from "./link";
import { domainOf } from "./outer";

const visited: usize = memory.data(0x10000 >> 3, 4); // by a flood, a bit for each port; else clear

/** One frame through the bridge of the port that it came in by. */
export function bridgeFrame(node: usize, b: Burst, d: Desc): i32 {
  const status = checkFrame(node, b, d, 0);
  if (status != Status.Ok) return status;
  const ingress = Port.at(portAt(node, d.port));
  if (!carriesFrames(ingress)) return Status.BadPort;
  const domain = domainOf(node, ingress, d);
  if (domain < 0) return Status.UnknownVni;
  const learned = learn(node, ingress, d, domain);
  if (learned != Status.Ok) return learned;
  const dst = Ethernet.at(d.ptr).dst;
  if (isReservedMac(dst)) return Status.ReservedGroup;
  if (isGroupMac(dst)) return flood(node, b, d, domain, 0);
  const place = fdbFind(node, domain, dst, nowSeconds(node));
  if (place == FDB_MISS) return flood(node, b, d, domain, PortFlag.Flood);
  return forward(node, b, d, domain, place & 0xffff);
}

// A source that a fixed entry places elsewhere is dropped; Linux's bridge forwards it unlearned.
function learn(node: usize, ingress: Port, d: Desc, domain: u32): Status {
  const src = Ethernet.at(d.ptr).src;
  if (src == 0 || isGroupMac(src)) return Status.BadSourceMac;
  const flags = ingress.flags;
  if ((flags & PortFlag.Learn) == 0 || ingress.kind != PortKind.Ethernet) return Status.Ok;
  const status = remember(node, domain, src, d.port | (NONE << 16));
  if (status == Status.Ok || (flags & PortFlag.LinuxMode) == 0) return status;
  count(node, Status.LearnRefused);
  return Status.Ok;
}

// A copy to every port that the flood list names and that has the flags `needed`. The verdict is
// the frame's: consumed when a copy left; each copy that did not is counted by its reason.
function flood(node: usize, b: Burst, d: Desc, domain: u32, needed: u32): i32 {
  let verdict: i32 = Status.UnknownStation;
  const before = b.next;
  for (let cursor = floodFirst(node, domain); cursor != 0; cursor = floodNext(node, cursor)) {
    const to = floodPlace(node, cursor) & 0xffff;
    if (!visit(to)) continue; // who has many remotes makes the copies for them
    if ((Port.at(portAt(node, to)).flags & needed) != needed) continue;
    const sent = forward(node, b, d, domain, to);
    if (sent == Status.Hairpin || sent == Status.Isolated) continue; // they were to have none
    verdict = withCopy(node, verdict, sent);
  }
  for (let cursor = floodFirst(node, domain); cursor != 0; cursor = floodNext(node, cursor)) {
    store<u8>(visited + ((floodPlace(node, cursor) & 0xffff) >> 3), 0);
  }
  share(before, b.next);
  return verdict;
}

// True where this flood has not been yet.
function visit(port: u32): bool {
  const at = visited + (port >> 3);
  const bits: u32 = load<u8>(at);
  const bit: u32 = 1 << (port & 7);
  store<u8>(at, <u8>(bits | bit));
  return (bits & bit) == 0;
}

// Tells the descriptors from `first` to `end`, if there are several, that they hold the same bytes.
function share(first: Desc, end: Desc): void {
  let at = changetype<usize>(first);
  if (at + DescAt.End >= changetype<usize>(end)) return;
  for (; at < changetype<usize>(end); at += DescAt.End) Desc.at(at).addFlags(DescFlag.Shared);
}

// Appends the frame in `d`, going out by port `to`, or says why it does not.
function forward(node: usize, b: Burst, d: Desc, domain: u32, to: u32): i32 {
  if (to == d.port) return Status.Hairpin;
  const egress = Port.at(portAt(node, to));
  if (!carriesFrames(egress)) return Status.BadPort;
  const flags = egress.flags;
  const areIsolated = (flags & Port.at(portAt(node, d.port)).flags & PortFlag.Isolated) != 0;
  if (areIsolated) return Status.Isolated;
  if (packetLen(d) > egress.mtu) return Status.TooBig;
  const vni = Domain.at(domainAt(node, domain)).vni;
  const isOneOfMany = (flags & PortFlag.ManyVnis) != 0;
  if (isOneOfMany && vni == NO_VNI) return Status.UnknownVni;
  if (!b.hasRoom) return Status.NoRoom;
  const o = b.next;
  memory.copy(changetype<usize>(o), changetype<usize>(d), DescAt.End);
  o.setPort(to);
  if (isOneOfMany) o.setVni(vni);
  b.commit();
  return Verdict.Consumed;
}
