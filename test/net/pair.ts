// Two hosts with a pump each, in namespaces of their own.
import assert from "node:assert/strict";
import type {
  JournalEntry,
  JournalResult,
  PortFlagName,
  PortInit,
} from "../../bindings/core/index.ts";
import {
  DEVICE_PORT,
  type PumpOptions,
  type PumpStats,
  TUNNEL_PORT,
} from "../../bindings/node/pump.ts";
import { until } from "./agent/until.ts";
import { join, type Namespace, openNamespace } from "./namespace.ts";
import { pings } from "./ping.ts";

export const MODULE: URL = new URL("./pump.inside.js", import.meta.url);
/** To stop takes milliseconds; what waits for traffic, or for room, would take longer than this. */
export const STOP_MS = 5000;

const VNI = 1;
export const MTU = 1450;
export const UDP_MTU = 1472;

/** The journal's entry for a port. */
export function setPort(record: PortInit): JournalEntry {
  return { table: "ports", op: "set", record };
}

/** A domain of one VNI with one peer, whose station is known. */
export function vxlanTables(host: Host, peer: Host, flags: PortFlagName[] = []): JournalEntry[] {
  const { mac } = host;
  const tunnel = { index: TUNNEL_PORT, kind: "vxlan", domain: 0, mac, mtu: MTU, vni: VNI } as const;
  const remote = { index: 0, address: peer.underlay, flags: ["allowed"] } as const;
  const known = { domain: 0, mac: peer.mac, port: TUNNEL_PORT, remote: 0 };
  return [
    { table: "domains", op: "set", record: { index: 0, vni: VNI } },
    setPort({ index: DEVICE_PORT, kind: "ethernet", domain: 0, mtu: MTU }),
    setPort({ ...tunnel, flags: ["linuxMode", "strictPeer", "ecn", ...flags], udpPort: 8472 }),
    { table: "remotes", op: "set", record: remote },
    { table: "fdb", op: "set", record: { ...known, flags: ["permanent"] } },
  ];
}

/** Flannel's UDP backend with one peer, whose overlay address is all of its subnet. */
function udpTables(host: Host, peer: Host): JournalEntry[] {
  const mtu = UDP_MTU;
  const flags = ["strictPeer", "unreachableFromTarget"] as const;
  const tunnel = { index: TUNNEL_PORT, kind: "udpTunnel", ipv4: host.overlay, mtu } as const;
  const remote = { index: 0, address: peer.underlay, flags: ["allowed"] } as const;
  const hop = { index: 0, kind: "unicast", port: TUNNEL_PORT, remote: 0 } as const;
  return [
    setPort({ index: DEVICE_PORT, kind: "ip", mtu }),
    setPort({ ...tunnel, flags, udpPort: 8285 }),
    { table: "remotes", op: "set", record: remote },
    { table: "hops", op: "set", record: hop },
    { table: "routes", op: "set", record: { prefix: `${peer.overlay}/32`, hop: 0 } },
  ];
}

/** One end of the overlay. */
export class Host {
  readonly ns: Namespace;
  readonly underlay: string;
  readonly overlay: string;
  readonly mac: string;

  constructor(ns: Namespace, station: number) {
    this.ns = ns;
    this.underlay = `10.168.0.${station}`;
    this.overlay = `10.5.0.${station}`;
    this.mac = `02:00:00:00:00:0${station}`;
  }

  call<T>(name: string, ...args: unknown[]): Promise<T> {
    return this.ns.call<T>(MODULE, name, ...args);
  }
  stats(): Promise<PumpStats> {
    return this.call("stats");
  }
  apply(...entries: JournalEntry[]): Promise<JournalResult[]> {
    return this.call("apply", entries);
  }
  close(): Promise<{ ms: number; stats: PumpStats }> {
    return this.call("close");
  }

  /** Returns what ping printed, and how many answers came. */
  ping(address: string, count: number, ...words: string[]): Promise<[string, number]> {
    return pings(this.ns, address, count, ...words);
  }

  /** Sends as fast as it can, for so many seconds. */
  async flood(address: string, seconds: number, ...words: string[]): Promise<void> {
    await this.ns
      .run("ping", "-n", "-q", "-f", "-w", `${seconds}`, ...words, address)
      .catch(() => {});
  }

  /** Waits until the pump has counted something, and gives what it counts then. */
  until(what: string, isSo: (stats: PumpStats) => boolean): Promise<PumpStats> {
    return until(what, async () => {
      const stats = await this.stats();
      return isSo(stats) && stats;
    });
  }
}

/** Options of both pumps, or of each. */
type Words = Partial<PumpOptions> | ((host: Host) => Partial<PumpOptions>);
type Tables = (host: Host, peer: Host) => JournalEntry[];

/** Two hosts on one underlay. */
export class Pair {
  readonly a: Host;
  readonly b: Host;

  static async open(): Promise<Pair> {
    const a = new Host(await openNamespace("a"), 1);
    const b = new Host(await openNamespace("b"), 2);
    await join(a.ns, `${a.underlay}/24`, b.ns, `${b.underlay}/24`);
    for (const { ns } of [a, b]) await ns.sysctl("net.ipv6.conf.all.disable_ipv6", 1);
    return new Pair(a, b);
  }

  private constructor(a: Host, b: Host) {
    this.a = a;
    this.b = b;
  }

  /** Each host with its peer. */
  get ways(): [Host, Host][] {
    return [
      [this.a, this.b],
      [this.b, this.a],
    ];
  }

  /** Starts a pump on both hosts; each knows the other's station and address. */
  async startVxlan(tables: Tables = vxlanTables, words: Words = {}): Promise<void> {
    for (const [host, peer] of this.ways) {
      await host.call("start", {
        backend: "vxlan",
        device: { name: "flannel.1" },
        local: host.underlay,
        port: 8472,
        mtu: MTU,
        journal: tables(host, peer),
        ...(typeof words === "function" ? words(host) : words),
      });
      const { ns } = host;
      await ns.ip("link", "set", "flannel.1", "address", host.mac, "mtu", String(MTU), "up");
      await ns.ip("address", "add", `${host.overlay}/24`, "dev", "flannel.1");
      await ns.ip("neigh", "add", peer.overlay, "lladdr", peer.mac, "dev", "flannel.1");
    }
  }

  /** The same with flannel's UDP backend. */
  async startUdp(words: Partial<PumpOptions> = {}): Promise<void> {
    for (const [host, peer] of this.ways) {
      await host.call("start", {
        backend: "udp",
        device: { name: "flannel0" },
        local: host.underlay,
        port: 8285,
        mtu: UDP_MTU,
        journal: udpTables(host, peer),
        ...words,
      });
      const { ns } = host;
      await ns.ip("link", "set", "flannel0", "mtu", String(UDP_MTU), "up");
      await ns.ip("address", "add", `${host.overlay}/32`, "dev", "flannel0");
      await ns.ip("route", "add", "10.5.0.0/16", "dev", "flannel0");
    }
  }

  /** Stops both pumps; their devices go with them. */
  async stop(): Promise<[PumpStats, PumpStats]> {
    const ends = [await this.a.close(), await this.b.close()] as const;
    for (const { ms } of ends) assert.ok(ms < STOP_MS, `took ${ms} ms to stop`);
    for (const { ns } of [this.a, this.b]) {
      for (const device of ["flannel.1", "flannel0"]) {
        await assert.rejects(ns.ip("link", "show", device));
      }
    }
    return [ends[0].stats, ends[1].stats];
  }

  async close(): Promise<void> {
    await this.a.ns.close();
    await this.b.ns.close();
  }
}
