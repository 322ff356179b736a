// heddle demo: two hosts as network namespaces, a container on each, and what passes between them.
// This is the order of events; network.ts builds, probes.ts measures, print.ts finds the words.

import type { OverlayReport, PingReport, StreamReport } from "../lab/index.ts";
import type { DatapathKind } from "./agent/datapath.ts";
import { compare, stream } from "./compare.ts";
import { type DemoBackend, planDemo } from "./demo-plan.ts";
import { sweepStores } from "./demo-store.ts";
import { sweepStale } from "./netns.ts";
import { Network } from "./network.ts";
import * as print from "./print.ts";
import {
  endCapture,
  hostReport,
  pingAcross,
  probeMtu,
  probeNobody,
  startCapture,
} from "./probes.ts";
import type { ComparisonReport, DemoReport } from "./report.ts";
import type { Peer } from "./sides.ts";

/** What the demo is to do. */
export interface DemoOptions {
  readonly backend: DemoBackend;
  readonly peer: Peer;
  /** What carries VXLAN on both hosts, `peer` permitting: the core unless said. */
  readonly datapath?: DatapathKind;
  /** Where the leases are: "memory" (a file that goes with the demo), "file:PATH" or "etcd". */
  readonly store?: string;
  /** Of the TCP stream. */
  readonly seconds: number;
  /** In each direction. */
  readonly pings: number;
  /** Of the comparison; 0 for none. */
  readonly rounds: number;
  /** Where to write what the hosts send each other, or null. */
  readonly pcap: string | null;
}

/** Hears what happens, a line at a time. */
export type Tell = (line: string) => void;

const ROUND_SECONDS = 1;

/** Runs it from nothing to nothing: whatever happens, all that was made is removed. */
export async function runDemo(
  options: DemoOptions,
  tell: Tell,
  signal: AbortSignal,
): Promise<DemoReport> {
  sweepStores();
  const swept = await sweepStale();
  if (swept.length > 0) tell(`removed what a killed run had left: ${swept.join(", ")}`);
  const network = new Network({
    plan: planDemo(options.backend),
    tunnels: tunnelsOf(options),
    store: options.store ?? "memory",
    hasSides: options.rounds > 0,
    signal,
  });
  const failures: string[] = [];
  let report: DemoReport;
  try {
    await network.build();
    report = await story(network, options, tell);
  } catch (error) {
    throw network.failure ?? error; // what others said of it came later
  } finally {
    const left = await network.remove();
    if (left.length > 0) failures.push(`could not remove ${left.join(", ")}`);
    tellFailures(failures, tell);
  }
  return { ...report, failures: [...report.failures, ...failures] };
}

/** For people; a report has them under their own name. */
export function tellFailures(failures: readonly string[], tell: Tell): void {
  for (const failure of failures) tell(`FAILED: ${failure}`);
}

async function story(network: Network, options: DemoOptions, tell: Tell): Promise<DemoReport> {
  const { plan } = network;
  const tellAll = (lines: readonly string[]): void => {
    for (const line of lines) tell(line);
  };
  const notes = [...network.notes, ...notesOn(options)];
  const where = "as network namespaces";
  tellAll([...print.networkLines(plan, where, tunnelsOf(options)), ...notes]);

  const capture = options.pcap === null ? null : await startCapture(network, options.pcap);
  const pings = await pingBothWays(network, options.pings);
  tellAll(pings.map((report) => print.pingLine(report)));
  const mtuProbe = await probeMtu(network);
  tell(print.mtuLine(mtuProbe));
  const streamed = await streamAcross(network, options.seconds);
  tell(print.streamLine(streamed));
  const captured = capture && (await endCapture(capture));
  if (captured) tell(print.captureLine(captured));

  const comparison = await comparisonOf(network, options, tell);
  if (comparison) tellAll(print.comparisonLines(comparison));
  const hosts = await Promise.all(network.hosts.map((host) => hostReport(network, host)));
  tellAll(print.hostLines(hosts));
  const unreachable = plan.backend === "udp" ? await probeNobody(network) : [];
  tellAll(unreachable.map((report) => print.unreachableLine(report)));

  const { backend, peer, datapath = "wasm", store = "memory" } = options;
  const report = {
    backend,
    peer,
    datapath,
    store,
    device: plan.device,
    mtu: plan.mtu,
    notes,
    pings,
    mtuProbe,
    stream: streamed,
    unreachable,
    comparison,
    hosts,
    capture: captured,
  };
  const failures = [...failuresOf(report), ...deviceFailuresOf(report)];
  tellFailures(failures, tell);
  return { mode: "netns", ...report, failures };
}

