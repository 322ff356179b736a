// TCP, UDP and ping at once through a tunnel, and what came of every byte. Short, it is a test;
// `node dist/test/net/mixed-long.js` runs it for a minute.

import type { DatagramEnd, StreamEnd } from "./mixed.inside.ts";
import { type Host, MTU, type Pair, vxlanTables } from "./pair.ts";

export const MIXED: URL = new URL("./mixed.inside.js", import.meta.url);

/** Who has the other end of the tunnel. */
export type Peer = "heddle" | "kernel";

export interface Load {
  readonly seconds: number;
  /** Of each stream; it ends when they are sent or time is up. */
  readonly bytes: number;
  readonly streams: number;
}

/** What the sender and the receiver say of a stream. */
export interface StreamReport {
  readonly sent: StreamEnd;
  readonly taken: StreamEnd | undefined;
}

export interface Report {
  readonly streams: readonly StreamReport[];
  readonly datagramsSent: number;
  readonly datagrams: DatagramEnd;
  readonly pings: readonly [sent: number, answered: number];
  /** Packets that came with a bad checksum, as the kernels of both hosts count them. */
  readonly badChecksums: number;
  /** How often TCP thought that packets had changed places; it thinks so of some losses, too. */
  readonly reorderings: number;
}

const OVERLAY_DEVICE = "flannel.1";
// What a wire has: packets of one MTU each, with their checksums.
const WIRE = ["tx", "off", "tso", "off", "gso", "off", "tx-udp-segmentation", "off"];
const PING_INTERVAL_S = 0.01;
const BAD_CHECKSUMS = ["TcpInCsumErrors", "UdpInCsumErrors", "IcmpInCsumErrors"];
const REORDERINGS = ["TcpExtTCPSACKReorder", "TcpExtTCPRenoReorder", "TcpExtTCPTSReorder"];

/** A tunnel between two hosts; of `kernel`, the second is Linux's own VXLAN device. */
export async function openTunnel(pair: Pair, peer: Peer): Promise<void> {
  const { a, b } = pair;
  for (const { ns } of [a, b]) await ns.run("ethtool", "-K", "veth0", ...WIRE);
  await pair.startVxlan(vxlanTables);
  if (peer === "heddle") return;
  await b.close();
  const ends = ["local", b.underlay, "dstport", "8472", "nolearning"];
  await b.ns.ip("link", "add", OVERLAY_DEVICE, "type", "vxlan", "id", "1", ...ends);
  await b.ns.ip("link", "set", OVERLAY_DEVICE, "address", b.mac, "mtu", String(MTU), "up");
  await b.ns.ip("address", "add", `${b.overlay}/24`, "dev", OVERLAY_DEVICE);
  await b.ns.ip("neigh", "add", a.overlay, "lladdr", a.mac, "dev", OVERLAY_DEVICE);
  const behind = ["dev", OVERLAY_DEVICE, "dst", a.underlay];
  await b.ns.run("bridge", "fdb", "append", a.mac, ...behind);
}

/** Sends from one host to the other, with all at once. */
export async function sendMixed(from: Host, to: Host, load: Load): Promise<Report> {
  const hosts = [from, to];
  const before = await Promise.all(hosts.map(counted));
  const udpPort = await to.ns.call<number>(MIXED, "listenForDatagrams", to.overlay);
  const address = to.overlay;
  const { seconds } = load;
  const pinged = Math.floor(seconds / PING_INTERVAL_S);
  const [streams, datagramsSent, [, answered]] = await Promise.all([
    sendStreams(from, to, address, load),
    from.ns.call<number>(MIXED, "sendDatagrams", { address, port: udpPort }, seconds),
    from.ping(address, pinged, "-i", String(PING_INTERVAL_S), "-W", "5"),
  ]);
  const after = await Promise.all(hosts.map(counted));
  const growth = (names: readonly string[]): number => sum(after, names) - sum(before, names);
  return {
    streams,
    datagramsSent,
    datagrams: await to.ns.call<DatagramEnd>(MIXED, "datagrams"),
    pings: [pinged, answered],
    badChecksums: growth(BAD_CHECKSUMS),
    reorderings: growth(REORDERINGS),
  };
}

/** Sends streams to an address of `to`. */
export async function sendStreams(
  from: Host,
  to: Host,
  address: string,
  { streams: count, seconds, bytes }: Load,
): Promise<StreamReport[]> {
  const port = await to.ns.call<number>(MIXED, "listen", address);
  const sent = await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const words = { seconds, bytes, seed: i * 1e6 };
      return from.ns.call<StreamEnd>(MIXED, "stream", { address, port }, words);
    }),
  );
  const taken = await to.ns.call<StreamEnd[]>(MIXED, "streams");
  return sent.map((one) => ({ sent: one, taken: taken.find(({ hash }) => hash === one.hash) }));
}

/** Packets that came with a bad checksum so far, as the kernels of both hosts count them. */
export async function badChecksums(...hosts: readonly Host[]): Promise<number> {
  return sum(await Promise.all(hosts.map(counted)), BAD_CHECKSUMS);
}

function counted({ ns }: Host): Promise<Record<string, number>> {
  return ns.call(MIXED, "counters");
}

function sum(all: readonly Record<string, number>[], names: readonly string[]): number {
  return all.reduce((total, each) => total + names.reduce((n, name) => n + of(each, name), 0), 0);
}

function of(counters: Readonly<Record<string, number>>, name: string): number {
  const value = counters[name];
  if (value === undefined) throw new Error(`this kernel does not count ${name}`);
  return value;
}
