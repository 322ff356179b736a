// What is sent by a way, by programs that everybody has: iperf3 and ping.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { attempt } from "../../../bindings/node/netns.ts";
import type { Site, Way } from "./site.ts";

const LIMIT_S = 20; // of any one run
const DATAGRAM_LEN = 1390;
const LOSS_MAX = 1; // per cent
const LISTEN_MS = 5000;

export interface TcpOptions {
  readonly streams?: number;
  /** From the second host to the first. */
  readonly reverse?: boolean;
  readonly seconds?: number;
}

/** TCP, bits per second at the receiver. `reverse`: from the second host to the first. */
export async function tcp(
  site: Site,
  way: Way,
  { streams = 1, reverse = false, seconds = 2 }: TcpOptions,
): Promise<number> {
  const words = ["-P", String(streams), "-t", String(seconds), ...(reverse ? ["-R"] : [])];
  const { end } = await iperf(site, way, words);
  return end.sum_received.bits_per_second;
}

/** The most datagrams of 1390 bytes a second that arrive with less than one in a hundred lost. */
export async function udp(site: Site, way: Way, probes = 7): Promise<number> {
  let [low, high] = [10_000, 640_000]; // datagrams a second
  let best = 0;
  for (let probe = 0; probe < probes; probe++) {
    const rate = Math.round(Math.sqrt(low * high));
    // Twice, since a moment in which another program runs costs more than one in a hundred.
    const arrived = (await udpAt(site, way, rate)) ?? (await udpAt(site, way, rate));
    if (arrived === undefined) high = rate;
    else [low, best] = [rate, Math.max(best, arrived)];
  }
  return best;
}

/** Datagrams a second that arrived, or undefined where too many did not. */
async function udpAt(site: Site, way: Way, rate: number): Promise<number | undefined> {
  const bits = String(rate * DATAGRAM_LEN * 8);
  const words = ["-u", "-l", String(DATAGRAM_LEN), "-b", bits, "-w", "4M", "-t", "1"];
  const { end } = await iperf(site, way, words);
  const { lost_percent, packets, lost_packets, seconds } = end.sum;
  return lost_percent < LOSS_MAX ? (packets - lost_packets) / seconds : undefined;
}

/** The mean time there and back, microseconds; `intervalS` zero sends as fast as answers come. */
export async function ping(
  site: Site,
  way: Way,
  intervalS: number,
  count: number,
): Promise<number> {
  const pace = intervalS === 0 ? ["-f"] : ["-i", String(intervalS)];
  const [from, to] = way.addresses;
  const words = ["ping", "-q", ...pace, "-c", String(count), "-w", "15", "-I", from, to];
  const printed = await site.inside(site.hosts[0], words);
  return Number(/= [\d.]+\/([\d.]+)\//.exec(printed)?.[1]) * 1000;
}

interface Iperf {
  readonly end: {
    readonly sum_received: { readonly bits_per_second: number };
    readonly sum: {
      readonly lost_percent: number;
      readonly packets: number;
      readonly lost_packets: number;
      readonly seconds: number;
    };
  };
}

async function iperf(site: Site, way: Way, words: readonly string[]): Promise<Iperf> {
  const [from, to] = way.addresses;
  const [first, second] = site.hosts;
  const limit = ["timeout", String(LIMIT_S), "iperf3"];
  const server = spawn(
    "ip",
    ["netns", "exec", second, ...limit, "-s", "-1", "--forceflush", "-B", to],
    {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    },
  );
  const gone = once(server, "exit");
  try {
    await once(server.stdout, "data", { signal: AbortSignal.timeout(LISTEN_MS) });
    const client = ["netns", "exec", first, ...limit, "-J", "-c", to, "-B", from, ...words];
    const { printed, complaint, status } = await attempt("ip", client);
    if (status === 0) return JSON.parse(printed);
    throw new Error(`iperf3 by ${way.name}: ${errorIn(printed) || complaint || status}`);
  } finally {
    server.kill("SIGTERM");
    await gone;
  }
}

function errorIn(printed: string): string {
  try {
    return JSON.parse(printed).error ?? "";
  } catch {
    return "";
  }
}
