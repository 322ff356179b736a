// The datapath the slow way: what becomes of one packet, by ABI.md, RFC 7348, RFC 6040 and
// flannel's UDP backend. The flow hash and the identification of outer headers are the core's own
// choice: an outer frame is given as a function of both.
import type { ModelNode, ModelPort, ModelRemote } from "./node.ts";
import { type Address, addressNumber, ethernet, ipv4, udp } from "./packet.ts";
import { isMartian, isWrong, judgeEthernet, judgeIpv4, judgeUdp, type Wrong } from "./parse.ts";

export interface ModelPacket {
  readonly bytes: Uint8Array;
  /** Where it came in. */
  readonly port: number | null;
  readonly flags: readonly string[];
  readonly remote: number | null;
  readonly peer: Address | null;
  readonly vni: number;
  readonly tos: number;
  readonly gsoSize: number;
  /** False when the arena does not hold it, or the headroom that the element needs. */
  readonly isInside: (headroom: number) => boolean;
}

/** What the core chooses for an outer header. */
export interface Chosen {
  readonly id: number;
  readonly srcPort: number;
}

export interface ModelOut {
  readonly bytes: (chosen: Chosen) => Uint8Array;
  readonly port: number | null;
  readonly flags: readonly string[];
  readonly remote: number | null;
  readonly peer: Address | null;
  readonly vni: number;
  readonly tos: number;
  /** Both ends of the range that the outer source port comes from; absent where it is fixed. */
  readonly srcPorts?: readonly [number, number];
  /** True where the lane is a hash. */
  readonly hasLane: boolean;
}

export interface Fate {
  /** A status, or "consumed". */
  readonly verdict: string;
  readonly outs: readonly ModelOut[];
  /** Counted besides the verdict. */
  readonly events: readonly string[];
}

/** What an element does to one packet; it may change the tables. */
export type Element = (
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  isFrame: boolean,
  /** Descriptors that are left for what comes out. */
  room: number,
) => Fate;

export function drop(verdict: string, ...events: string[]): Fate {
  return { verdict, outs: [], events };
}

export function give(...outs: ModelOut[]): Fate {
  return { verdict: "consumed", outs, events: [] };
}

/** Why an element cannot take the packet as it is. */
export function refuse(packet: ModelPacket, headroom: number): string | undefined {
  const offloads = ["csumPartial", "gather", "udpGro"];
  const isSuper = packet.gsoSize !== 0 || packet.flags.some((flag) => offloads.includes(flag));
  if (isSuper) return "NeedsOffload";
  return packet.isInside(headroom) ? undefined : "BadArgument";
}

/** What a datagram carries, and who sent it. */
export interface Opened {
  readonly payload: Uint8Array;
  readonly peer: Address | null;
  readonly remote: number | null;
  readonly tos: number;
}

export function open(port: ModelPort, packet: ModelPacket, isFrame: boolean): Opened | Wrong {
  if (isFrame) return openFrame(port, packet.bytes);
  const { bytes: payload, peer, remote, tos } = packet;
  return { payload, peer, remote, tos };
}

function openFrame(port: ModelPort, bytes: Uint8Array): Opened | Wrong {
  const frame = judgeEthernet(bytes);
  if (isWrong(frame)) return frame;
  if (frame.etherType !== 0x0800) return { wrong: "BadProtocol" };
  const ip = judgeIpv4(frame.payload);
  if (isWrong(ip)) return ip;
  if (ip.dst !== (port.localIpv4 ?? "0.0.0.0")) return { wrong: "NotForUs" };
  if (isMartian(ip.src) || ip.src === port.localIpv4) return { wrong: "Martian" };
  if (ip.moreFragments || ip.offset !== 0) return { wrong: "Fragment" };
  if (ip.protocol !== (port.kind === "ipip" ? 4 : 17)) return { wrong: "BadProtocol" };
  if (port.kind === "ipip") return { payload: ip.payload, peer: ip.src, remote: null, tos: ip.tos };
  const datagram = judgeUdp(ip);
  if (isWrong(datagram)) return datagram;
  if (datagram.dstPort !== port.udpPort) return { wrong: "NotForUs" };
  if (!datagram.isChecksumValid) return { wrong: "BadChecksum" };
  return { payload: datagram.payload, peer: ip.src, remote: null, tos: ip.tos };
}

/** The remote that sent it, or why the port does not take packets from there. */
export function judgeSource(
  node: ModelNode,
  port: ModelPort,
  opened: Opened,
): { remote: ModelRemote | undefined } | Wrong {
  const { peer } = opened;
  if (peer !== null && peer === port.localIpv4) return { wrong: "Martian" };
  const byIndex = opened.remote === null ? undefined : node.remotes.get(opened.remote);
  const remote = peer === null ? byIndex : node.remoteWith(peer);
  const isAllowed = remote?.flags.includes("allowed") ?? false;
  if (port.flags.includes("strictPeer") && !isAllowed) return { wrong: "SourceDenied" };
  return { remote };
}

