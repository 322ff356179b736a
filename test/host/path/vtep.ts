// A VTEP in the core that is fed one packet at a time: what the path tests share.
import {
  type Burst,
  type BurstFlagName,
  type BurstOptions,
  type Desc,
  type ElementName,
  type HeddleNode,
  openCore,
  type PortFlagName,
} from "../../../bindings/core/index.ts";

export const LOCAL = "10.168.0.2";
export const PEER = "10.168.0.3";
export const OWN_MAC = "5e:f8:4f:00:e3:11";
export const PEER_MAC = "5e:f8:4f:00:e3:37";
export const VNI = 5;
export const UDP_PORT = 8472;

const PORT = 0;
const SEED = 0x5eedn;

/** One packet that an element gave. */
export interface Given {
  readonly desc: Desc;
  readonly bytes: Uint8Array;
}

/** What became of one packet. */
export interface Fate {
  readonly verdict: string;
  readonly given: readonly Given[];
  /** Of the first that was given. */
  readonly bytes: Uint8Array | undefined;
}

export interface Fed {
  readonly nowMs?: number;
  readonly flags?: Desc["flags"];
  readonly peer?: string;
  readonly remote?: number | null;
  readonly tos?: number;
  readonly gsoSize?: number;
  /** What lies in front of the packet. */
  readonly front?: Uint8Array;
  readonly burstFlags?: readonly BurstFlagName[];
}

/** How much room there is. */
export interface Room {
  /** True for packets as long as IP can bear. */
  readonly isLong?: boolean;
  readonly spareBytes?: number;
}

export interface Vtep {
  readonly node: HeddleNode;
  feed(element: ElementName, packet: Uint8Array, fed?: Fed): Fate;
  decapFrame(frame: Uint8Array): Fate;
  /** The address of the remote behind which `mac` lives. */
  whereIs(mac: string): string | undefined;
  /** Places `mac` behind the remote at `address` for good. */
  pin(mac: string, address: string): void;
}

/** A VXLAN port with domain 0 and one remote, allowed, whose VTEP has PEER_MAC. */
export async function openVtep(flags: readonly PortFlagName[], room: Room = {}): Promise<Vtep> {
  const node = await openRoom(room);
  node.domains.set({ index: 0, vni: VNI, ageS: 300 });
  node.ports.set({
    index: PORT,
    kind: "vxlan",
    domain: 0,
    mac: OWN_MAC,
    mtu: 1450,
    vni: VNI,
    flags,
    localIpv4: LOCAL,
    udpPort: UDP_PORT,
  });
  setPeer(node);
  return vtepOf(node, room);
}

/** A port of flannel's UDP backend with one remote and a route to 100.96.2.0/24 behind it. */
export function openUdpEnd(flags: readonly PortFlagName[], room: Room = {}): Promise<Vtep> {
  return openEnd("udpTunnel", flags, room);
}

/** The same of IP in IP. */
export function openIpipEnd(flags: readonly PortFlagName[]): Promise<Vtep> {
  return openEnd("ipip", flags, {});
}

async function openEnd(
  kind: "udpTunnel" | "ipip",
  flags: readonly PortFlagName[],
  room: Room,
): Promise<Vtep> {
  const node = await openRoom(room);
  node.ports.set({
    index: PORT,
    kind,
    ipv4: "100.96.1.0",
    mtu: 1472,
    flags,
    localIpv4: LOCAL,
    udpPort: 8285,
  });
  const remote = setPeer(node);
  const hop = node.hops.set({ kind: "unicast", port: PORT, remote });
  node.routes.set({ prefix: "100.96.2.0/24", hop });
  return vtepOf(node, room);
}

async function openRoom({ isLong = false }: Room): Promise<HeddleNode> {
  const core = await openCore({ memoryBytes: 4 << 20 });
  const tables = { routes: 16, hops: 16, fdb: 64, neighbors: 16 };
  const slots = isLong ? { slots: 8, slotStride: 1 << 17 } : { slots: 32 };
  return core.openNode({ seed: SEED, ...tables, ...slots });
}

function setPeer(node: HeddleNode): number {
  return node.remotes.set({
    address: PEER,
    flags: ["allowed"],
    dstMac: "02:00:0a:a8:00:03",
    srcMac: "02:00:0a:a8:00:02",
  });
}

function vtepOf(node: HeddleNode, room: Room): Vtep {
  const { isLong = false, ...spare } = room;
  const many: BurstOptions = isLong ? { outCapacity: 256, pieces: 1024, ...spare } : {};
  const burst = node.openBurst({ capacity: 4, outCapacity: 8, ...many });
  const feed = (element: ElementName, bytes: Uint8Array, fed: Fed = {}): Fate => {
    const { nowMs = 1000, front = new Uint8Array(), burstFlags = [], ...desc } = fed;
    burst.clear();
    burst.push({ bytes, port: PORT, ...desc });
    node.bytes.set(front, burst.inAt(0).ptr - front.length);
    burst.run(element, nowMs, PORT, 0, burstFlags);
    return fateOf(burst);
  };
  return {
    node,
    feed,
    decapFrame: (frame) => feed("vxlan_decap_frame_burst", frame),
    whereIs: (mac) => {
      const entry = node.fdb.get({ domain: 0, mac }, 1000);
      if (entry === undefined || entry.remote === null) return undefined;
      return node.remotes.get(entry.remote)?.address;
    },
    pin: (mac, address) => {
      const remote = node.remotes.find(address) ?? null;
      node.fdb.set([{ domain: 0, mac, port: PORT, remote, flags: ["permanent"] }], 1000);
    },
  };
}

function fateOf(burst: Burst): Fate {
  const given = Array.from({ length: burst.outCount }, (_, at) => ({
    desc: burst.outAt(at),
    bytes: burst.outBytes(at),
  }));
  return { verdict: burst.inAt(0).verdict, given, bytes: given[0]?.bytes };
}
