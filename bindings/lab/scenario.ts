// A scenario as data: a network, what is done in it, and what must hold afterwards. Its assertions
// look at bytes and tables and name entities, so one address changed in the network changes them.
import type { Core, DecodedPacket, LayerInit } from "../core/index.ts";
import type { NetworkSpec } from "./spec/network.ts";
import type { Hop, Packet, Proof, Row, Span, TableKind, Trace } from "./trace/trace.ts";

/** Words in both languages of the readers. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

export type Group =
  | "basics"
  | "docker"
  | "flannel"
  | "calico"
  | "weave"
  | "swarm"
  | "control"
  | "drills";

export interface Scenario {
  /** "flannel-vxlan": in URLs and on the command line. */
  readonly slug: string;
  readonly group: Group;
  readonly title: Words;
  /** What it shows, in one line. */
  readonly promise: Words;
  readonly network: NetworkSpec;
  readonly actions: readonly Action[];
  readonly assertions: readonly Assertion[];
  readonly errata?: readonly Erratum[];
  /** Present where something is broken on purpose. */
  readonly drill?: Drill;
  /** The same traffic under another mode, offered first for comparison: a slug. */
  readonly compareWith?: string;
  /** Forms of one network that one name covers: "learning" and "static", with what differs. */
  readonly variants?: Readonly<Record<string, Variant>>;
}

/** A form of a scenario; what is left out stays as it is. */
export interface Variant {
  readonly title: Words;
  readonly network?: NetworkSpec;
  readonly actions?: readonly Action[];
  readonly assertions?: readonly Assertion[];
}

interface ActionBase {
  /** Milliseconds since the run began; left out: when the action before has come to rest. */
  readonly atMs?: number;
  /** The namespace where it is done. */
  readonly in: string;
}

/** What somebody does in a network. Addresses may be names where a server answers them. */
export type Action =
  | PingAction
  | TracerouteAction
  | UdpAction
  | TcpAction
  | FrameAction
  | CommandAction
  | WaitAction;

export interface PingAction extends ActionBase {
  readonly do: "ping";
  readonly to: string;
  /** Left out: 1. */
  readonly count?: number;
  /** Left out: 1000. */
  readonly intervalMs?: number;
  /** Bytes of data behind the ICMP header. Left out: 56. */
  readonly dataLen?: number;
  readonly isDontFragment?: boolean;
  readonly ttl?: number;
}

export interface TracerouteAction extends ActionBase {
  readonly do: "traceroute";
  readonly to: string;
  /** `udp`: ports from 33434 on; `icmp`: echo requests. Left out: udp. */
  readonly by?: "udp" | "icmp";
  /** Left out: 1. */
  readonly probes?: number;
  /** Left out: 30. */
  readonly hopsMax?: number;
}

export interface UdpAction extends ActionBase {
  readonly do: "udp";
  readonly to: string;
  readonly port: number;
  readonly sourcePort?: number;
  readonly text: string;
}

/** Connects, says its text, and closes; as `echo TEXT | nc TO PORT`. */
export interface TcpAction extends ActionBase {
  readonly do: "tcp";
  readonly to: string;
  readonly port: number;
  readonly sourcePort?: number;
  readonly text: string;
}

/** A frame as it is, sent by a device as if a program had written it there. */
export interface FrameAction extends ActionBase {
  readonly do: "frame";
  readonly device: string;
  /** As the core's `encode` takes it. */
  readonly frame: readonly LayerInit[];
  /** Bits to flip afterwards, counted from the first byte's highest. */
  readonly flips?: readonly number[];
  /** Left out: the device's owner sends it. `wire`: it arrives at the device from outside. */
  readonly from?: "owner" | "wire";
}

/** A change by an operator or a daemon: "ip route del 10.1.16.0/24", "bridge fdb append ...". */
export interface CommandAction extends ActionBase {
  readonly do: "command";
  readonly command: string;
  /** Left out: it must succeed. A text: it must be refused with these words. */
  readonly refusedWith?: string;
}

export interface WaitAction extends ActionBase {
  readonly do: "wait";
  readonly forMs: number;
}

/** What is known after a run, for assertions and for programs that ask. */
export interface Run {
  /** What decodes, and knows flannel's rules. */
  readonly core: Core;
  readonly network: NetworkSpec;
  readonly trace: Trace;
  /** Hops of one packet. */
  hops(packet: Packet): readonly Hop[];
  /** The bytes of a span. */
  bytes(span: Span): Uint8Array;
  /** The layers of a span, by the core. */
  decode(span: Span, link: "ethernet" | "ipv4"): DecodedPacket;
  /** A table's rows at the end of the run. */
  rows(namespace: string, kind: TableKind, device?: string): readonly Row[];
}

export interface Assertion {
  /** "the inner source MAC is flannel.1 of node1". */
  readonly name: Words;
  /**
   * Returns whether it holds, and what was found. A function of the run alone; it throws where what
   * it looks for is not there at all, which counts as not held.
   */
  readonly check: (run: Run) => Finding;
}

export interface Finding {
  readonly isHeld: boolean;
  readonly found: string;
  readonly at?: { readonly packet: number; readonly hop: number };
}

/** A place where an article and the wire differ. */
export interface Erratum {
  /** "E2". */
  readonly id: string;
  readonly says: Words;
  readonly shows: Words;
  /** What disproves it: a hop, and bytes of it or a row of a table; null: the network's data. */
  readonly proof: (run: Run) => Proof | null;
}

/** Something is broken: its symptom is what the actions print. The assertions are of the mended. */
export interface Drill {
  readonly cause: Words;
  /** The first byte or row that shows it. */
  readonly clue: Words;
  /** What finds it on a real machine. */
  readonly finder: string;
  /** Edits that mend it. */
  readonly fix: readonly Edit[];
  /** An edit that looks right and is not. */
  readonly wrongFix: readonly Edit[];
}

/** A change by the reader, just before the decision of a hop. */
export interface Edit {
  /** Index into `Trace.packets`, and the hop's `n`; null: before the first action. */
  readonly at: { readonly packet: number; readonly hop: number } | null;
  readonly namespace: string;
  /** "bridge fdb del 5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3". */
  readonly command: string;
}
