// The router the slow way: what becomes of one packet, by ABI.md and the RFCs that it names. Of
// `room` packets that may come out; there is always room for their bytes.
import { withWord } from "./checksum.ts";
import { refuseTo } from "./error.ts";
import type { How, NeighborModel } from "./neighbor.ts";
import type { ModelHop, ModelNode, ModelPort } from "./node.ts";
import { type Address, addressNumber, arp, ethernet, ipv4, join, type Mac } from "./packet.ts";
import {
  type ArpView,
  type EthernetView,
  type Ipv4View,
  isGroup,
  isMartian,
  isWrong,
  judgeArp,
  judgeEthernet,
  judgeIpv4,
  wordAt,
} from "./parse.ts";
import { drop, type Fate, type ModelOut, type ModelPacket, refuse } from "./path.ts";
import { own } from "./vxlan.ts";

const ARP = 0x0806;
const EVERYBODY = "ff:ff:ff:ff:ff:ff";
const NOBODY = "00:00:00:00:00:00";

export interface Routed extends Fate {
  /** Of the packet that went in, afterwards. */
  readonly port: number | null;
  readonly peer: Address | null;
}

export interface Surroundings {
  readonly node: ModelNode;
  readonly neighbors: NeighborModel;
  /** Packets that may come out. */
  readonly room: number;
}

interface Case extends Surroundings {
  readonly packet: ModelPacket;
  /** Undefined for a packet of the host's own. */
  readonly port: ModelPort | undefined;
}

/** Any packet; with `isArp` ARP alone. */
export function route(around: Surroundings, packet: ModelPacket, isArp: boolean): Routed {
  const stay = { port: packet.port, peer: packet.peer };
  const refused = refuse(packet, 0);
  if (refused !== undefined) return { ...drop(refused), ...stay };
  const port = packet.port === null ? undefined : around.node.ports.get(packet.port);
  const isFrame = !packet.flags.includes("l3");
  const isOwn = packet.port === null && !isFrame;
  if (port === undefined && !isOwn) return { ...drop("BadPort"), ...stay };
  if (port !== undefined && isFrame !== carriesFrames(port)) {
    return { ...drop("BadProtocol"), ...stay };
  }
  const one = { ...around, packet, port };
  if (!isFrame || port === undefined) {
    return isArp ? { ...drop("BadProtocol"), ...stay } : { ...stay, ...routeIp(one, packet.bytes) };
  }
  const frame = judgeEthernet(packet.bytes);
  if (isWrong(frame)) return { ...drop(frame.wrong), ...stay };
  if (frame.etherType === ARP) return { ...stay, ...hear({ ...one, port }, frame) };
  if (isArp) return { ...drop("BadProtocol"), ...stay };
  if (!isForStation(port, frame)) return { ...drop("NotForUs"), ...stay };
  if (frame.etherType !== 0x0800) return { ...drop("BadProtocol"), ...stay };
  return { ...stay, ...routeIp(one, frame.payload, frame) };
}

function carriesFrames({ kind }: ModelPort): boolean {
  return kind === "ethernet" || kind === "vxlan";
}

function isForStation(port: ModelPort, { dst }: EthernetView): boolean {
  return dst === (port.mac ?? NOBODY) || isGroupMac(dst);
}

