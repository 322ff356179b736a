// The hops of a packet as columns: who, which device, what is in the packet then.
import type { Hop } from "../../../lab/trace/trace.ts";
import { isDrop } from "../../../lab/trace/verdict.ts";
import type { Frame, Hue } from "./frame.ts";
import type { Scene } from "./scene.ts";

export interface Column {
  readonly n: number;
  /** Named where it is another than that of the column before. */
  readonly owner: string | null;
  readonly ownerName: string;
  readonly device: string;
  readonly stack: readonly Hue[];
  readonly len: number;
  readonly ttl: string | null;
  readonly isLenNew: boolean;
  readonly isTtlNew: boolean;
  readonly isDropped: boolean;
  readonly hasErratum: boolean;
  /** Frames that this hop had to wait for, or caused, by kind: "2 ARP" with the first packet. */
  readonly side: { readonly label: string; readonly packet: number } | null;
  readonly isUser: boolean;
}

export function columnsOf(scene: Scene): Column[] {
  let ownerBefore = "";
  let before: { len: number; ttl: string | null } | null = null;
  return scene.hops.map((hop) => {
    const frame = frameOfHop(scene, hop);
    const ownerName = hop.namespace;
    const len = frame?.bytes.length ?? 0;
    const ttl = frame === null ? null : innerTtl(frame);
    const column: Column = {
      n: hop.n,
      owner: ownerName === ownerBefore ? null : ownerName,
      ownerName,
      device: hop.device,
      stack: frame === null ? [] : frame.shells.map(({ hue }) => hue),
      len,
      ttl,
      isLenNew: before !== null && before.len !== len,
      isTtlNew: before !== null && before.ttl !== null && before.ttl !== ttl,
      isDropped: isDrop(hop.verdict),
      hasErratum: hasErratum(scene, hop),
      side: sideOf(scene, hop),
      isUser: hop.plane === "user",
    };
    ownerBefore = ownerName;
    before = { len, ttl };
    return column;
  });
}

/** A packet as it left a hop, or, where it ended, as it came. */
export function frameOfHop({ frameAt }: Scene, hop: Hop): Frame | null {
  const [out] = hop.out;
  if (out !== undefined) return frameAt(out, hop.outLink);
  return hop.in === null ? null : frameAt(hop.in, hop.inLink);
}

/** What the innermost IPv4 header says. */
export function innerTtl({ shells }: Frame): string | null {
  const rows = shells.flatMap((shell) => shell.rows);
  return rows.find(({ path }) => path === "ip.ttl")?.value ?? null;
}

function hasErratum({ trace }: Scene, { packet, n }: Hop): boolean {
  const errata = trace?.errata ?? [];
  return errata.some(({ proof }) => proof?.packet === packet && proof.hop === n);
}

function sideOf({ trace }: Scene, { side }: Hop): Column["side"] {
  const packets = side.flatMap((at) => trace?.packets[at] ?? []);
  const [first] = packets;
  if (first === undefined) return null;
  const isArp = packets.every(({ kind }) => kind.startsWith("arp"));
  const word = isArp ? "ARP" : first.kind === "icmp-error" ? "ICMP" : first.kind.toUpperCase();
  return { label: `${packets.length} ${word}`, packet: first.index };
}

/** "76 \u00b5s": virtual time, as short as it can be said. */
export function timeText(timeNs: number): string {
  if (timeNs < 1000) return `${timeNs} ns`;
  if (timeNs < 1_000_000) return `${round(timeNs / 1000)} \u00b5s`;
  if (timeNs < 1_000_000_000) return `${round(timeNs / 1_000_000)} ms`;
  return `${round(timeNs / 1_000_000_000)} s`;
}

const DIGITS = 3;

function round(value: number): string {
  return String(Number(value.toFixed(value >= 100 ? 0 : DIGITS)));
}
