// ARP, both ways: answers to who asks for us or for whom we know, what others say about themselves,
// and questions to neighbors (RFC 826, RFC 1027, RFC 5227).
import { count } from "../base/node";
import { Status } from "../base/status";
import { Hop, HopKind, hopAt } from "../table/hop";
import { routeFind } from "../table/lookup";
import {
  isAssigned,
  NeighborState,
  neighborAddress,
  neighborFind,
  neighborMac,
  neighborPlaces,
  neighborPort,
  stateOf,
} from "../table/neighbor";
import { Port, PortFlag, portAt } from "../table/port";
import { Heard, neighborHear, neighborTurn } from "../table/reach";
import { routeMatch } from "../table/route";
import { ARP_LEN, ARP_REPLY, ARP_REQUEST, Arp } from "../wire/arp";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_ARP_NET,
  Ethernet,
  isGroupMac,
  MAC_BROADCAST,
} from "../wire/ethernet";
import { Burst } from "./burst";
import { Desc, Verdict } from "./desc";
import { checkArrival, linkLen } from "./link";
import { isMartian } from "./outer";

const ARP_FRAME_LEN: u32 = ETHERNET_HEADER_LEN + ARP_LEN;
const NO_MAC: u64 = ~0;
const TICK_PLACES_MAX: u32 = 4096; // of the neighbor table, in one call

/** One frame of ARP. */
export function resolve(node: usize, b: Burst, d: Desc): i32 {
  const port = Port.at(portAt(node, d.port));
  const status = checkArrival(node, port, d);
  if (status != Status.Ok) return status;
  const isFrame = linkLen(d) != 0;
  if (!isFrame || Ethernet.at(d.ptr).etherTypeNet != ETHERTYPE_ARP_NET) return Status.BadProtocol;
  return hearArp(node, b, port, d);
}

/**
 * Takes in what the ARP message in `d` says of its sender, whose address `d` then has as its peer,
 * and answers if it asks for us. Requires: checkArrival has passed, and the EtherType is ARP.
 */
export function hearArp(node: usize, b: Burst, port: Port, d: Desc): i32 {
  const frame = Ethernet.at(d.ptr);
  const arp = Arp.at(frame.payload);
  const legal = checkArp(node, port, d);
  if (legal != Status.Ok) return legal;
  const target = arp.targetAddress;
  const isRequest = arp.isRequest;
  const isForUs = isOurs(node, port, target);
  let how = Heard.InPassing;
  if (isForUs && isRequest) how = Heard.Asking;
  if (isForUs && !isRequest && frame.dst == port.mac) how = Heard.Answering;
  const heard = hear(node, d, arp, how);
  if (heard == Status.Exists) return Status.ArpConflict;
  if (isRequest && (isForUs || isProxied(node, port, d, target))) return reply(b, d, port.mac);
  if (heard == Status.Ok) return Verdict.Consumed;
  return isRequest ? Status.NotForUs : Status.Unsolicited;
}

// Ok for a message from one station to us or to all, that nothing we know says is a lie.
function checkArp(node: usize, port: Port, d: Desc): Status {
  const frame = Ethernet.at(d.ptr);
  const arp = Arp.at(frame.payload);
  const status = Arp.check(changetype<usize>(arp), d.len - ETHERNET_HEADER_LEN);
  if (status != Status.Ok) return status;
  if (!isForStation(port, frame)) return Status.NotForUs;
  const mac = arp.senderMac;
  if (mac == 0 || isGroupMac(mac) || mac == port.mac) return Status.BadSourceMac;
  const sender = arp.senderAddress;
  const target = arp.targetAddress;
  if (sender != 0 && isMartian(sender)) return Status.Martian;
  if (arp.isRequest && isMartian(target)) return Status.Martian;
  if (sender != 0 && sender == port.ipv4) return Status.ArpConflict;
  if ((port.flags & PortFlag.ArpInspect) == 0) return Status.Ok;
  // Who has no address yet asks whether anybody has it (RFC 5227, section 2.1.1).
  const claimed = sender != 0 ? sender : target;
  const isHonest = frame.src == mac && isAssigned(node, d.port, claimed, mac);
  return isHonest ? Status.Ok : Status.ArpSpoofed;
}

/** True for a frame to the station at `port`, or to more than one. */
export function isForStation(port: Port, frame: Ethernet): bool {
  const dst = frame.dst;
  return dst == port.mac || isGroupMac(dst);
}

