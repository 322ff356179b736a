// The wall between a namespace's stack and the programs in it: below are devices, tables and the
// core, above are ping, nc and listeners. Neither side knows more of the other than this.
import type { Core } from "../core/index.ts";
import type { Clock } from "./clock.ts";
import type { Dice } from "./dice.ts";
import type { Flavour, ListenerSpec } from "./spec/network.ts";
import type { Verdict } from "./trace/verdict.ts";

/** A hop of a packet, by which a cause is named. */
export interface HopRef {
  readonly packet: number;
  readonly hop: number;
}

/** What a program says about a packet that it sends. */
export interface Sending {
  /** "ping", "nc", "kernel" for what the stack itself answers. */
  readonly app: string;
  /** `main` is what the reader steps through; ICMP errors and the like are `side`. */
  readonly line: "main" | "side";
  /** What is answered, or reported. */
  readonly because: HopRef | null;
}

/** What a namespace offers to its programs. Addresses are text, packets begin with IPv4. */
export interface Stack {
  readonly namespace: string;
  /** Whose ping, nc and traceroute run here. */
  readonly flavour: Flavour;
  /** Reads packets. */
  readonly core: Core;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly listeners: readonly ListenerSpec[];
  /** The address that packets to `target` leave with; null: no route leads there. */
  sourceFor(target: string): string | null;
  /** The longest IP packet on the way to `target`, as far as this stack knows. */
  mtuTo(target: string): number;
  /** A router has said that nothing longer gets to `target`; `mtuTo` knows it from now on. */
  learnMtu?(target: string, mtu: number): void;
  /** What a name means here; null: nobody answers for it. */
  lookup(name: string): string | null;
  /** Sends a whole packet. One that no route takes is told to `Programs.failed`. */
  send(packet: Uint8Array, sending: Sending): void;
  /** A program has printed this and ended. */
  print(command: string, text: string, exitCode: number): void;
}

/** What became of a packet that reached the stack that it is for. */
export interface Delivery {
  readonly verdict: Extract<Verdict, "deliver" | "drop-port" | "drop-csum" | "drop-malformed">;
  /** As `Hop.values`: proto, port, app, ttl, answer. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** The programs of one namespace. */
export interface Programs {
  /** A packet for this namespace, whole and with a valid IPv4 header; answers go out by `send`. */
  deliver(packet: Uint8Array, at: HopRef): Delivery;
  /** A packet of its own could not leave, and why: "Network is unreachable". */
  failed(packet: Uint8Array, why: "net-unreachable" | "host-unreachable" | "too-big"): void;
}