/** Whose tunnel each host has; without a tunnel it is the kernel that routes. */
function tunnelsOf({ backend, datapath, peer }: DemoOptions): [Peer, Peer] {
  if (backend === "host-gw" || (backend === "vxlan" && datapath === "kernel")) {
    return ["kernel", "kernel"];
  }
  return ["heddle", peer];
}

async function pingBothWays(network: Network, count: number): Promise<PingReport[]> {
  const [first, second] = network.hosts;
  const there = await pingAcross(first, second, count);
  return [there, await pingAcross(second, first, count)];
}

async function streamAcross(network: Network, seconds: number): Promise<StreamReport> {
  const [first, second] = network.hosts;
  const { address } = first.plan.container;
  return stream(network, address, second.plan.container.address, seconds);
}

async function comparisonOf(
  network: Network,
  options: DemoOptions,
  tell: Tell,
): Promise<ComparisonReport | null> {
  const { rounds } = options;
  if (rounds === 0) return null;
  tell(`each path in turn for ${ROUND_SECONDS} s, rounds: ${rounds}`);
  return compare(network, { rounds, seconds: ROUND_SECONDS });
}

function notesOn(options: DemoOptions): string[] {
  const notes: string[] = [];
  const [first, second] = tunnelsOf(options);
  if (first !== second) {
    notes.push(
      "ethtool switched tx checksum, tso, gso and tx-udp-segmentation off on both underlay " +
        "devices and on host2's end of c2's cable: a veth hands unfinished packets on, and only " +
        "another kernel could take them; throughput is that of single packets",
    );
  } else if (options.pcap !== null) {
    notes.push(
      "in the capture the hosts' UDP checksums are unfinished: a veth leaves them to its other " +
        "end, which knows",
    );
  }
  if (options.pcap !== null) {
    notes.push("the capture costs the machine time: throughput is the lower for it");
  }
  return notes;
}

/** What did not go as it must, in words, on devices or in memory. */
export function failuresOf(
  report: Pick<OverlayReport, "mtu" | "mtuProbe" | "pings" | "stream">,
): string[] {
  const failures = report.pings
    .filter(({ sent, received }) => received < sent)
    .map(
      ({ from, to, sent, received }) =>
        `${sent - received} of ${sent} pings lost, ${from} -> ${to}`,
    );
  const { fits, tooLong } = report.mtuProbe;
  if (!fits.isAnswered) failures.push(`${fits.len} bytes with DF did not pass`);
  if (tooLong.isAnswered) failures.push(`${tooLong.len} bytes with DF passed`);
  else if (tooLong.saidMtu !== report.mtu)
    failures.push(`${tooLong.len} bytes: no word of the MTU`);
  if (report.stream.bytes === 0) failures.push("the TCP stream carried nothing");
  return failures;
}

function deviceFailuresOf({ unreachable }: Pick<DemoReport, "unreachable">): string[] {
  return unreachable
    .filter(({ tcpConnect, udpSocket, ping }) =>
      [tcpConnect, udpSocket, ping].some((heard) => heard !== "ENETUNREACH"),
    )
    .map(({ from, target }) => `not all on ${from} heard that nobody has ${target}`);
}
