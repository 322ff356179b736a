// VXLAN, both ways (RFC 7348).
import { withWord } from "./checksum.ts";
import { clamped } from "./clamp.ts";
import { refuseTo } from "./error.ts";
import type { ModelFlood, ModelNode, ModelPort, ModelRemote } from "./node.ts";
import { arp, ethernet, vxlan } from "./packet.ts";
import {
  type EthernetView,
  isWrong,
  judgeArp,
  judgeEthernet,
  judgeIpv4,
  judgeVxlan,
  macAt,
  wordAt,
} from "./parse.ts";
import {
  domainOf,
  drop,
  type Fate,
  give,
  innerTosAfter,
  judgeSource,
  judgeTarget,
  type ModelOut,
  type ModelPacket,
  open,
  outerFrame,
  outerTos,
  pathMtu,
  refuse,
} from "./path.ts";

const HEADER_LEN = 8;
const OUTER_LEN = 50;
const IPV4 = 0x0800;
const ARP = 0x0806;
const VLAN = 0x8100;
const IPV6 = 0x86dd;

/** A frame into the tunnel. */
export function vxlanEncap(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  isFrame: boolean,
): Fate {
  const refused = refuse(packet, isFrame ? OUTER_LEN : HEADER_LEN);
  if (refused !== undefined) return drop(refused);
  if (packet.flags.includes("l3")) return drop("BadProtocol");
  const frame = judgeEthernet(packet.bytes);
  if (isWrong(frame)) return drop(frame.wrong);
  const tagLen = frame.etherType === VLAN ? Math.min(4, frame.payload.length) : 0;
  if (frame.payload.length - tagLen > (port.mtu || 65535)) return drop("TooBig");
  if (20 + 8 + HEADER_LEN + packet.bytes.length > 65535) return drop("TooBig");
  if (port.flags.includes("arpProxy") && frame.etherType === ARP) {
    return answerArp(node, port, packet, frame);
  }
  const domain = domainOf(node, port, packet.vni);
  if (domain === undefined) return drop("UnknownVni");
  const station = node.fdb.get(domain, frame.dst);
  if (station === undefined) return flood(node, port, packet, domain, isFrame);
  if (station.port !== port.index) return drop("NotForUs");
  const target = judgeTarget(node, packet, station.remote, sourceOf(port, frame));
  if (isWrong(target)) return drop(target.wrong);
  const limit = Math.min(port.mtu || 65535, pathMtu(port, target));
  const isBig = frame.payload.length - tagLen > limit && isWhole(frame);
  if (isBig) return refuseTo(node, port, packet, "TooBig", limit);
  const isClamped = port.flags.includes("mssClamp") && !packet.flags.includes("shared");
  const bytes = isClamped ? clampedFrame(packet.bytes, limit) : packet.bytes;
  return give(wrap(port, { ...packet, bytes }, frame, target, outFlags(packet, isFrame, false)));
}

// The inner source where the routes are asked whose it is.
function sourceOf(port: ModelPort, frame: EthernetView): string | null {
  const { etherType, payload } = frame;
  const isAsked = port.flags.includes("splitHorizon") && etherType === IPV4 && payload.length >= 20;
  return isAsked ? payload.slice(12, 16).join(".") : null;
}

function isWhole({ etherType, payload }: EthernetView): boolean {
  const ip = judgeIpv4(payload);
  return etherType === IPV4 && !isWrong(ip) && ip.isDontFragment;
}

function clampedFrame(frame: Uint8Array, mtu: number): Uint8Array {
  if (wordAt(frame, 12) !== IPV4) return frame;
  const packet = frame.subarray(14);
  const after = clamped(packet, mtu);
  return after === packet ? frame : Uint8Array.from([...frame.subarray(0, 14), ...after]);
}

// Where others hold the same bytes and may want other headers, header and bytes are gathered.
function outFlags(packet: ModelPacket, isFrame: boolean, isFlood: boolean): string[] {
  const isShared = packet.flags.includes("shared");
  const flags = isFrame ? ["outerFrame"] : [];
  if (isShared || (isFlood && isFrame)) flags.unshift("gather");
  return isShared || isFlood ? [...flags, "shared"] : flags;
}

function flood(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  domain: number,
  isFrame: boolean,
): Fate {
  const frame = judgeEthernet(packet.bytes);
  const isMeant = (entry: ModelFlood): boolean =>
    entry.domain === domain && entry.port === port.index;
  const targets = node.flood.filter(isMeant);
  if (isWrong(frame) || targets.length === 0 || !port.flags.includes("flood")) {
    return drop("UnknownStation");
  }
  const outs: ModelOut[] = [];
  const reasons: string[] = [];
  for (const { remote } of targets) {
    const target = judgeTarget(node, packet, remote, sourceOf(port, frame));
    const flags = outFlags(packet, isFrame, true);
    if (isWrong(target)) reasons.push(target.wrong);
    else outs.push(wrap(port, packet, frame, target, flags));
  }
  if (outs.length > 0) return { verdict: "consumed", outs, events: reasons };
  // Nobody got a copy: SplitHorizon is the reason that says most, BadRemote says least.
  const verdict = reasons.includes("SplitHorizon") ? "SplitHorizon" : "BadRemote";
  reasons.splice(reasons.indexOf(verdict), 1);
  return drop(verdict, ...reasons);
}