/** The domain of a packet at the port; undefined where there is none. */
export function domainOf(node: ModelNode, port: ModelPort, vni: number): number | undefined {
  if (!port.flags.includes("manyVnis")) return port.domain ?? undefined;
  return node.domainWith(vni)?.index;
}

/** The remote that a packet is to go to, or why it may not. */
export function judgeTarget(
  node: ModelNode,
  packet: ModelPacket,
  index: number | null,
  src: Address | null,
): ModelRemote | Wrong {
  const remote = index === null ? undefined : node.remotes.get(index);
  if (remote === undefined) return { wrong: "BadRemote" };
  const cameFrom = packet.flags.includes("decapped") ? packet.remote : null;
  const isBack = cameFrom === index || (src !== null && homeOf(node, src) === index);
  return isBack ? { wrong: "SplitHorizon" } : remote;
}

/** The remote that the subnet of an address lies behind. */
function homeOf(node: ModelNode, src: Address): number | null | undefined {
  const route = src === "0.0.0.0" ? undefined : node.routes.lookup(addressNumber(src));
  return route === undefined ? undefined : node.hops.get(route.hop)?.remote;
}

/** The longest inner packet for the path to a remote. */
export function pathMtu(port: ModelPort, remote: ModelRemote | undefined): number {
  const overheads: Readonly<Record<string, number>> = { vxlan: 50, udpTunnel: 28, ipip: 20 };
  const mtu = remote?.mtu ?? 0;
  return mtu === 0 ? 65535 : Math.max(68, mtu - (overheads[port.kind] ?? 0));
}

/** The DS field of the outer header (RFC 6040, section 4.1). */
export function outerTos(port: ModelPort, innerTos: number): number {
  const dscp = (port.tosMode === "inherit" ? innerTos : port.tos) & 0xfc;
  if (!port.flags.includes("ecn")) return dscp;
  const ecn = innerTos & 3;
  return dscp + (ecn === 3 && port.flags.includes("linuxMode") ? 2 : ecn);
}

/** RFC 6040, section 4.2, figure 4. undefined for a packet that must go. */
export function innerTosAfter(port: ModelPort, outer: number, tos: number): number | undefined {
  if (!port.flags.includes("ecn")) return tos;
  const after = [
    [0, 1, 2, 3], // outer Not-ECT
    [0, 1, 1, 3], // ECT(1)
    [0, 1, 2, 3], // ECT(0)
    [undefined, 3, 3, 3], // CE
  ][outer & 3]?.[tos & 3];
  return after === undefined ? undefined : (tos & 0xfc) + after;
}

export interface Outer {
  readonly port: ModelPort;
  readonly remote: ModelRemote;
  readonly tos: number;
  readonly chosen: Chosen;
}

/** Our own outer address towards a remote. */
export function sourceTowards(port: ModelPort, remote: ModelRemote): Address {
  return remote.ownAddress ?? port.localIpv4 ?? "0.0.0.0";
}

/** A complete outer frame around a UDP payload. */
export function outerFrame(outer: Outer, payload: Uint8Array): Uint8Array {
  const { port, remote, chosen } = outer;
  const src = sourceTowards(port, remote);
  const dst = remote.address;
  const datagram = udp(
    {
      srcPort: chosen.srcPort,
      dstPort: remote.udpPort || port.udpPort,
      ...(port.flags.includes("udpChecksum") ? { pseudo: { src, dst } } : { checksum: 0 }),
    },
    payload,
  );
  return carry(outer, 17, false, datagram);
}

/** A complete outer frame around an IP packet (RFC 2003, section 3.1). */
export function ipipFrame(outer: Outer, packet: Uint8Array): Uint8Array {
  return carry(outer, 4, ((packet[6] ?? 0) & 0x40) !== 0, packet);
}

function carry(
  { port, remote, tos, chosen }: Outer,
  protocol: number,
  isWhole: boolean,
  payload: Uint8Array,
): Uint8Array {
  const fragment = isWhole || port.flags.includes("dontFragment") ? 0x4000 : 0;
  const addresses = { src: sourceTowards(port, remote), dst: remote.address };
  const rest = { protocol, ttl: port.ttl || 64, tos, id: chosen.id, fragment };
  const packet = ipv4({ ...addresses, ...rest }, payload);
  const none = "00:00:00:00:00:00";
  return ethernet({ dst: remote.dstMac ?? none, src: remote.srcMac ?? none }, packet);
}
