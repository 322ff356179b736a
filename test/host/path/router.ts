// A router in the core with three ports, fed one packet at a time: what its tests share.
import {
  type Burst,
  type Desc,
  type HeddleNode,
  type HopInit,
  openCore,
  type PortFlagName,
  type PortInit,
} from "../../../bindings/core/index.ts";
import { arp, ethernet, type Ipv4Fields, ipv4, udp } from "../../model/packet.ts";

export const LEFT = 0;
export const RIGHT = 1;
export const TUN = 2;
export const MAC = "02:00:00:00:00:01"; // of the router, at the left port
export const RIGHT_MAC = "02:00:00:00:00:02";
export const HOST_MAC = "02:42:0a:01:00:02";
export const PEER_MAC = "02:42:0a:02:00:02";
export const OURS = "10.1.0.1";
export const RIGHT_OURS = "10.2.0.1";
export const TUN_OURS = "10.3.0.1";
export const HOST = "10.1.0.2"; // on the left link
export const PEER = "10.2.0.2"; // on the right one, its neighbor entry is there
export const STRANGER = "10.2.0.3"; // as well, and nobody knows its MAC
export const BROADCAST = "ff:ff:ff:ff:ff:ff";

type DescFlags = Desc["flags"];

export interface Given {
  readonly desc: Desc;
  readonly bytes: Uint8Array;
}

export interface Fate {
  readonly verdict: string;
  readonly port: number | null;
  readonly peer: string | null;
  readonly given: readonly Given[];
  /** Of the first that was given. */
  readonly bytes: Uint8Array | undefined;
}

export interface RouterInit {
  readonly left?: readonly PortFlagName[];
  readonly ports?: readonly PortInit[];
  readonly neighbors?: number;
}

/** Left, right, and a TUN device; to the far net 10.9.0.0/16 by way of the peer. */
export class Router {
  readonly node: HeddleNode;
  readonly burst: Burst;
  nowMs = 1_000_000;

  static async open(init: RouterInit = {}): Promise<Router> {
    const core = await openCore({ memoryBytes: 4 << 20 });
    const { neighbors = 16 } = init;
    const node = core.openNode({
      seed: 0x5eedn,
      slots: 64,
      routes: 32,
      hops: 32,
      ports: 8,
      domains: 4,
      neighbors,
    });
    return new Router(node, init);
  }

  private constructor(node: HeddleNode, init: RouterInit) {
    this.node = node;
    const station = { kind: "ethernet", prefixLen: 16, mtu: 1500 } as const;
    const { left = [], ports = [] } = init;
    node.ports.set({ ...station, index: LEFT, mac: MAC, ipv4: OURS, flags: left });
    node.ports.set({ ...station, index: RIGHT, mac: RIGHT_MAC, ipv4: RIGHT_OURS });
    node.ports.set({ index: TUN, kind: "ip", ipv4: TUN_OURS, prefixLen: 16, mtu: 1500 });
    for (const port of ports) node.ports.set(port);
    this.route("10.1.0.0/16", { kind: "connected", port: LEFT });
    this.route("10.2.0.0/16", { kind: "connected", port: RIGHT });
    this.route("10.3.0.0/16", { kind: "connected", port: TUN });
    this.route("10.9.0.0/16", { kind: "unicast", port: RIGHT, gateway: PEER });
    this.know(RIGHT, PEER, PEER_MAC);
    this.burst = node.openBurst({ capacity: 8, outCapacity: 64, spareBytes: 32768 });
  }

  /** A route, and a hop of its own. */
  route(prefix: string, hop: HopInit): void {
    this.node.routes.set({ prefix, hop: this.node.hops.set(hop) });
  }

  know(port: number, address: string, mac: string, state?: "reachable" | "stale"): void {
    const entry = { port, address, mac, ...(state === undefined ? {} : { state }) };
    this.node.neighbors.set(entry, this.nowMs);
  }

  state(port: number, address: string): string | undefined {
    return this.node.neighbors.get({ port, address }, this.nowMs)?.state;
  }

  feed(bytes: Uint8Array, port: number | null = LEFT, flags: DescFlags = []): Fate {
    return this.#run("route_burst", bytes, port, flags);
  }

  resolve(bytes: Uint8Array, port: number = LEFT): Fate {
    return this.#run("resolve_burst", bytes, port, []);
  }

  #run(
    element: "route_burst" | "resolve_burst",
    bytes: Uint8Array,
    port: number | null,
    flags: DescFlags,
  ): Fate {
    this.burst.clear();
    this.burst.push({ bytes, port, flags });
    this.burst.run(element, this.nowMs, 0);
    const given = this.#given();
    const { verdict, port: at, peer } = this.burst.inAt(0);
    return { verdict, port: at, peer, given, bytes: given[0]?.bytes };
  }

  /** What a tick after so many milliseconds asks. */
  tick(afterMs: number): readonly Given[] {
    this.nowMs += afterMs;
    this.burst.clear();
    this.burst.run("neighbor_tick", this.nowMs, 0);
    return this.#given();
  }

  #given(): Given[] {
    return Array.from({ length: this.burst.outCount }, (_, at) => ({
      desc: this.burst.outAt(at),
      bytes: this.burst.outBytes(at),
    }));
  }
}

/** A UDP datagram with `len` bytes of payload that count up. */
export function datagram(len = 6): Uint8Array {
  const payload = Uint8Array.from({ length: len }, (_, at) => at & 0xff);
  return udp({ srcPort: 1111, dstPort: 2222 }, payload);
}

/** A packet from the host on the left to the peer on the right. */
export function packet(
  fields: Partial<Ipv4Fields> = {},
  payload: Uint8Array = datagram(),
): Uint8Array {
  return ipv4({ src: HOST, dst: PEER, id: 0x1234, ...fields }, payload);
}

/** The same in a frame to the router. */
export function frame(
  fields: Partial<Ipv4Fields> = {},
  payload: Uint8Array = datagram(),
): Uint8Array {
  return ethernet({ dst: MAC, src: HOST_MAC }, packet(fields, payload));
}

export interface Speech {
  readonly dst?: string;
  readonly src?: string;
  readonly operation?: number;
  readonly senderMac?: string;
  readonly senderAddress?: string;
  readonly targetMac?: string;
  readonly targetAddress?: string;
}

/** ARP from the host on the left; it asks for the router. */
export function speech(fields: Speech = {}): Uint8Array {
  const { dst = BROADCAST, src = HOST_MAC, ...rest } = fields;
  const message = arp({
    operation: 1,
    senderMac: HOST_MAC,
    senderAddress: HOST,
    targetMac: "00:00:00:00:00:00",
    targetAddress: OURS,
    ...rest,
  });
  return ethernet({ dst, src, etherType: 0x0806 }, message);
}

/** What such a reply looks like, from the one who is asked. */
export function reply(fields: Speech = {}): Uint8Array {
  return speech({ operation: 2, dst: MAC, targetMac: MAC, ...fields });
}
