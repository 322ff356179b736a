// The first overlay, whole: two hosts, a container on each, a tunnel between them. Every packet is
// encapsulated and decapsulated by the core.
import { HeddleError, openCore, Status, type StatusName } from "../core/index.ts";
import { runBulk } from "./bulk.ts";
import { MILLISECOND } from "./clock.ts";
import type { Container } from "./container.ts";
import { Engine } from "./engine.ts";
import type { Host } from "./host.ts";
import { buildNetwork, type Site } from "./network.ts";
import { ETHERTYPE_IPV4, writeEthernet } from "./packet/ethernet.ts";
import { CODE_FRAGMENTATION_NEEDED, ICMP_UNREACHABLE } from "./packet/icmp.ts";
import { IPV4_HEADER_LEN_MIN, PROTOCOL_UDP, writeIpv4 } from "./packet/ipv4.ts";
import type { Ping } from "./ping.ts";
import { type NetworkPlan, planNetwork } from "./plan.ts";
import type {
  Backend,
  BulkReport,
  HostReport,
  MtuProbeReport,
  OverlayReport,
  PingReport,
} from "./report.ts";

/** What is run, and who hears of it. */
export interface OverlayOptions {
  readonly backend: Backend;
  /** Echo requests in each direction. */
  readonly pings?: number;
  /** The same seed gives the same bytes. */
  readonly seed?: bigint;
  readonly bulk?: BulkOptions;
  /** Takes the pieces of a pcapng file with one interface for each device. */
  readonly capture?: (chunk: Uint8Array) => void;
}

/** A transfer that shows how fast the core is; the lab itself has no clock on the wall. */
export interface BulkOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly wallMs: () => number;
  /** Left out: 100000. */
  readonly packets?: number;
}

const PINGS = 20;
const PINGS_MAX = 0xffff; // then sequence numbers would repeat
const SEED = 1n;
const BULK_PACKETS = 100_000;
const BULK_PACKETS_MAX = 1e9;
const MEMORY_BYTES = 16 << 20;
const EVENT_STATUS = -128; // from here down: noticed, but the packet went on

/** Runs the overlay in memory, from nothing to its report. Throws HeddleError for a bad option. */
export async function runOverlay(options: OverlayOptions): Promise<OverlayReport> {
  const { backend, capture, pings = PINGS, seed = SEED, bulk } = options;
  checkCount("pings", pings, PINGS_MAX);
  checkCount("bulk.packets", bulk?.packets ?? BULK_PACKETS, BULK_PACKETS_MAX);
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const engine = new Engine({ core, seed, ...(capture && { capture }) });
  const plan = planNetwork(backend);
  const sites = buildNetwork(engine, plan);
  const [one, two] = sites;
  const there = pingOver(engine, one.container, two.container, pings);
  const back = pingOver(engine, two.container, one.container, pings);
  const mtuProbe = probeMtu(engine, one.container, two.container, plan.mtu);
  const stream = bulk && pushThrough(plan, one, two, bulk);
  return {
    mode: "memory",
    backend,
    seed: seed.toString(),
    mtu: plan.mtu,
    pings: [there, back],
    mtuProbe,
    hosts: sites.map(({ host }) => reportHost(host)),
    ...(stream && { bulk: stream }),
  };
}

function checkCount(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new HeddleError("BadValue", value, `${name}: a whole number from 0 to ${max}`);
}

function pingOver(engine: Engine, from: Container, to: Container, count: number): PingReport {
  const ping = from.ping(to.ipv4, { count });
  engine.run();
  const ttls = to.heard.filter(({ id, src }) => id === ping.id && src === from.ipv4);
  return {
    from: from.name,
    to: to.name,
    sent: ping.sent,
    received: ping.rttsNs.length,
    ttlAtDestination: ttls[0]?.ttl ?? null,
    rttMs: summarize(ping.rttsNs),
  };
}

function summarize(rttsNs: readonly number[]): PingReport["rttMs"] {
  if (rttsNs.length === 0) return null;
  const sum = rttsNs.reduce((total, rtt) => total + rtt, 0);
  return {
    min: Math.min(...rttsNs) / MILLISECOND,
    avg: sum / rttsNs.length / MILLISECOND,
    max: Math.max(...rttsNs) / MILLISECOND,
  };
}

function probeMtu(engine: Engine, from: Container, to: Container, mtu: number): MtuProbeReport {
  const fits = from.ping(to.ipv4, { packetLen: mtu });
  const tooLong = from.ping(to.ipv4, { packetLen: mtu + 1 });
  engine.run();
  return {
    fits: { len: mtu, isAnswered: fits.rttsNs.length > 0 },
    tooLong: {
      len: mtu + 1,
      isAnswered: tooLong.rttsNs.length > 0,
      saidMtu: mtuSaid(tooLong),
    },
  };
}

function mtuSaid(ping: Ping): number | null {
  const said = ping.errors.find(
    ({ type, code }) => type === ICMP_UNREACHABLE && code === CODE_FRAGMENTATION_NEEDED,
  );
  return said?.mtu ?? null;
}

/** The longest packets that fit, from container to container, as they reach the tunnel. */
function pushThrough(plan: NetworkPlan, from: Site, to: Site, bulk: BulkOptions): BulkReport {
  const packet = writeIpv4({
    id: 1,
    isDontFragment: true,
    ttl: 63, // the bridge's host has taken one
    protocol: PROTOCOL_UDP,
    src: from.container.ipv4,
    dst: to.container.ipv4,
    payload: new Uint8Array(plan.mtu - IPV4_HEADER_LEN_MIN),
  });
  const [one, two] = plan.hosts;
  const ends = { dst: two.tunnel.mac, src: one.tunnel.mac };
  const frame = { ...ends, etherType: ETHERTYPE_IPV4, payload: packet };
  return runBulk({
    from: from.host.tunnel,
    to: to.host.tunnel,
    bytes: plan.backend === "vxlan" ? writeEthernet(frame) : packet,
    packetLen: packet.length,
    packets: bulk.packets ?? BULK_PACKETS,
    wallMs: bulk.wallMs,
  });
}

function reportHost(host: Host): HostReport {
  const { name, tunnel } = host;
  const nodes = new Set([host.node, tunnel.node]);
  const drops: Partial<Record<StatusName, number>> = Object.fromEntries(host.drops);
  for (const node of nodes) {
    for (const [reason, count] of Object.entries(node.counters()) as [StatusName, bigint][]) {
      const isDrop = reason !== "Ok" && Status[reason] > EVENT_STATUS;
      if (isDrop) drops[reason] = (drops[reason] ?? 0) + Number(count);
    }
  }
  return { name, encapped: tunnel.encapped, decapped: tunnel.decapped, drops };
}
