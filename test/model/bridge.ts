// A learning bridge the slow way (IEEE 802.1D-2004, section 7; ABI.md).
import type { ModelNode, ModelPort } from "./node.ts";
import { type EthernetView, isWrong, judgeEthernet } from "./parse.ts";
import { domainOf, drop, type Fate, type ModelOut, type ModelPacket, refuse } from "./path.ts";

/** A frame through the bridge of the port that it came in by, while `room` copies fit. */
export function bridge(
  node: ModelNode,
  _port: ModelPort | undefined,
  packet: ModelPacket,
  _isFrame: boolean,
  room: number,
): Fate {
  const refused = refuse(packet, 0);
  if (refused !== undefined) return drop(refused);
  if (packet.flags.includes("l3")) return drop("BadProtocol");
  const frame = judgeEthernet(packet.bytes);
  if (isWrong(frame)) return drop(frame.wrong);
  const ingress = packet.port === null ? undefined : node.ports.get(packet.port);
  if (!carriesFrames(ingress)) return drop("BadPort");
  const domain = domainOf(node, ingress, packet.vni);
  if (domain === undefined) return drop("UnknownVni");
  if (frame.src === "00:00:00:00:00:00" || isGroupMac(frame.src)) return drop("BadSourceMac");
  const lesson = learn(node, ingress, domain, frame.src);
  if (lesson === "Pinned") return drop("Pinned");
  const fate = place(node, { packet, frame, ingress, domain, room });
  return { ...fate, events: [...lesson, ...fate.events] };
}

function carriesFrames(port: ModelPort | undefined): port is ModelPort {
  return port?.kind === "ethernet" || port?.kind === "vxlan";
}

function isGroupMac(mac: string): boolean {
  return Number.parseInt(mac.slice(0, 2), 16) % 2 === 1;
}

// What is counted besides, or that the frame must go.
function learn(
  node: ModelNode,
  ingress: ModelPort,
  domain: number,
  mac: string,
): readonly string[] | "Pinned" {
  // Decapsulation has learned what comes out of a tunnel.
  if (!ingress.flags.includes("learn") || ingress.kind === "vxlan") return [];
  const learned = node.fdb.learn(domain, mac, { port: ingress.index, remote: null });
  if (learned === "Ok") return [];
  if (learned !== "Exists") return [learned];
  return ingress.flags.includes("linuxMode") ? ["LearnRefused"] : "Pinned";
}

interface Arrival {
  readonly packet: ModelPacket;
  readonly frame: EthernetView;
  readonly ingress: ModelPort;
  readonly domain: number;
  readonly room: number;
}

function place(node: ModelNode, arrival: Arrival): Fate {
  const { frame, ingress, domain } = arrival;
  if (/^01:80:c2:00:00:0[1-9a-f]$/.test(frame.dst)) return drop("ReservedGroup");
  const station = isGroupMac(frame.dst) ? undefined : node.fdb.get(domain, frame.dst);
  if (station !== undefined) {
    if (station.port === ingress.index) return drop("Hairpin");
    const egress = node.ports.get(station.port);
    if (carriesFrames(egress) && areIsolated(ingress, egress)) return drop("Isolated");
    return send(node, arrival, [station.port]);
  }
  const named = node.flood.filter((one) => one.domain === domain).map(({ port }) => port);
  const targets = [...new Set(named)].filter((index) => {
    const egress = node.ports.get(index);
    if (egress === undefined || index === ingress.index) return false;
    const isWanted = isGroupMac(frame.dst) || egress.flags.includes("flood");
    // A port that carries no frames is an error to be counted, isolated or not.
    return isWanted && !(carriesFrames(egress) && areIsolated(ingress, egress));
  });
  return send(node, arrival, targets);
}

function areIsolated(a: ModelPort, b: ModelPort): boolean {
  return a.flags.includes("isolated") && b.flags.includes("isolated");
}

// Of several reasons the frame's own is the one that comes first here.
const REASONS = ["NoRoom", "UnknownVni", "TooBig", "BadPort"];

function send(node: ModelNode, arrival: Arrival, targets: readonly number[]): Fate {
  const { packet, domain, room } = arrival;
  const vni = node.domains.get(domain)?.vni ?? null;
  const outs: ModelOut[] = [];
  const reasons: string[] = [];
  for (const index of targets) {
    const egress = node.ports.get(index);
    const isOneOfMany = egress?.flags.includes("manyVnis") ?? false;
    const reason = whyNot(arrival, egress, vni) ?? (outs.length < room ? undefined : "NoRoom");
    if (reason !== undefined) reasons.push(reason);
    else outs.push(copyOf(packet, index, isOneOfMany ? (vni ?? 0) : packet.vni));
  }
  const isShared = outs.length > 1 || packet.flags.includes("shared");
  const copies = outs.map((out) => (isShared ? withFlag(out, "shared") : out));
  if (copies.length > 0) return { verdict: "consumed", outs: copies, events: reasons };
  const verdict = REASONS.find((reason) => reasons.includes(reason));
  if (verdict === undefined) return drop("UnknownStation");
  reasons.splice(reasons.indexOf(verdict), 1);
  return drop(verdict, ...reasons);
}

function whyNot(
  { frame }: Arrival,
  egress: ModelPort | undefined,
  vni: number | null,
): string | undefined {
  if (!carriesFrames(egress)) return "BadPort";
  const tagLen = frame.etherType === 0x8100 ? Math.min(4, frame.payload.length) : 0;
  if (frame.payload.length - tagLen > (egress.mtu || 65535)) return "TooBig";
  return egress.flags.includes("manyVnis") && vni === null ? "UnknownVni" : undefined;
}

function copyOf(packet: ModelPacket, port: number, vni: number): ModelOut {
  const { bytes, flags, remote, peer, tos } = packet;
  return { bytes: () => bytes, port, flags, remote, peer, vni, tos, hasLane: false };
}

function withFlag(out: ModelOut, flag: string): ModelOut {
  return { ...out, flags: [...new Set([...out.flags, flag])] };
}