function wrap(
  port: ModelPort,
  packet: ModelPacket,
  frame: EthernetView,
  remote: ModelRemote,
  flags: readonly string[],
): ModelOut {
  const vni = port.flags.includes("manyVnis") ? packet.vni : port.vni;
  const hasTos = frame.etherType === IPV4 && frame.payload.length >= 20;
  const tos = outerTos(port, hasTos ? (frame.payload[1] ?? 0) : 0);
  const payload = vxlan({ vni }, packet.bytes);
  const isOuter = flags.includes("outerFrame");
  return {
    bytes: (chosen) => (isOuter ? outerFrame({ port, remote, tos, chosen }, payload) : payload),
    port: port.index,
    flags,
    remote: remote.index,
    peer: remote.address,
    vni,
    tos,
    hasLane: true,
    ...(isOuter && { srcPorts: srcPorts(port) }),
  };
}

// Linux's local ports, or what RFC 7348 suggests in section 5.
function srcPorts(port: ModelPort): readonly [number, number] {
  return port.flags.includes("linuxMode") ? [32768, 60999] : [49152, 65535];
}

function answerArp(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  frame: EthernetView,
): Fate {
  const request = judgeArp(frame.payload);
  if (isWrong(request)) return drop(request.wrong);
  if (request.operation !== 1) return drop("Unresolved");
  const { senderMac, senderAddress, targetAddress } = request;
  const mac = node.neighborAt(port.index, targetAddress)?.mac;
  if (mac === undefined) return drop("Unresolved");
  const reply = arp({
    operation: 2,
    senderMac: mac,
    senderAddress: targetAddress,
    targetMac: senderMac,
    targetAddress: senderAddress,
  });
  const bytes = ethernet({ dst: senderMac, src: mac, etherType: ARP }, reply);
  return give(own(packet.port, bytes, ["originated"]));
}

/** What the core makes itself and sends back to `port`. */
export function own(port: number | null, bytes: Uint8Array, flags: readonly string[]): ModelOut {
  const none = { remote: null, peer: null, vni: 0, tos: 0, hasLane: false };
  return { bytes: () => bytes, port, flags, ...none };
}

/** A datagram out of the tunnel. The first failure is the reason. */
export function vxlanDecap(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  isFrame: boolean,
): Fate {
  const refused = refuse(packet, 0);
  if (refused !== undefined) return drop(refused);
  const opened = open(port, packet, isFrame);
  if (isWrong(opened)) return drop(opened.wrong);
  const header = judgeVxlan(
    opened.payload,
    port.flags.includes("linuxMode"),
    port.flags.includes("gbp"),
  );
  if (isWrong(header)) return drop(header.wrong);
  const { vni } = header;
  const domain = domainOf(node, port, vni);
  const isOurs = port.flags.includes("manyVnis") || vni === port.vni;
  if (!isOurs || domain === undefined) return drop("UnknownVni");
  const source = judgeSource(node, port, opened);
  if (isWrong(source)) return drop(source.wrong);
  const wrong = judgeInner(port, header.payload);
  if (wrong !== undefined) return drop(wrong);
  const seen = marked(port, header.payload, opened.tos);
  if (seen === undefined) return drop("EcnMismatch");
  const limit = Math.min(port.mtu || 65535, pathMtu(port, source.remote));
  const bytes = port.flags.includes("mssClamp") ? clampedFrame(seen, limit) : seen;
  const station = { domain, mac: macAt(bytes, 6) };
  const learned = learn(node, port, opened.peer, source.remote, station);
  if (learned.verdict !== undefined) return drop(learned.verdict);
  // Whoever changes bytes that are shared does it on a copy.
  const isShared = packet.flags.includes("shared") && bytes === header.payload;
  const out = {
    bytes: () => bytes,
    port: port.index,
    flags: isShared ? ["decapped", "shared"] : ["decapped"],
    remote: learned.remote?.index ?? null,
    peer: opened.peer,
    vni,
    tos: opened.tos,
    hasLane: false,
  };
  return { verdict: "consumed", outs: [out], events: learned.events };
}

function judgeInner(port: ModelPort, bytes: Uint8Array): string | undefined {
  const frame = judgeEthernet(bytes);
  if (isWrong(frame)) return "InnerTruncated";
  const least = { [IPV4]: 20, [IPV6]: 40 }[frame.etherType] ?? 0;
  if (frame.payload.length < least) return "InnerTruncated";
  if (frame.etherType === VLAN && !port.flags.includes("linuxMode")) return "BadProtocol";
  const isGroupMac = ((bytes[6] ?? 0) & 1) === 1;
  const isLegal = frame.src !== "00:00:00:00:00:00" && !isGroupMac && frame.src !== port.mac;
  return isLegal ? undefined : "BadSourceMac";
}

// undefined for a frame that must go.
function marked(port: ModelPort, frame: Uint8Array, outer: number): Uint8Array | undefined {
  const isIp = wordAt(frame, 12) === IPV4;
  if (!isIp) return frame;
  const [first = 0, tos = 0] = frame.subarray(14);
  const after = innerTosAfter(port, outer, tos);
  if (after === undefined || after === tos) return after === undefined ? undefined : frame;
  return withWord(frame, 14, first * 256 + after, 24);
}

interface Lesson {
  readonly remote: ModelRemote | undefined;
  readonly events: readonly string[];
  readonly verdict?: string;
}

function learn(
  node: ModelNode,
  port: ModelPort,
  peer: string | null,
  known: ModelRemote | undefined,
  station: { readonly domain: number; readonly mac: string },
): Lesson {
  if (!port.flags.includes("learn")) return { remote: known, events: [] };
  const remote = known ?? (peer === null ? undefined : node.learnRemote(peer));
  if (remote === undefined) return { remote, events: ["LearnRefused"] };
  const place = { port: port.index, remote: remote.index };
  const learned = node.fdb.learn(station.domain, station.mac, place);
  if (learned === "Exists") return { remote, events: [], verdict: "Pinned" };
  return { remote, events: learned === "Ok" ? [] : [learned] };
}
