// flannel's UDP backend and IP in IP, both ways, and the ICMP error about what it cannot reach.
import { withWord } from "./checksum.ts";
import { clamped } from "./clamp.ts";
import { refuseTo } from "./error.ts";
import type { ModelHop, ModelNode, ModelPort } from "./node.ts";
import { addressNumber } from "./packet.ts";
import { type Ipv4View, isMartian, isWrong, judgeIpv4, wordAt } from "./parse.ts";
import {
  drop,
  type Fate,
  give,
  innerTosAfter,
  ipipFrame,
  judgeSource,
  judgeTarget,
  type ModelPacket,
  open,
  outerFrame,
  outerTos,
  pathMtu,
  refuse,
  sourceTowards,
} from "./path.ts";

const OUTER_LEN = { udpTunnel: 42, ipip: 34 };

/** An IP packet into the tunnel. */
export function udpEncap(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  isFrame: boolean,
): Fate {
  const isIpip = port.kind === "ipip";
  const refused = refuse(packet, isFrame ? OUTER_LEN[isIpip ? "ipip" : "udpTunnel"] : 0);
  if (refused !== undefined) return drop(refused);
  if (!packet.flags.includes("l3")) return drop("BadProtocol");
  const ip = judgeIpv4(packet.bytes);
  if (isWrong(ip)) return drop(ip.wrong);
  const hop = hopTowards(node, ip.dst);
  if (hop === "Blackhole") return drop(hop);
  if (typeof hop === "string") return refuseTo(node, port, packet, hop);
  if (hop.kind === "local") return { verdict: "forUs", outs: [], events: [] };
  if (hop.kind !== "unicast" || hop.remote === null) {
    return refuseTo(node, port, packet, "NoRoute");
  }
  if (hop.port !== null && hop.port !== port.index) return drop("NotForUs");
  // RFC 2003, section 3.1: what the router itself sends has not come this far by a hop.
  const hops = isIpip && packet.flags.includes("originated") ? 0 : 1;
  if (ip.ttl <= hops) return refuseTo(node, port, packet, "TtlExceeded");
  const mtu = Math.min(hop.mtu || port.mtu || 65535, 65535 - 28);
  if (ip.totalLength > mtu) return refuseTo(node, port, packet, "TooBig", mtu);
  const src = port.flags.includes("splitHorizon") ? ip.src : null;
  const target = judgeTarget(node, packet, hop.remote, src);
  if (isWrong(target)) return drop(target.wrong);
  const ends = [target.address, sourceTowards(port, target)];
  const isLoop = ends.includes(ip.src) || ip.dst === target.address;
  if (isIpip && isLoop) return drop("TunnelLoop");
  const limit = Math.min(mtu, pathMtu(port, target));
  if (ip.totalLength > limit && ip.isDontFragment) {
    return refuseTo(node, port, packet, "TooBig", limit);
  }
  const isClamped = port.flags.includes("mssClamp");
  const older = hopped(packet.bytes, ip, hops);
  const payload = isClamped ? clamped(older, limit) : older;
  const tos = outerTos(port, ip.tos);
  const out = {
    port: port.index,
    remote: target.index,
    peer: target.address,
    vni: 0,
    tos,
    hasLane: true,
  };
  if (isIpip) {
    return give({
      ...out,
      bytes: (chosen) => ipipFrame({ port, remote: target, tos, chosen }, payload),
      flags: ["outerFrame"],
      srcPorts: [0, 65535], // it has none
    });
  }
  // A copy that the core makes for itself is nobody else's.
  if (!isFrame) return give({ ...out, bytes: () => payload, flags: ["l3"] });
  return give({
    ...out,
    bytes: (chosen) => outerFrame({ port, remote: target, tos, chosen }, payload),
    flags: ["outerFrame"],
    srcPorts: [port.udpPort, port.udpPort], // flannel's own, as its socket has it
  });
}

/** A datagram out of the tunnel. */
export function udpDecap(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  isFrame: boolean,
): Fate {
  const refused = refuse(packet, 0);
  if (refused !== undefined) return drop(refused);
  const opened = open(port, packet, isFrame);
  if (isWrong(opened)) return drop(opened.wrong);
  const source = judgeSource(node, port, opened);
  if (isWrong(source)) return drop(source.wrong);
  const ip = judgeIpv4(opened.payload);
  if (isWrong(ip)) return drop(ip.wrong);
  const isIpip = port.kind === "ipip";
  if (isIpip && (isMartian(ip.src) || ip.src === port.localIpv4)) return drop("Martian");
  const hops = isIpip ? 0 : 1;
  if (ip.ttl <= hops) return drop("TtlExceeded");
  const tos = innerTosAfter(port, opened.tos, ip.tos);
  if (tos === undefined) return drop("EcnMismatch");
  const word = wordAt(opened.payload, 0) - ip.tos + tos;
  const older = withWord(hopped(opened.payload, ip, hops), 0, word, 10);
  const limit = Math.min(port.mtu || 65535, pathMtu(port, source.remote));
  const bytes = port.flags.includes("mssClamp") ? clamped(older, limit) : older;
  return give({
    bytes: () => bytes,
    port: port.index,
    flags: ["decapped", "l3"],
    remote: source.remote?.index ?? null,
    peer: opened.peer,
    vni: 0,
    tos: opened.tos,
    hasLane: false,
  });
}

// So many hops further, and without what lay behind the packet.
function hopped(bytes: Uint8Array, ip: Ipv4View, hops: number): Uint8Array {
  const whole = bytes.slice(0, ip.totalLength);
  return hops === 0 ? whole : withWord(whole, 8, wordAt(bytes, 8) - 256 * hops, 10);
}

// Where the route leads, or why it leads nowhere.
function hopTowards(node: ModelNode, dst: string): ModelHop | string {
  const route = node.routes.lookup(addressNumber(dst));
  const hop = route === undefined ? undefined : node.hops.get(route.hop);
  if (hop === undefined) return "NoRoute";
  const walls = { blackhole: "Blackhole", unreachable: "Unreachable", prohibit: "Prohibited" };
  return walls[hop.kind as keyof typeof walls] ?? hop;
}