function isGroupMac(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

function routeIp(one: Case, bytes: Uint8Array, frame?: EthernetView): Partial<Routed> & Fate {
  const ip = judgeIpv4(bytes);
  if (isWrong(ip)) return drop(ip.wrong);
  const fault = faultOf(ip);
  if (fault !== undefined) return drop(fault);
  const place = placeOf(one.port, ip, frame);
  if (place === "forUs") return { verdict: "forUs", outs: [], events: [] };
  return place === undefined ? onward(one, ip, bytes) : drop(place);
}

// Options, and what filters want to see (RFC 1858).
function faultOf(ip: Ipv4View): string | undefined {
  const options = [...ip.header.subarray(20)];
  let hasSourceRoute = false;
  while (options.length > 0 && options[0] !== 0) {
    const [kind = 0, len = 0] = options;
    const taken = kind === 1 ? 1 : len;
    if (kind !== 1 && (len < 2 || len > options.length)) return "BadOption";
    if (kind === 131 || kind === 137) hasSourceRoute = true;
    options.splice(0, taken);
  }
  if (hasSourceRoute) return "SourceRoute";
  if (ip.offset * 8 + ip.totalLength > 65535) return "BadLength";
  const isFragment = ip.moreFragments || ip.offset !== 0;
  if (ip.protocol === 6 && ip.offset === 1) return "TinyFragment";
  const needed = { 6: 16, 17: 8 }[ip.protocol] ?? 0;
  const isTiny = isFragment && ip.offset === 0 && ip.payload.length < needed;
  return isTiny ? "TinyFragment" : undefined;
}

// What addresses alone decide.
function placeOf(
  port: ModelPort | undefined,
  ip: Ipv4View,
  frame?: EthernetView,
): string | undefined {
  const first = addressNumber(ip.dst) >>> 24;
  if (first === 127 || first === 0) return "Martian";
  if (port === undefined) return undefined;
  const isAll = ip.dst === "255.255.255.255";
  if (isAll && ip.src === "0.0.0.0") return "forUs";
  if (isMartian(ip.src) || isSubnetBroadcast(port, ip.src)) return "Martian";
  if (frame !== undefined && ip.src === (port.ipv4 ?? "0.0.0.0")) return "Martian";
  if (isAll || isSubnetBroadcast(port, ip.dst)) return "forUs";
  const isShout = frame !== undefined && isGroupMac(frame.dst);
  if (isShout && !isGroup(ip.dst)) return "NotForUs";
  return ip.dst === port.ipv4 ? "forUs" : undefined;
}

function isSubnetBroadcast(port: ModelPort, address: Address): boolean {
  const { prefixLen = 0 } = port;
  if (prefixLen === 0 || prefixLen > 30) return false;
  const hosts = 2 ** (32 - prefixLen);
  const network = Math.floor(addressNumber(port.ipv4 ?? "0.0.0.0") / hosts) * hosts;
  return addressNumber(address) === network + hosts - 1;
}

function hopFor(node: ModelNode, dst: Address): ModelHop | undefined {
  const found = node.routes.lookup(addressNumber(dst));
  return found === undefined ? undefined : node.hops.get(found.hop);
}

function onward(one: Case, ip: Ipv4View, bytes: Uint8Array): Partial<Routed> & Fate {
  const { node, neighbors, packet, port, room } = one;
  const tell = (verdict: string, mtu = 0): Fate => told(one, verdict, mtu);
  const hop = hopFor(node, ip.dst);
  if (hop === undefined) return tell("NoRoute");
  if (hop.kind === "blackhole") return drop("Blackhole");
  if (hop.kind === "unreachable") return tell("Unreachable");
  if (hop.kind === "prohibit") return tell("Prohibited");
  if (hop.kind === "local") return { verdict: "forUs", outs: [], events: [] };
  if (isGroup(ip.dst)) return drop("NotForUs");
  const egress = hop.port === null ? undefined : node.ports.get(hop.port);
  if (egress === undefined) return tell("NoRoute");
  if (isSubnetBroadcast(egress, ip.dst)) return { verdict: "forUs", outs: [], events: [] };
  if (port !== undefined && ip.ttl < 2) return tell("TtlExceeded");
  const mtu = hop.mtu || egress.mtu || 65535;
  if (ip.totalLength > mtu && ip.isDontFragment) return tell("TooBig", mtu);
  if (room === 0) return drop("NoRoom");
  const whole = bytes.slice(0, ip.totalLength);
  const older = port === undefined ? whole : withWord(whole, 8, wordAt(whole, 8) - 256, 10);
  const parts = older.length > mtu ? cut(older, mtu) : [older];
  const leave = (wrap: (part: Uint8Array) => Uint8Array): Fate => {
    if (parts.length === 0 || parts.length > room) return drop("NoRoom");
    const flags =
      port === undefined ? ["originated"] : packet.flags.filter((f) => f === "decapped");
    const all = carriesFrames(egress) ? flags : ["l3", ...flags];
    const outs = parts.map((part): ModelOut => {
      return { ...own(egress.index, wrap(part), all), remote: packet.remote };
    });
    return { verdict: "consumed", outs, events: [] };
  };
  if (!carriesFrames(egress)) return leave((part) => part);
  const nextHop = hop.gateway ?? ip.dst;
  const used = neighbors.use(egress.index, nextHop, node.nowMs);
  if (typeof used === "object") {
    return leave((part) => ethernet({ dst: used.mac, src: egress.mac ?? NOBODY }, part));
  }
  if (used !== "ask" && used !== "wait") return tell(used);
  const outs = used === "ask" ? [question(egress, nextHop, EVERYBODY)] : [];
  return { verdict: "waiting", outs, events: [], port: egress.index, peer: nextHop };
}

function told({ node, port, packet, room }: Case, verdict: string, mtu: number): Fate {
  if (port === undefined) return drop(verdict);
  const fate = refuseTo(node, port, packet, verdict, mtu);
  return fate.outs.length > room ? drop(verdict, "ErrorSuppressed") : fate;
}

/** RFC 791, section 3.2: nothing where the MTU has no room for a header and eight bytes. */
export function cut(packet: Uint8Array, mtu: number): Uint8Array[] {
  const ip = judgeIpv4(packet);
  if (isWrong(ip)) return [];
  const parts: Uint8Array[] = [];
  const kept = keptOptions(ip.header.subarray(20));
  for (let at = 0; at < ip.payload.length; ) {
    const options = at === 0 ? ip.header.subarray(20) : kept;
    const room = mtu - 20 - options.length;
    const rest = ip.payload.length - at;
    const len = rest <= room ? rest : Math.floor(Math.max(room, 0) / 8) * 8;
    if (len === 0) return [];
    const hasMore = at + len < ip.payload.length || ip.moreFragments;
    const reserved = wordAt(packet, 6) & 0xc000;
    const fragment = reserved + (hasMore ? 0x2000 : 0) + ((ip.offset + at / 8) & 0x1fff);
    const { src, dst, ttl, tos, protocol } = ip;
    const fields = { src, dst, ttl, tos, protocol, id: wordAt(packet, 4), fragment, options };
    parts.push(ipv4(fields, ip.payload.subarray(at, at + len)));
    at += len;
  }
  return parts;
}

// The options that all fragments have, padded to whole words.
function keptOptions(options: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < options.length && options[at] !== 0; ) {
    const kind = options[at] ?? 0;
    const len = kind === 1 ? 1 : (options[at + 1] ?? 2);
    if ((kind & 0x80) !== 0) kept.push(...options.subarray(at, at + len));
    at += len;
  }
  return join(Uint8Array.from(kept), new Uint8Array((4 - (kept.length % 4)) % 4));
}

