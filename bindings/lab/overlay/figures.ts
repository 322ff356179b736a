// What a run of the demo's overlay comes to, read out of its trace.
import { MILLISECOND, SECOND } from "../clock.ts";
import { coreNameOf } from "../engine/reason.ts";
import type { Run } from "../scenario.ts";
import { headerOf, hopAt, hopsAt, packetsIn } from "../scenarios/parts/find.ts";
import type { Hop, Packet } from "../trace/trace.ts";
import { isDrop } from "../trace/verdict.ts";
import type { HostReport, MtuProbeReport, PingReport, StreamReport } from "./report.ts";

/** Two containers, by name. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

/** The first `count` echo requests of one direction; what is behind them are probes. */
export function pingReport(run: Run, ends: Ends, count: number): PingReport {
  const requests = requestsOf(run, ends).slice(0, count);
  const rttsNs = rttsOf(run, ends, requests);
  return {
    ...ends,
    sent: requests.length,
    received: rttsNs.length,
    ttlAtDestination: ttlAt(run, ends.to, requests),
    rttMs: summarize(rttsNs),
  };
}

/** The last two echo requests: one as long as the tunnel bears, one a byte longer. */
export function mtuReport(run: Run, ends: Ends, mtu: number): MtuProbeReport {
  const [fits, tooLong] = requestsOf(run, ends).slice(-2);
  const isAnswered = (probe: Packet | undefined): boolean =>
    probe !== undefined && rttsOf(run, ends, [probe]).length > 0;
  return {
    fits: { len: mtu, isAnswered: isAnswered(fits) },
    tooLong: {
      len: mtu + 1,
      isAnswered: isAnswered(tooLong),
      saidMtu: tooLong === undefined ? null : mtuSaid(run, ends.from, tooLong),
    },
  };
}

export function streamReport(run: Run, ends: Ends): StreamReport {
  const segments = packetsIn(run, { kind: "tcp", ...placesOf(ends) });
  const firstNs = segments.flatMap((packet) => run.hops(packet).slice(0, 1))[0]?.timeNs ?? 0;
  const lastNs = segments.flatMap((packet) => deliveriesOf(run, packet, ends.to)).at(-1)?.timeNs;
  const heard = run.trace.outputs.filter(
    ({ namespace, command }) => namespace === ends.to && command.startsWith("nc "),
  );
  const bytes = heard.reduce((sum, { text }) => sum + text.length, 0); // a byte each
  const seconds = ((lastNs ?? firstNs) - firstNs) / SECOND;
  const throughputGbitPerS = seconds > 0 ? (bytes * 8) / seconds / 1e9 : 0;
  return { ...ends, bytes, seconds, throughputGbitPerS };
}

export function hostReport({ trace }: Run, name: string): HostReport {
  const own = trace.hops.filter(({ namespace }) => namespace === name);
  const count = (holds: (hop: Hop) => boolean): number => own.filter(holds).length;
  const drops: Record<string, number> = {};
  for (const { verdict, values } of own) {
    if (!isDrop(verdict)) continue;
    const reason = String(values.reason ?? coreNameOf(verdict));
    drops[reason] = (drops[reason] ?? 0) + 1;
  }
  return {
    name,
    encapped: count(({ verdict }) => verdict.startsWith("encap-")),
    decapped: count(({ verdict }) => verdict === "decap"),
    drops,
  };
}

function placesOf({ from, to }: Ends): Ends {
  return { from: `${from}:eth0`, to: `${to}:eth0` };
}

function requestsOf(run: Run, ends: Ends): readonly Packet[] {
  return packetsIn(run, { kind: "echo-request", ...placesOf(ends) });
}

function deliveriesOf(run: Run, packet: Packet, to: string): readonly Hop[] {
  return hopsAt(run, packet, { at: to, verdict: "deliver" });
}

/** From the sending of each request that was answered to the answer's arrival. */
function rttsOf(run: Run, { from, to }: Ends, requests: readonly Packet[]): number[] {
  const replies = packetsIn(run, { kind: "echo-reply", ...placesOf({ from: to, to: from }) });
  const answers = new Map(replies.map((reply) => [reply.because?.packet, reply]));
  return requests.flatMap((request) => {
    const reply = answers.get(request.index);
    const arrival = reply && deliveriesOf(run, reply, from)[0];
    const departure = run.hops(request)[0];
    return arrival && departure ? [arrival.timeNs - departure.timeNs] : [];
  });
}

function ttlAt(run: Run, to: string, requests: readonly Packet[]): number | null {
  const [first] = requests.flatMap((request) => deliveriesOf(run, request, to));
  return first === undefined ? null : headerOf(run, first, "ipv4").ttl;
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

/** What the error about a packet named, once it has reached the sender. */
function mtuSaid(run: Run, from: string, about: Packet): number | null {
  const error = run.trace.packets.find(
    ({ kind, because }) => kind === "icmp-error" && because?.packet === about.index,
  );
  if (error === undefined || deliveriesOf(run, error, from).length === 0) return null;
  return headerOf(run, hopAt(run, error, { at: from }), "icmp").nextHopMtu ?? null;
}
