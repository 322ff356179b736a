// The demo's words for people, a line for each thing that it found.
import type {
  HostReport,
  MtuProbeReport,
  OverlayReport,
  PingReport,
  StreamReport,
} from "../lab/index.ts";
import { VNI } from "../lab/overlay/plan.ts";
import type { DemoPlan } from "./demo-plan.ts";
import type {
  CaptureReport,
  ComparisonReport,
  DemoHostReport,
  UnreachableReport,
} from "./report.ts";
import type { Peer } from "./sides.ts";

/** Where the hosts are, and whose tunnel each has. */
export function networkLines(
  plan: DemoPlan,
  where: "as network namespaces" | "in memory",
  tunnels: readonly [Peer, Peer],
): string[] {
  const { backend, device, hosts, mtu, port } = plan;
  if (backend === "host-gw") return hostGwLines(plan);
  const what = backend === "vxlan" ? `VXLAN ${VNI}` : "flannel's UDP backend";
  const kind = backend === "vxlan" ? "TAP " : "TUN ";
  const ours = `heddle on ${where === "in memory" ? "" : kind}${device}`;
  const lines = hosts.map(({ name, underlay, container }, at) => {
    const tunnel = tunnels[at] === "heddle" ? ours : `the kernel's ${device}`;
    const station = `container ${container.name} ${container.address}`;
    return `  ${name}  ${underlay.address}  ${tunnel}  ${station}`;
  });
  return [`two hosts ${where}, ${what} on UDP port ${port}, MTU ${mtu}`, ...lines];
}

function hostGwLines({ hosts, mtu }: DemoPlan): string[] {
  const lines = hosts.map(({ name, underlay, container, subnet }) => {
    const station = `container ${container.name} ${container.address}`;
    return `  ${name}  ${underlay.address}  routes ${subnet}  ${station}`;
  });
  return [`two hosts as network namespaces, no tunnel, MTU ${mtu}`, ...lines];
}

export function pingLine(report: PingReport): string {
  const { from, to, sent, received, rttMs, ttlAtDestination } = report;
  const parts = [`ping ${from} -> ${to}: ${received} of ${sent} answered`];
  if (rttMs) {
    const times = [rttMs.min, rttMs.avg, rttMs.max].map((value) => value.toFixed(2));
    parts.push(`min/avg/max ${times.join("/")} ms`);
  }
  if (ttlAtDestination !== null) parts.push(`TTL ${ttlAtDestination} on arrival`);
  return parts.join(", ");
}

export function mtuLine({ fits, tooLong }: MtuProbeReport): string {
  const passed = `${fits.len} bytes with DF ${fits.isAnswered ? "pass" : "DO NOT PASS"}`;
  const refused = tooLong.isAnswered ? "PASS" : "are refused";
  const said = tooLong.saidMtu === null ? "" : ` with mtu ${tooLong.saidMtu}`;
  return `MTU: ${passed}, ${tooLong.len} ${refused}${said}`;
}

export function streamLine(report: StreamReport): string {
  const { from, to, seconds, throughputGbitPerS } = report;
  return `TCP ${from} -> ${to}: ${seconds.toFixed(1)} s, ${throughputGbitPerS} Gbit/s`;
}

export function captureLine({ file, packets, bytes, full, missed }: CaptureReport): string {
  const parts = [`capture: ${packets} packets, ${bytes} bytes in ${file}`];
  if (full !== "") parts.push(`it was full at ${full} and ended there`);
  if (missed > 0) parts.push(`${missed} packets were missed`);
  return parts.join("; ");
}

export function comparisonLines({ paths }: ComparisonReport): string[] {
  return paths.map((path) => {
    const { name, medianGbitPerS, minGbitPerS, maxGbitPerS, heddleRatio } = path;
    const spread = `median ${medianGbitPerS} Gbit/s (${minGbitPerS} to ${maxGbitPerS})`;
    const ratio = name === "heddle" ? "" : `; heddle reaches ${heddleRatio} of it`;
    return `  ${name.padEnd(12)}  ${spread}${ratio}`;
  });
}

export function hostLines(hosts: readonly DemoHostReport[]): string[] {
  return hosts.map((host) => {
    if (host.tunnel === "kernel") return `${host.name}: the kernel moves the packets`;
    const rss = host.rssBytes === null ? "" : `, ${Math.round(host.rssBytes / 2 ** 20)} MiB RSS`;
    const lost = Object.keys(host.errors).length > 0 ? `, ${countsOf(host.errors, "lost")}` : "";
    return `${packetsOf(host)}${lost}${rss}`;
  });
}

function packetsOf({ name, encapped, decapped, drops }: HostReport): string {
  const packets = `${encapped} packets encapsulated, ${decapped} decapsulated`;
  return `${name}: ${packets}, ${countsOf(drops, "dropped")}`;
}

/** The same network in memory. */
export function memoryLines(report: OverlayReport): string[] {
  const { bulk, hosts, mtuProbe, pings, stream } = report;
  const passed = [...pings.map(pingLine), mtuLine(mtuProbe), virtualStreamLine(stream)];
  const lines = [...passed, ...hosts.map(packetsOf)];
  if (bulk) {
    const { delivered, packets, packetLen, throughputGbitPerS } = bulk;
    const count = `${delivered} of ${packets} packets of ${packetLen} bytes`;
    lines.push(`bulk: ${count} through both tunnels, ${throughputGbitPerS.toPrecision(4)} Gbit/s`);
  }
  return lines;
}

function virtualStreamLine({ from, to, bytes, seconds, throughputGbitPerS }: StreamReport): string {
  const took = `${bytes} bytes in ${(seconds * 1000).toFixed(2)} ms of virtual time`;
  return `TCP ${from} -> ${to}: ${took}, ${throughputGbitPerS.toPrecision(3)} Gbit/s`;
}

/** "0 dropped", or "3 dropped: 2 NoRoute, 1 UnknownStation". */
function countsOf(counts: Readonly<Record<string, number>>, verb: string): string {
  const entries = Object.entries(counts);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  const reasons = entries.map(([reason, count]) => `${count} ${reason}`).join(", ");
  return `${total} ${verb}${reasons && `: ${reasons}`}`;
}

export function unreachableLine(report: UnreachableReport): string {
  const { from, target, tcpConnect, tcpConnectMs, udpSocket, ping, saidBy } = report;
  const tcp = `TCP connect ${tcpConnect || "silence"} after ${tcpConnectMs.toFixed(1)} ms`;
  const others = `UDP socket ${udpSocket || "silence"}, ping ${ping || "silence"}`;
  return `nobody has ${target}; ${from} hears from ${saidBy || "nobody"}: ${tcp}, ${others}`;
}
