// What a demo on real devices says about itself. It shares its parts with the report of the same
// network in memory, and adds what only real devices can tell.
import type { HostReport, MtuProbeReport, PingReport, StreamReport } from "../lab/index.ts";
import type { DatapathKind } from "./agent/datapath.ts";
import type { CaptureResult } from "./capture.ts";
import type { DemoBackend } from "./demo-plan.ts";
import type { Peer } from "./sides.ts";

/** A run on real devices. */
export interface DemoReport {
  readonly mode: "netns";
  readonly backend: DemoBackend;
  readonly peer: Peer;
  readonly datapath: DatapathKind;
  /** Where the hosts' agents had their leases. */
  readonly store: string;
  /** The tunnel's device on each host. */
  readonly device: string;
  readonly mtu: number;
  /** What a reader must know to read the figures rightly. */
  readonly notes: readonly string[];
  /** There and back again: one entry for each direction. */
  readonly pings: readonly PingReport[];
  readonly mtuProbe: MtuProbeReport;
  /** What senders hear of a subnet that nobody has; only the UDP backend tells them. */
  readonly unreachable: readonly UnreachableReport[];
  readonly stream: StreamReport;
  /** Null when no rounds were asked for. */
  readonly comparison: ComparisonReport | null;
  readonly hosts: readonly DemoHostReport[];
  readonly capture: CaptureReport | null;
  /** What did not go as it must; empty when all did. */
  readonly failures: readonly string[];
}

/** A capture that was written. */
export interface CaptureReport extends CaptureResult {
  readonly file: string;
}

/** What one sender hears of a subnet that nobody has. */
export interface UnreachableReport {
  readonly from: string;
  readonly target: string;
  /** The error of each, "" for none. */
  readonly tcpConnect: string;
  readonly tcpConnectMs: number;
  readonly udpSocket: string;
  readonly ping: string;
  /** Who sent the ICMP error. */
  readonly saidBy: string;
}

/** Throughput over each path in turn, by medians. */
export interface ComparisonReport {
  readonly rounds: number;
  readonly secondsEach: number;
  readonly paths: readonly PathReport[];
}

/** One of the paths. */
export interface PathReport {
  readonly name: string;
  readonly medianGbitPerS: number;
  readonly minGbitPerS: number;
  readonly maxGbitPerS: number;
  /** Of the medians: heddle's through this one's. */
  readonly heddleRatio: number;
}

/** One of the hosts. */
export interface DemoHostReport extends HostReport {
  readonly tunnel: Peer;
  /** What the core noticed while the packet went on. */
  readonly events: Readonly<Record<string, number>>;
  /** System calls that failed, each with one packet lost. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of the host's process, its pump included; null for the kernel's tunnel. */
  readonly rssBytes: number | null;
}