/** An ARP request by a port. */
export function question(port: ModelPort, targetAddress: Address, dst: Mac): ModelOut {
  const senderMac = port.mac ?? NOBODY;
  const senderAddress = port.ipv4 ?? "0.0.0.0";
  const message = { operation: 1, senderMac, senderAddress, targetMac: NOBODY, targetAddress };
  const bytes = ethernet({ dst, src: senderMac, etherType: ARP }, arp(message));
  return own(port.index, bytes, ["originated"]);
}

function hear(one: Case & { port: ModelPort }, frame: EthernetView): Partial<Routed> & Fate {
  const { node, neighbors, port, room } = one;
  const said = judgeArp(frame.payload);
  if (isWrong(said)) return drop(said.wrong);
  const fault = arpFault(one, frame, said);
  if (fault !== undefined) return drop(fault);
  const { senderAddress: sender, senderMac, targetAddress: target } = said;
  const isRequest = said.operation === 1;
  const isLocal = hopFor(node, target)?.kind === "local";
  const isForUs = target === (port.ipv4 ?? "0.0.0.0") || isLocal;
  const isAlone = frame.dst === (port.mac ?? NOBODY);
  let how: How = "inPassing";
  if (isForUs && isRequest) how = "asking";
  if (isForUs && !isRequest && isAlone) how = "answering";
  const isProbe = sender === "0.0.0.0";
  const heard = isProbe
    ? "NotFound"
    : neighbors.hear(port.index, sender, senderMac, how, node.nowMs);
  if (heard === "Exists") return drop("ArpConflict");
  const isKnown = heard === "Ok" || heard === "NeighborMoved";
  const peer = isKnown ? { peer: sender } : {};
  const events = { NeighborMoved: ["NeighborMoved"], NoRoom: ["LearnRefused"] }[heard] ?? [];
  if (isRequest && (isForUs || isProxied(one, target))) {
    if (room === 0) return { ...drop("NoRoom", ...events), ...peer };
    const mac = port.mac ?? NOBODY;
    const message = arp({
      ...{ operation: 2, senderMac: mac, senderAddress: target },
      ...{ targetMac: senderMac, targetAddress: sender },
    });
    const bytes = ethernet({ dst: senderMac, src: mac, etherType: ARP }, message);
    return { verdict: "consumed", outs: [own(port.index, bytes, ["originated"])], events, ...peer };
  }
  if (isKnown) return { verdict: "consumed", outs: [], events, ...peer };
  return drop(isRequest ? "NotForUs" : "Unsolicited", ...events);
}

function arpFault(
  { neighbors, port }: Case & { port: ModelPort },
  frame: EthernetView,
  said: ArpView,
): string | undefined {
  const { senderAddress: sender, senderMac: mac, targetAddress: target } = said;
  if (!isForStation(port, frame)) return "NotForUs";
  if (mac === NOBODY || isGroupMac(mac) || mac === port.mac) return "BadSourceMac";
  const isProbe = sender === "0.0.0.0";
  if (!isProbe && isMartian(sender)) return "Martian";
  if (said.operation === 1 && isMartian(target)) return "Martian";
  if (!isProbe && sender === port.ipv4) return "ArpConflict";
  if (!port.flags.includes("arpInspect")) return undefined;
  const assigned = neighbors.find(port.index, isProbe ? target : sender);
  const isHonest = frame.src === mac && assigned?.state === "permanent" && assigned.mac === mac;
  return isHonest ? undefined : "ArpSpoofed";
}

// RFC 1027: what a route, other than the default one, leads to by another port.
function isProxied({ node, port }: Case & { port: ModelPort }, target: Address): boolean {
  if (!port.flags.includes("arpProxy")) return false;
  const found = node.routes.lookup(addressNumber(target));
  const hop = found === undefined || found.len === 0 ? undefined : node.hops.get(found.hop);
  const isThrough = hop?.kind === "unicast" || hop?.kind === "connected";
  return isThrough && hop.port !== port.index;
}
