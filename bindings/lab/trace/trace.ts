// What a run leaves behind: every packet, every hop, every table asked, and all bytes. It is plain
// data that nobody changes: it can be posted between workers, printed as JSON, and replayed.
import type { NetworkSpec } from "../spec/network.ts";
import type { Verdict } from "./verdict.ts";

/** A range of the trace's bytes. */
export interface Span {
  readonly offset: number;
  readonly len: number;
}

/** A range within one packet's bytes, counted from the packet's first. */
export interface Range {
  readonly at: number;
  readonly len: number;
}

/** One run of one scenario. */
export interface Trace {
  /** A hash of scenario, seed and edits: equal keys are equal traces. */
  readonly key: string;
  readonly scenario: string;
  readonly seed: string;
  readonly places: Places;
  /**
   * What it ran on, a variant applied: outputs need it for what no table holds, such as docker's
   * networks, whose `ip` a namespace has, and where a VTEP's socket is.
   */
  readonly network?: NetworkSpec;
  /** In the order of their first hop. */
  readonly packets: readonly Packet[];
  /** All hops of all packets, by packet, then in order. */
  readonly hops: readonly Hop[];
  /** The arena that spans point into. */
  readonly bytes: Uint8Array;
  /** Every table when the run began; `log` says what changed. */
  readonly tables: readonly TableState[];
  readonly log: readonly TableEvent[];
  readonly facts: readonly Fact[];
  /** Of `Scenario.errata` those whose proof was found; none while edits are on. */
  readonly errata: readonly FoundErratum[];
  /** What programs printed: ping, traceroute, nc, TRACE lines. */
  readonly outputs: readonly Output[];
  /** What was captured at devices, in order of time. */
  readonly sightings: readonly Sighting[];
}

/** The tree of hosts, namespaces and devices, as it is drawn. */
export interface Places {
  readonly hosts: readonly HostPlace[];
  readonly fabrics: readonly { readonly name: string; readonly kind: "cable" | "switch" | "hub" }[];
  /** "c1:eth0" to "node1:veth1", "node1:eth0" to "sw0:p-node1". */
  readonly links: readonly (readonly [string, string])[];
}

export type Plane = "user" | "containers" | "tunnel" | "underlay";

export interface HostPlace {
  readonly name: string;
  readonly namespaces: readonly NamespacePlace[];
}

export interface NamespacePlace {
  readonly name: string;
  readonly kind: "host" | "container" | "overlay";
  readonly processes: readonly string[];
  readonly devices: readonly DevicePlace[];
}

export interface DevicePlace {
  readonly name: string;
  readonly kind: string;
  readonly plane: Plane;
  readonly ifindex: number;
  /** null where it has none: a TUN, a tunnel of bare IP. */
  readonly mac: string | null;
  readonly mtu: number;
  /** "10.1.15.1/24". */
  readonly addresses: readonly string[];
  readonly master: string | null;
}

/** What of a packet's journey everybody calls by one name, whatever the mode. */
export type Milestone = "sent" | "left-host" | "on-underlay" | "entered-host" | "delivered";

export type PacketKind =
  | "arp-request"
  | "arp-reply"
  | "echo-request"
  | "echo-reply"
  | "icmp-error"
  | "udp"
  | "tcp"
  | "dns"
  | "other";

/** One journey: what an endpoint sent, with all that was wrapped around it on the way. */
export interface Packet {
  readonly index: number;
  readonly kind: PacketKind;
  /** Addresses of the innermost packet: "10.1.15.2", "10.1.16.3"; of ARP, sender and target. */
  readonly from: string;
  readonly to: string;
  /** "Echo request 1", "ARP who has 10.168.0.3", "UDP 40000 > 8888, 13 bytes". */
  readonly label: string;
  /** The hop of another packet that had to wait for this one, or that this one answers. */
  readonly because: { readonly packet: number; readonly hop: number } | null;
  /** `side`: asked for by another's hop; `main` is what the reader steps through. */
  readonly line: "main" | "side";
  /** Index into `Trace.hops` of the first, and how many. */
  readonly firstHop: number;
  readonly hopCount: number;
  /** Of the branch that got furthest. */
  readonly outcome: Verdict;
}

/** Arrival at a place, decision, departure. */
export interface Hop {
  readonly packet: number;
  /** From 1, within its packet. */
  readonly n: number;
  /** The hop of the same packet that it came from, its `n`; null: the first. */
  readonly from: number | null;
  /** Virtual time of arrival, nanoseconds since the run began. */
  readonly timeNs: number;
  /** A host's name, or a fabric's. */
  readonly host: string;
  /** Whose stack decided; a fabric's name on the wire. */
  readonly namespace: string;
  /** "docker0", "flannel.1"; "routing" for a decision that is no device's. */
  readonly device: string;
  /** The device where it left, if that is another: "eth0". */
  readonly outDevice: string | null;
  readonly plane: Plane;
  readonly verdict: Verdict;
  /** What the sentence about this hop is made of, by slot: `{ mac, vtep, n0: 98, n1: 148 }`. */
  readonly values: Readonly<Record<string, string | number>>;
  /** As it came; null where it was made here. */
  readonly in: Span | null;
  /** As it left; one for each copy, none where it ended. */
  readonly out: readonly Span[];
  /** Whether the bytes begin with an Ethernet header, or with IP. */
  readonly inLink: "ethernet" | "ipv4";
  readonly outLink: "ethernet" | "ipv4";
  readonly asked: readonly Asked[];
  readonly changes: readonly Change[];
  /** Packets that it waited for, or caused: ARP, ICMP errors. Indexes into `Trace.packets`. */
  readonly side: readonly number[];
  readonly milestone: Milestone | null;
  /** Kernel to user or back, counted on this host so far by this packet. */
  readonly crossings: number;
  /** TRACE lines and other words that the stack said here. */
  readonly said: readonly string[];
}

