// flannel's UDP backend and IP in IP, both ways, and the ICMP error about what it cannot reach.
import { withWord } from "./checksum.ts";
import type { ModelHop, ModelNode, ModelPort } from "./node.ts";
import { addressNumber, icmp, ipv4 } from "./packet.ts";
import { type Ipv4View, isGroup, isMartian, isWrong, judgeIpv4, wordAt } from "./parse.ts";
import {
  drop,
  type Fate,
  give,
  innerTosAfter,
  ipipFrame,
  judgeSource,
  judgeTarget,
  type ModelOut,
  type ModelPacket,
  open,
  outerFrame,
  outerTos,
  refuse,
  sourceTowards,
} from "./path.ts";
import { own } from "./vxlan.ts";

const OUTER_LEN = { udpTunnel: 42, ipip: 34 };
const ICMP = 1;

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
  if (typeof hop === "string") return unreachable(port, packet, ip, hop);
  // RFC 2003, section 3.1: what the router itself sends has not come this far by a hop.
  const hops = isIpip && packet.flags.includes("originated") ? 0 : 1;
  if (ip.ttl <= hops) return drop("TtlExceeded");
  if (ip.totalLength > (hop.mtu || port.mtu || 65535)) return drop("TooBig");
  if (20 + 8 + ip.totalLength > 65535) return drop("TooBig");
  const target = judgeTarget(node, packet, hop.remote);
  if (isWrong(target)) return drop(target.wrong);
  const ends = [target.address, sourceTowards(port, target)];
  const isLoop = ends.includes(ip.src) || ip.dst === target.address;
  if (isIpip && isLoop) return drop("TunnelLoop");
  const payload = hopped(packet.bytes, ip, hops);
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
  const bytes = withWord(hopped(opened.payload, ip, hops), 0, word, 10);
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
function hopTowards(
  node: ModelNode,
  dst: string,
): ModelHop | "Blackhole" | "Prohibited" | "NoRoute" {
  const route = node.routes.lookup(addressNumber(dst));
  const hop = route === undefined ? undefined : node.hops.get(route.hop);
  if (hop?.kind === "blackhole") return "Blackhole";
  if (hop?.kind === "prohibit") return "Prohibited";
  if (hop?.kind !== "unicast" || hop.remote === null) return "NoRoute";
  return hop;
}

function unreachable(
  port: ModelPort,
  packet: ModelPacket,
  ip: Ipv4View,
  verdict: "Prohibited" | "NoRoute",
): Fate {
  const isFlannel = port.flags.includes("flannelUnreachable");
  const src = port.flags.includes("unreachableFromTarget") ? ip.dst : port.ipv4;
  const isTold = isFlannel ? flannelTells(ip) : tells(ip);
  if (!isTold || src === null || src === "0.0.0.0") return drop(verdict, "ErrorSuppressed");
  const quoteLen = isFlannel ? ip.headerLen + 8 : 576 - 28;
  const quote = packet.bytes.subarray(0, Math.min(ip.totalLength, quoteLen));
  const ttl = isFlannel ? 8 : 64;
  const error = ipv4(
    { src, dst: ip.src, protocol: ICMP, ttl },
    icmp(3, verdict === "Prohibited" ? 13 : 0, 0, quote),
  );
  const out: ModelOut = own(packet.port, error, ["l3", "originated"]);
  return { verdict, outs: [out], events: [] };
}

// RFC 1122, section 3.2.2; RFC 1812, section 4.3.2.7.
function tells(ip: Ipv4View): boolean {
  if (ip.offset !== 0 || isMartian(ip.src) || isGroup(ip.dst)) return false;
  if (ip.protocol !== ICMP) return true;
  const isError = [3, 4, 5, 11, 12].includes(ip.payload[0] ?? 0);
  return ip.payload.length >= 8 && !isError;
}

function flannelTells(ip: Ipv4View): boolean {
  return ip.protocol !== ICMP && ip.offset === 0 && ip.headerLen < 60 && !isMartian(ip.src);
}
