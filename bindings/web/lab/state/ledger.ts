// What a mode costs, counted in the trace: nothing here is written down by hand.
import type { DevicePlace, HostPlace, Packet, Trace } from "../../../lab/trace/trace.ts";
import { innerTtl } from "./column.ts";
import type { Scene } from "./scene.ts";

export interface Ledger {
  readonly onUnderlay: number | null;
  readonly ttl: string | null;
  readonly crossings: number;
  /** Rows of the sender's tables for each node beyond its own, and for each container there. */
  readonly rowsPerNode: number;
  readonly rowsPerContainer: number;
  readonly mtu: number | null;
  readonly arpFrames: number;
}

/** Rows that a node of a whole cluster has for the others. */
export function rowsFor(
  { rowsPerNode, rowsPerContainer }: Ledger,
  nodes: number,
  containersEach: number,
): number {
  return (nodes - 1) * (rowsPerNode + containersEach * rowsPerContainer);
}

export function ledgerOf(trace: Trace, frameAt: Scene["frameAt"]): Ledger {
  const packet = trace.packets.find(({ line }) => line === "main");
  const hops = packet === undefined ? [] : hopsOf(trace, packet);
  const under = hops.find(({ milestone }) => milestone === "on-underlay");
  const last = hops.at(-1);
  const end = last?.in == null ? null : frameAt(last.in, last.inLink);
  const sender = hops[0]?.host ?? "";
  const crossed = hops.filter(({ host }) => host === sender).map(({ crossings }) => crossings);
  return {
    onUnderlay: under?.in?.len ?? under?.out[0]?.len ?? null,
    ttl: end === null ? null : innerTtl(end),
    crossings: Math.max(0, ...crossed),
    ...rowsOf(trace, sender),
    mtu: mtuOf(trace, hops[0]?.namespace ?? ""),
    arpFrames: trace.packets.filter(({ kind }) => kind.startsWith("arp")).length,
  };
}

function hopsOf({ hops }: Trace, { firstHop, hopCount }: Packet): Trace["hops"] {
  return hops.slice(firstHop, firstHop + hopCount);
}

function mtuOf({ places }: Trace, namespace: string): number | null {
  const spaces = places.hosts.flatMap(({ namespaces }) => namespaces);
  const devices = spaces.find(({ name }) => name === namespace)?.devices ?? [];
  return devices.find(({ name }) => name !== "lo")?.mtu ?? null;
}

// Tables as they were before the first packet: what was learned since is no configuration.
function rowsOf(trace: Trace, sender: string): Pick<Ledger, "rowsPerNode" | "rowsPerContainer"> {
  const home = trace.places.hosts.find(({ name }) => name === sender);
  const remote = trace.places.hosts.find((host) => host.name !== sender && hasContainers(host));
  if (home === undefined || remote === undefined) return { rowsPerNode: 0, rowsPerContainer: 0 };
  const spaces = new Set(home.namespaces.filter(({ kind }) => kind !== "container").map(nameOf));
  const rows = trace.tables
    .filter(({ table }) => spaces.has(table.namespace) && COUNTED.has(table.kind))
    .flatMap((table) => table.rows);
  const containers = remote.namespaces.filter(({ kind }) => kind === "container");
  const others = remote.namespaces.filter(({ kind }) => kind !== "container");
  const inside = containers.flatMap(({ devices }) => devices.flatMap(wordsOf));
  const outside = others.flatMap(({ devices }) => devices.flatMap(wordsOf));
  const perContainer = rows.filter((row) => inside.some((word) => row.startsWith(`${word} `)));
  const perNode = rows.filter(
    (row) => !perContainer.includes(row) && (isFor(row, inside) || isFor(row, outside)),
  );
  return {
    rowsPerNode: perNode.length,
    rowsPerContainer: perContainer.length / Math.max(1, containers.length),
  };
}

const COUNTED: ReadonlySet<string> = new Set(["route", "neigh", "fdb"]);

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function hasContainers({ namespaces }: HostPlace): boolean {
  return namespaces.some(({ kind }) => kind === "container");
}

/** What rows call a device. */
function wordsOf({ addresses, mac, name }: DevicePlace): string[] {
  if (name === "lo") return [];
  const bare = addresses.map((address) => address.split("/")[0] ?? "");
  return mac === null ? bare : [...bare, mac];
}

/** Whether a row begins with one of these, or with a prefix that has one. */
function isFor(row: string, words: readonly string[]): boolean {
  const [first = ""] = row.split(" ");
  if (words.includes(first)) return true;
  const [network, bits] = first.split("/");
  if (network === undefined || bits === undefined) return false;
  return words.some((word) => isInside(word, network, Number(bits)));
}

function isInside(address: string, network: string, bits: number): boolean {
  if (!DOTTED.test(address) || bits < 9) return false;
  const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  return ((wordOf(address) ^ wordOf(network)) & mask) === 0;
}

const DOTTED = /^\d+\.\d+\.\d+\.\d+$/;

function wordOf(address: string): number {
  return address.split(".").reduce((word, part) => ((word << 8) | Number(part)) >>> 0, 0);
}