/** `link` has a row for each device, "docker0 state DOWN no-carrier"; others are as tools say. */
export type TableKind =
  | "link"
  | "route"
  | "neigh"
  | "fdb"
  | "rule"
  | "conn"
  | "address"
  | "lease"
  | "listener"
  | "name";

/** A table of a namespace; of one device where `device` is not null. */
export interface TableId {
  readonly namespace: string;
  readonly kind: TableKind;
  readonly device: string | null;
}

/** A row, as the command that makes it would say it: it names itself within its table. */
export type Row = string;

export interface TableState {
  readonly table: TableId;
  /** In the order that its tool prints them. */
  readonly rows: readonly Row[];
}

/** A table changed; `hop` is null for what time or an operator did. */
export interface TableEvent {
  readonly timeNs: number;
  readonly hop: { readonly packet: number; readonly hop: number } | null;
  readonly table: TableId;
  readonly removed: Row | null;
  readonly added: Row | null;
}

/** Why a row that matched did not answer. */
export type Lost = "shorter" | "later" | "metric" | "linkdown" | "expired";

/** A question to a table, and what it said. */
export interface Asked {
  readonly table: TableId;
  /** What it was asked for: an address, a MAC, a port. */
  readonly key: string;
  /** The row that answered; null: none did. */
  readonly row: Row | null;
  readonly lost: readonly { readonly row: Row; readonly why: Lost }[];
  /** Which fields it gave: "outer.ip.dst", "eth.dst"; or a decision: "device". */
  readonly gave: readonly FieldPath[];
  /** How many ARP frames it took until there was an answer. */
  readonly arpFrames: number;
}

/**
 * A field by header and name; of several headers of a kind the innermost is without a prefix, one
 * out has "outer.", two out "outer2.": "ip.ttl", "outer.ip.dst", "eth.src", "vxlan.vni",
 * "udp.dport". field-path.ts has the names, and where each field lies.
 */
export type FieldPath = string;

/** Why bytes differ where no table said so. */
export type Cause =
  | "routed"
  | "rfc1624"
  | "device-address"
  | "encapsulated"
  | "decapsulated"
  | "translated"
  | "computed"
  | "constant"
  | "chosen"
  | "copied-from-inner"
  | "device-setting"
  | "answered"
  | "corrupted"
  | "fragmented";

/** Bytes of a hop's output that differ from its input, and what made them so. */
export interface Change {
  readonly field: FieldPath;
  /** In the first output; `len` 0 where something was taken away. */
  readonly at: Range;
  /** In the input; null where it is new. */
  readonly was: Range | null;
  /** Index into `asked`, or a rule. */
  readonly cause: { readonly asked: number } | { readonly rule: Cause };
}

/** An assertion of the scenario, and whether it held. */
export interface Fact {
  /** "the inner source MAC is flannel.1 of node1". */
  readonly name: string;
  readonly isHeld: boolean;
  /** What was found, where that says more than the name. */
  readonly found: string;
  /** Where to look. */
  readonly at: { readonly packet: number; readonly hop: number } | null;
}

/** A place where an article and the wire differ; its words are the scenario's, by `id`. */
export interface FoundErratum {
  /** "E2". */
  readonly id: string;
  /** null: the network's data disproves it, no packet does. */
  readonly proof: Proof | null;
}

/** What disproves a sentence: a hop, and bytes of it or a row of a table. */
export interface Proof {
  readonly packet: number;
  readonly hop: number;
  /** A range of the hop's first output, or of its input where it has none. */
  readonly bytes?: Range;
  readonly row?: { readonly table: TableId; readonly row: Row };
}

/** What a program printed. */
export interface Output {
  readonly timeNs: number;
  readonly namespace: string;
  /** The command line: "ping -c 1 10.1.16.3". */
  readonly command: string;
  readonly text: string;
  readonly exitCode: number;
}

/** A packet at a device, as a capture there has it. */
export interface Sighting {
  readonly timeNs: number;
  /** Namespace and device: "node1:eth0". */
  readonly place: string;
  readonly direction: "in" | "out";
  readonly link: "ethernet" | "ipv4";
  readonly bytes: Span;
  /** The hop that it belongs to. */
  readonly packet: number;
  readonly hop: number;
}