// What the sender says of itself (RFC 826). Ok, NotFound where nobody wants to know, or Exists.
function hear(node: usize, d: Desc, arp: Arp, how: Heard): Status {
  const sender = arp.senderAddress;
  if (sender == 0) return Status.NotFound; // a probe, not learned (RFC 5227, section 2.1.1)
  let status = neighborHear(node, d.port, sender, arp.senderMac, how);
  if (status == Status.NoRoom) {
    count(node, Status.LearnRefused);
    status = Status.NotFound;
  }
  if (status == Status.NeighborMoved) {
    count(node, status);
    status = Status.Ok;
  }
  if (status == Status.Ok) d.setPeer(sender);
  return status;
}

// True for the port's own address, and for each that a route calls local.
function isOurs(node: usize, port: Port, address: u32): bool {
  if (address == port.ipv4) return true;
  const hop = Hop.at(hopAt(node, routeFind(node, address)));
  return changetype<usize>(hop) != 0 && hop.kind == HopKind.Local;
}

// RFC 1027: true for an address that a route, other than the default one, leads to by another port.
function isProxied(node: usize, port: Port, d: Desc, target: u32): bool {
  if ((port.flags & PortFlag.ArpProxy) == 0) return false;
  const match = routeMatch(node, target);
  if (match >> 16 <= 0) return false;
  const hop = Hop.at(hopAt(node, match & 0xffff));
  const isThrough = hop.kind == HopKind.Unicast || hop.kind == HopKind.Connected;
  return isThrough && hop.port != d.port;
}

/**
 * Answers the ARP request in `d` for who lives behind port `b.port`; the answer goes back to the
 * port that the request came in by. Whatever cannot be answered ends here, as behind Linux's
 * `proxy`. Requires: Ethernet.check has passed, and the EtherType is ARP.
 */
export function answerArp(node: usize, b: Burst, d: Desc): i32 {
  const request = Arp.at(Ethernet.at(d.ptr).payload);
  const status = Arp.check(changetype<usize>(request), d.len - ETHERNET_HEADER_LEN);
  if (status != Status.Ok) return status;
  if (!request.isRequest) return Status.Unresolved;
  const mac = neighborFind(node, b.port, request.targetAddress);
  return mac == NO_MAC ? Status.Unresolved : reply(b, d, mac);
}

// Says to the asker that what it asks for has `mac`.
function reply(b: Burst, d: Desc, mac: u64): i32 {
  const answer = b.originate(d.port, ARP_FRAME_LEN, 0);
  if (answer == 0) return Status.NoRoom;
  const request = Arp.at(Ethernet.at(d.ptr).payload);
  const asker = request.senderMac;
  Ethernet.at(answer).emit(asker, mac, ETHERTYPE_ARP_NET);
  const arp = Arp.at(Ethernet.at(answer).payload);
  arp.emit(ARP_REPLY, mac, request.targetAddress, asker, request.senderAddress);
  return Verdict.Consumed;
}

/** Asks `mac`, or all, by port `index` who has `target`. Nothing where there is no room. */
export function ask(node: usize, b: Burst, index: u32, target: u32, mac: u64): void {
  const port = Port.at(portAt(node, index));
  const request = b.originate(index, ARP_FRAME_LEN, 0);
  if (request == 0) return;
  Ethernet.at(request).emit(mac, port.mac, ETHERTYPE_ARP_NET);
  const arp = Arp.at(Ethernet.at(request).payload);
  arp.emit(ARP_REQUEST, port.mac, port.ipv4, 0, target);
}

/**
 * Lets time pass for neighbors, as many as one call has time for and `out` has room to ask; the
 * next call goes on behind them. Returns: requests in `out`, or BadArgument.
 */
export function tick(node: usize, burst: usize): i32 {
  const status = Burst.check(node, burst);
  if (status != Status.Ok) return status;
  const b = Burst.at(burst);
  b.begin(node);
  let turns = min(neighborPlaces(node), TICK_PLACES_MAX);
  for (; turns > 0 && b.hasRoom && b.hasSpare(ARP_FRAME_LEN); turns--) {
    const entry = neighborTurn(node);
    if (entry == 0) continue;
    const isAlone = stateOf(entry) == NeighborState.Probe;
    const mac = isAlone ? neighborMac(entry) : MAC_BROADCAST;
    ask(node, b, neighborPort(entry), neighborAddress(entry), mac);
  }
  return <i32>b.outCount;
}
