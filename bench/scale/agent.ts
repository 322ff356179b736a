// What an agent takes of its machine, idle and while it carries TCP, by how many peers it has. Of
// its peers one is there, and the others are leases: it has their routes, neighbors and stations.
import { setTimeout as sleep } from "node:timers/promises";
import { cpuNs, rssBytes, Site, type Way } from "../peers/tunnel/site.ts";
import { tunnel } from "../peers/tunnel/suite.ts";
import { tcp } from "../peers/tunnel/traffic.ts";
import { sampleOf } from "../sample.ts";
import { type Costs, type Curve, curveOf } from "./curve.ts";

const PEERS = [1, 100, 1000];
const FIRST_OCTET = 50;
const SETTLE_MS = 6000;
const LEAD_MS = 500; // iperf3 begins
const WINDOW_MS = 1000;
const IDLE_WINDOWS = 4;
const BUSY_WINDOWS = 2;
const BUSY_S = 3;
const NS_PER_MS = 1e6;
const MEGA = 1e6;
const GIGA = 1e9;

/** An agent in one window of time. */
interface Load {
  readonly cpuMsPerS: number;
  readonly rssMb: number;
}

/** The loads of each agent of a way. */
type Loads = readonly (readonly Load[])[];

/** No curves where the machine lacks something. */
export async function agentCurves(): Promise<Curve[]> {
  const missing = await tunnel(true).missing();
  if (missing !== undefined) {
    console.log(`agent: skipped, ${missing}`);
    return [];
  }
  const cpu = new Map<number, Costs>();
  const rss = new Map<number, Costs>();
  const rates = new Map<number, Costs>();
  const site = new Site();
  try {
    await site.build(true);
    const ways = await addWays(site);
    await sleep(SETTLE_MS);
    for (const [at, peers] of PEERS.entries()) await expectRoutes(site, FIRST_OCTET + at, peers);
    const idle = await watch([...ways.values()], IDLE_WINDOWS);
    for (const [at, [peers, way]] of [...ways].entries()) {
      const rate = tcp(site, way, { seconds: BUSY_S });
      await sleep(LEAD_MS);
      const [busy] = await watch([way], BUSY_WINDOWS);
      if (busy === undefined) throw new Error("nobody was watched");
      rates.set(peers, { "one TCP stream": sampleOf([(await rate) / GIGA]) });
      cpu.set(
        peers,
        costsOf(idle[at] ?? [], busy, ({ cpuMsPerS }) => cpuMsPerS),
      );
      rss.set(
        peers,
        costsOf(idle[at] ?? [], busy, ({ rssMb }) => rssMb),
      );
    }
  } finally {
    await site.remove();
  }
  const of = (costs: Map<number, Costs>) => (size: number) => costs.get(size) ?? {};
  const about = (name: string, title: string, unit: string) => ({
    ...{ name: `agent-${name}`, title: `An agent of many peers: ${title}`, size: "peers", unit },
  });
  return [
    await curveOf(about("cpu", "processor", "ms/s"), PEERS, of(cpu)),
    await curveOf(about("memory", "resident memory", "MB"), PEERS, of(rss)),
    await curveOf(about("rate", "what it carries", "Gbit/s"), PEERS, of(rates)),
  ];
}

/** Two agents for each count of peers, all at once: who is idle costs the others nothing. */
async function addWays(site: Site): Promise<Map<number, Way>> {
  const ways = new Map<number, Way>();
  for (const [at, peers] of PEERS.entries()) {
    ways.set(peers, await site.addAgents(`${peers} peers`, FIRST_OCTET + at, [], peers - 1));
  }
  return ways;
}

/** Throws unless the first host has a route to each peer: who was given less would look frugal. */
async function expectRoutes(site: Site, octet: number, peers: number): Promise<void> {
  const printed = await site.inside(site.hosts[0], [
    "ip",
    "route",
    "show",
    "dev",
    `flannel.${octet}`,
  ]);
  const count = printed.split("\n").filter((line) => line.includes(" via ")).length;
  if (count !== peers) throw new Error(`10.${octet}.0.0/16 has ${count} of ${peers} routes`);
}

/** Watches all agents of these ways for so many windows. */
async function watch(ways: readonly Way[], windows: number): Promise<Loads[]> {
  const all: Load[][][] = ways.map(({ pids }) => pids.map(() => []));
  for (let window = 0; window < windows; window++) {
    const before = ways.map(({ pids }) => pids.map(cpuNs));
    const start = performance.now();
    await sleep(WINDOW_MS);
    const seconds = (performance.now() - start) / 1000;
    ways.forEach(({ pids }, way) => {
      pids.forEach((pid, agent) => {
        const usedMs = (cpuNs(pid) - (before[way]?.[agent] ?? 0)) / NS_PER_MS;
        all[way]?.[agent]?.push({ cpuMsPerS: usedMs / seconds, rssMb: rssBytes(pid) / MEGA });
      });
    });
  }
  return all;
}

/** TCP goes from the first agent to the second. */
function costsOf(
  idle: Loads,
  [sends = [], receives = []]: Loads,
  of: (load: Load) => number,
): Costs {
  return {
    idle: sampleOf(idle.flat().map(of)),
    "sends TCP": sampleOf(sends.map(of)),
    "receives TCP": sampleOf(receives.map(of)),
  };
}
