// ICMP errors the slow way, by RFC 1122 (section 3.2.2), RFC 1812 (section 4.3.2) and, for ports
// that ask for it, by flannel's narrower rule; fifty at once, and one more each millisecond.
import type { ModelNode, ModelPort } from "./node.ts";
import { ethernet, icmp, ipv4 } from "./packet.ts";
import { type Ipv4View, isGroup, isMartian, isWrong, judgeIpv4, macAt } from "./parse.ts";
import { drop, type Fate, type ModelOut, type ModelPacket } from "./path.ts";
import { own } from "./vxlan.ts";

const ICMP = 1;
const BURST = 50;

interface IcmpError {
  readonly type: number;
  readonly code: number;
}

const ERRORS: Readonly<Record<string, IcmpError>> = {
  NoRoute: { type: 3, code: 0 },
  Unreachable: { type: 3, code: 1 },
  Unresolved: { type: 3, code: 1 },
  TooBig: { type: 3, code: 4 },
  Prohibited: { type: 3, code: 13 },
  TtlExceeded: { type: 11, code: 0 },
};

/** The packet is dropped, and its sender is told if that may be. */
export function refuseTo(
  node: ModelNode,
  port: ModelPort,
  packet: ModelPacket,
  verdict: string,
  mtu = 0,
): Fate {
  const error = ERRORS[verdict];
  const link = packet.flags.includes("l3") ? 0 : 14;
  const ip = judgeIpv4(packet.bytes.subarray(link));
  if (error === undefined || isWrong(ip)) return drop(verdict);
  if (verdict === "TooBig" && !ip.isDontFragment) return drop(verdict);
  const isFlannel = port.flags.includes("flannelUnreachable");
  const isTold = isFlannel ? flannelTells(ip, verdict) : tells(ip);
  const src = port.flags.includes("unreachableFromTarget") ? ip.dst : port.ipv4;
  const macs = [packet.bytes[0] ?? 0, packet.bytes[6] ?? 0];
  const isToMany = link !== 0 && macs.some((first) => (first & 1) !== 0);
  const isSilent = !isTold || isToMany || src === null || src === "0.0.0.0";
  if (isSilent || !mayTell(node)) return drop(verdict, "ErrorSuppressed");
  const quoteLen = isFlannel ? ip.headerLen + 8 : 576 - 28;
  const quote = packet.bytes.subarray(link, link + Math.min(ip.totalLength, quoteLen));
  const message = ipv4(
    { src, dst: ip.src, protocol: ICMP, ttl: isFlannel ? 8 : 64 },
    icmp(error.type, error.code, mtu, quote),
  );
  return { verdict, outs: [backTo(packet, message)], events: [] };
}

// Where the packet came from, in the form that it came in.
function backTo(packet: ModelPacket, message: Uint8Array): ModelOut {
  if (packet.flags.includes("l3")) return own(packet.port, message, ["l3", "originated"]);
  const link = { dst: macAt(packet.bytes, 6), src: macAt(packet.bytes, 0) };
  return own(packet.port, ethernet(link, message), ["originated"]);
}

function mayTell(node: ModelNode): boolean {
  const used = Math.max(node.errorsMs, node.nowMs) + 1;
  if (used > node.nowMs + BURST) return false;
  node.errorsMs = used;
  return true;
}

function tells(ip: Ipv4View): boolean {
  if (ip.offset !== 0 || isMartian(ip.src) || isGroup(ip.dst)) return false;
  if (ip.protocol !== ICMP) return true;
  const isError = [3, 4, 5, 11, 12].includes(ip.payload[0] ?? 0);
  return ip.payload.length >= 8 && !isError;
}

function flannelTells(ip: Ipv4View, verdict: string): boolean {
  if (verdict !== "NoRoute" && verdict !== "Prohibited") return false;
  return ip.protocol !== ICMP && ip.offset === 0 && ip.headerLen < 60 && !isMartian(ip.src);
}
