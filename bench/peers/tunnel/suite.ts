// The agent of heddle beside the kernel, and beside itself without offloads: between two namespaces
// that one veth joins. A veth that hands unsegmented packets on flatters the kernel, which then
// never cuts them; without that it is like a wire. So everything is measured both ways.
import { getuid } from "node:process";
import { attempt } from "../../../bindings/node/netns.ts";
import type { Contender, Contest, Rival, Suite } from "../contest.ts";
import { rssBytes, Site, type Way } from "./site.ts";
import { ping, type TcpOptions, tcp, udp } from "./traffic.ts";

const PROGRAMS = ["ip", "iperf3", "ping", "ethtool"];
const FLOOD_PINGS = 5000;
const IDLE_PINGS = 200;
const IDLE_INTERVAL_S = 0.005;
const GIGA = 1e9;
const KILO = 1e3;
const MEGA = 1e6;

// Least ratios and aims: of TCP against the kernel's VXLAN, by how the veth is.
const KERNEL_TCP = { segmenting: { must: 0.35, aim: 0.5 }, wire: { must: 0.6, aim: 0.8 } };
// Of the agent without offloads, where packets need not be cut: on a wire Linux's own VXLAN does
// not make four times as much.
const PLAIN_TCP = { must: 4, aim: 6 };
const KERNEL_UDP = { must: 0.6, aim: 0.9 };
const PING_ADDED_US = { must: 25, aim: 15 };
const RSS_MB = { must: 90, aim: 60 };

interface Ways {
  readonly veth: Way;
  readonly kernel: Way;
  readonly plain: Way;
  readonly heddle: Way;
}

/** `segments`: the veth passes on what is longer than its MTU. */
export function tunnel(segments: boolean): Suite {
  return { missing, contests: () => contests(segments) };
}

async function missing(): Promise<string | undefined> {
  if (getuid?.() !== 0) return "namespaces take root";
  for (const program of PROGRAMS) {
    const found = await attempt("sh", ["-c", `command -v ${program}`]);
    if (found.status !== 0)
      return `no ${program}: apt-get install iproute2 iperf3 iputils-ping ethtool`;
  }
  return undefined;
}

async function* contests(segments: boolean): AsyncGenerator<Contest> {
  const site = new Site();
  try {
    const veth = await site.build(segments);
    const kernel = await site.addKernel();
    const plain = await site.addAgents("heddle, no offloads", 43, ["--offload=false"]);
    const heddle = await site.addAgents("heddle", 44, []);
    yield* all(site, { veth, kernel, plain, heddle }, segments);
  } finally {
    await site.remove();
  }
}

function* all(site: Site, ways: Ways, segments: boolean): Generator<Contest> {
  const bounds = segments ? KERNEL_TCP.segmenting : KERNEL_TCP.wire;
  yield streams(site, ways, "TCP, one stream", {}, [segments ? PLAIN_TCP : {}, bounds]);
  yield streams(site, ways, "TCP, one stream, back", { reverse: true }, [{}, bounds]);
  yield streams(site, ways, "TCP, four streams", { streams: 4 }, [{}, {}]);
  yield streams(site, ways, "TCP, four streams, back", { streams: 4, reverse: true }, [{}, {}]);
  yield datagrams(site, ways);
  yield* pings(site, ways);
  yield memory(ways.heddle);
}

type Bounds = Pick<Rival, "must" | "aim">;

function streams(
  site: Site,
  { veth, kernel, plain, heddle }: Ways,
  name: string,
  options: TcpOptions,
  [ofPlain, ofKernel]: readonly [Bounds, Bounds],
): Contest {
  const by = (way: Way): Contender => ({
    name: way.name,
    round: async () => (await tcp(site, way, options)) / GIGA,
  });
  return {
    ...{ name, unit: "Gbit/s", isMoreBetter: true, rounds: 5, heddle: by(heddle) },
    rivals: [{ ...by(plain), ...ofPlain }, { ...by(kernel), ...ofKernel }, by(veth)],
  };
}

function datagrams(site: Site, { veth, kernel, plain, heddle }: Ways): Contest {
  const by = (way: Way): Contender => ({
    name: way.name,
    round: async () => (await udp(site, way)) / KILO,
  });
  return {
    name: "UDP of 1390 bytes, under 1 % lost",
    ...{ unit: "thousand/s", isMoreBetter: true, rounds: 3, heddle: by(heddle) },
    rivals: [by(plain), { ...by(kernel), ...KERNEL_UDP }, by(veth)],
  };
}

function* pings(site: Site, { veth, kernel, plain, heddle }: Ways): Generator<Contest> {
  const time = (way: Way, isFlood: boolean): Promise<number> =>
    isFlood ? ping(site, way, 0, FLOOD_PINGS) : ping(site, way, IDLE_INTERVAL_S, IDLE_PINGS);
  for (const isFlood of [true, false]) {
    const added = (way: Way): Contender => ({
      name: way.name,
      round: async () => (await time(way, isFlood)) - (await time(veth, isFlood)),
    });
    yield {
      name: `ping ${isFlood ? "flood" : "every 5 ms"}, more than plain veth`,
      ...{ unit: "us", rounds: 5, heddle: added(heddle) },
      rivals: [added(plain), added(kernel), ...(isFlood ? limits(PING_ADDED_US, "us") : [])],
    };
  }
}

function memory({ pids }: Way): Contest {
  const heddle = { name: "heddle", round: () => Math.max(...pids.map(rssBytes)) / MEGA };
  return {
    ...{ name: "resident memory of a busy agent", unit: "MB", rounds: 1, heddle },
    rivals: limits(RSS_MB, "MB"),
  };
}

/** Figures that are limits in themselves, beside which heddle is held like a rival. */
function limits({ must, aim }: { must: number; aim: number }, unit: string): Rival[] {
  const by = (figure: number): Contender => ({ name: `${figure} ${unit}`, round: () => figure });
  return [
    { ...by(must), must: 1 },
    { ...by(aim), aim: 1 },
  ];
}
