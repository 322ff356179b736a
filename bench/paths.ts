// Elements of the datapath beside their twins: flannel's UDP backend, IP in IP, bridge, router,
// ARP, and the layers of a packet.
import { LayerAt, LayerKind, parseIpv4, parseMac } from "../bindings/core/index.ts";
import { addressBytes, ethernet, ipv4, join, macBytes, udp } from "../test/model/packet.ts";
import { NOW_MS } from "./bursts.ts";
import type { Case } from "./measure.ts";
import type { MapsByLen } from "./prefixes.ts";
import { Stage } from "./stage.ts";
import {
  frames,
  LOCAL,
  LOCAL_MAC,
  PACKETS,
  REMOTES,
  remoteAddress,
  remoteMac,
  STATIONS,
  stationAddress,
  stationMac,
} from "./workload.ts";

const LEN = 512;
const TTL = 255;
const ETHERNET_LEN = 14;
const UDP_OVERHEAD_LEN = 42;
const UDP_PORT = 8285;
const IPIP = 4;
const SUBNET_LEN = 28; // sixteen stations
const EGRESS_MAC = "02:00:00:00:ff:02";
const LAYERS = 4; // Ethernet, IPv4, UDP, payload
const ROUTED = { hops: REMOTES + 1, routes: REMOTES + 1, neighbors: REMOTES };

/** The packets of `frames`, with TTLs that last for many runs. */
function fresh(): Uint8Array[] {
  return frames(LEN).map((frame) => {
    const payload = frame.subarray(ETHERNET_LEN + 20);
    const [src, dst] = [26, 30].map((at) => [...frame.subarray(at, at + 4)].join("."));
    const packet = ipv4({ src: src ?? "", dst: dst ?? "", ttl: TTL }, payload);
    return join(frame.subarray(0, ETHERNET_LEN), packet);
  });
}

// Each sixteen stations lie behind another hop.
function subnet(index: number): { readonly prefix: string; readonly name: number } {
  const address = stationAddress(index * 16);
  return { prefix: `${address}/${SUBNET_LEN}`, name: parseIpv4(address) >>> (32 - SUBNET_LEN) };
}

function subnets(): MapsByLen {
  const table = Array.from({ length: REMOTES }, (_, at) => [subnet(at).name, at] as const);
  return [[SUBNET_LEN, new Map(table)]];
}

async function openTunnel(kind: "udpTunnel" | "ipip"): Promise<Stage> {
  const images = Array.from({ length: REMOTES }, (_, at) => {
    const ports = { srcPort: UDP_PORT, dstPort: UDP_PORT, length: 0, checksum: 0 };
    const inner = kind === "ipip" ? new Uint8Array() : udp(ports, new Uint8Array());
    const protocol = kind === "ipip" ? IPIP : 17;
    const packet = ipv4({ src: LOCAL, dst: remoteAddress(at), protocol, totalLength: 0 }, inner);
    return new DataView(ethernet({ dst: remoteMac(at), src: LOCAL_MAC }, packet).slice().buffer);
  });
  const peers = new Map(images.map((_, at) => [parseIpv4(remoteAddress(at)), at]));
  const routed = { udpPort: UDP_PORT, routes: subnets(), images, peers };
  const stage = await Stage.open({ caps: ROUTED, ...routed });
  const { node } = stage;
  const own = { localIpv4: LOCAL, udpPort: kind === "ipip" ? 0 : UDP_PORT, mtu: 1480 };
  node.ports.set({ index: 0, kind, ...own });
  for (let index = 0; index < REMOTES; index++) {
    const macs = { dstMac: remoteMac(index), srcMac: LOCAL_MAC };
    node.remotes.set({ index, address: remoteAddress(index), flags: ["allowed"], ...macs });
    node.hops.set({ index, kind: "unicast", port: 0, remote: index });
    node.routes.set({ prefix: subnet(index).prefix, hop: index });
  }
  return stage;
}

function wrapped(inner: readonly Uint8Array[], protocol: number): Uint8Array[] {
  return inner.map((frame, at) => {
    const packet = frame.subarray(ETHERNET_LEN);
    const remote = at % REMOTES;
    const ports = { srcPort: UDP_PORT, dstPort: UDP_PORT, checksum: 0 };
    const payload = protocol === IPIP ? packet : udp(ports, packet);
    const outer = ipv4({ src: remoteAddress(remote), dst: LOCAL, protocol }, payload);
    return ethernet({ src: remoteMac(remote), dst: LOCAL_MAC }, outer);
  });
}

export async function* udpCases(): AsyncGenerator<Case> {
  const stage = await openTunnel("udpTunnel");
  const { twin } = stage;
  const desc = { flags: ["l3"] } as const;
  const inner = fresh();
  stage.load(inner);
  yield stage.case(
    "udp encap, datagram",
    { element: "udp_encap_burst", desc },
    ETHERNET_LEN,
    (ptr, len) => twin.udpEncap(ptr, len),
  );
  stage.load(inner);
  yield stage.case(
    "udp encap, frame",
    { element: "udp_encap_frame_burst", desc },
    ETHERNET_LEN,
    (ptr, len) => twin.encapFrame(ptr, len),
  );
  const outer = wrapped(inner, 17);
  stage.load(outer);
  const peer = remoteAddress(1);
  yield stage.case(
    "udp decap, datagram",
    { element: "udp_decap_burst", desc: { peer } },
    UDP_OVERHEAD_LEN,
    (ptr, len) => twin.udpDecap(ptr, len),
  );
  stage.load(outer);
  yield stage.case("udp decap, frame", { element: "udp_decap_frame_burst" }, 0, (ptr, len) =>
    twin.udpDecapFrame(ptr, len),
  );
}

export async function* ipipCases(): AsyncGenerator<Case> {
  const stage = await openTunnel("ipip");
  const { twin } = stage;
  const desc = { flags: ["l3"] } as const;
  const inner = fresh();
  stage.load(inner);
  yield stage.case(
    "ipip encap, frame",
    { element: "ipip_encap_frame_burst", desc },
    ETHERNET_LEN,
    (ptr, len) => twin.encapFrame(ptr, len),
  );
  stage.load(wrapped(inner, IPIP));
  yield stage.case("ipip decap, frame", { element: "ipip_decap_frame_burst" }, 0, (ptr, len) =>
    twin.ipipDecapFrame(ptr, len),
  );
}

/** Frames that come in by port 2, for stations that live behind ports 0 and 1. */
export async function* bridgeCases(): AsyncGenerator<Case> {
  const homes = Array.from({ length: STATIONS }, (_, at) => [parseMac(stationMac(at)), at & 1]);
  const stations = new Map(homes as [number, number][]);
  const stage = await Stage.open({ caps: { fdb: 4 * STATIONS }, stations });
  const { node, twin } = stage;
  node.domains.set({ index: 0, ageS: 300 });
  for (let index = 0; index < 3; index++) {
    node.ports.set({ index, kind: "ethernet", domain: 0, flags: ["learn", "flood"] });
  }
  const entries = Array.from({ length: STATIONS }, (_, at) => {
    return { domain: 0, mac: stationMac(at), port: at & 1 };
  });
  node.fdb.set(entries, NOW_MS);
  const others = frames(LEN).map((frame) => {
    const copy = frame.slice();
    copy[10] = (copy[10] ?? 0) | 0x80; // a sender that is none of those stations
    return copy;
  });
  stage.load(others);
  const through = { element: "bridge_burst", desc: { port: 2 } } as const;
  yield stage.case("bridge", through, 0, (ptr, len) => twin.bridge(ptr, len, 2));
}

/** The next hops have the router's own MAC, so that what went out may come in again. */
export async function* routerCases(): AsyncGenerator<Case> {
  const nextMac = parseMac(LOCAL_MAC);
  const neighbors = new Map(Array.from({ length: REMOTES }, (_, at) => [at, nextMac]));
  const egressMac = parseMac(EGRESS_MAC);
  const stage = await Stage.open({ caps: ROUTED, routes: subnets(), neighbors, egressMac });
  const { node, twin } = stage;
  const device = { kind: "ethernet", prefixLen: 16, mtu: 1500 } as const;
  node.ports.set({ ...device, index: 0, mac: LOCAL_MAC, ipv4: "10.250.0.1" });
  node.ports.set({ ...device, index: 1, mac: EGRESS_MAC, ipv4: LOCAL });
  for (let index = 0; index < REMOTES; index++) {
    const gateway = remoteAddress(index);
    node.hops.set({ index, kind: "unicast", port: 1, gateway });
    node.routes.set({ prefix: subnet(index).prefix, hop: index });
    const state = "permanent";
    node.neighbors.set({ port: 1, address: gateway, mac: LOCAL_MAC, state }, NOW_MS);
  }
  stage.load(fresh().map((frame) => join(macBytes(LOCAL_MAC), frame.subarray(6))));
  const through = { element: "route_burst", desc: { port: 0 } } as const;
  yield stage.case("route", through, 0, (ptr, len) => twin.route(ptr, len));
}

/** A thousand stations ask who has the port's address. */
export async function* resolveCases(): AsyncGenerator<Case> {
  const stage = await Stage.open({ caps: { neighbors: STATIONS } });
  const { node, twin } = stage;
  const device = { kind: "ethernet", prefixLen: 8, mtu: 1500 } as const;
  node.ports.set({ ...device, index: 0, mac: LOCAL_MAC, ipv4: LOCAL });
  const requests = Array.from({ length: PACKETS }, (_, at) => {
    const types = Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1);
    const sender = join(macBytes(stationMac(at)), addressBytes(stationAddress(at + 1)));
    const arp = join(types, sender, new Uint8Array(6), addressBytes(LOCAL));
    const addresses = { dst: "ff:ff:ff:ff:ff:ff", src: stationMac(at), etherType: 0x0806 };
    return ethernet(addresses, arp);
  });
  stage.load(requests);
  const through = { element: "resolve_burst", desc: { port: 0 } } as const;
  yield stage.case("resolve", through, 0, (ptr, len, at) => {
    return twin.resolve(ptr, len, stage.spare(at));
  });
}

/** One call for each packet: its layers as records. */
export async function* decodeCases(): AsyncGenerator<Case> {
  const stage = await Stage.open();
  const { node, twin } = stage;
  const packets = frames(LEN);
  stage.load(packets);
  const out = node.takeScratch(LAYERS * LayerAt.End);
  const places = Uint32Array.from(packets, (_, at) => stage.place(at));
  const { packet_decode } = node.exports;
  const ethernetKind = LayerKind.Ethernet;
  yield {
    name: "decode, 4 layers",
    items: PACKETS,
    expected: LAYERS * PACKETS,
    wasm: () => {
      let layers = 0;
      for (const place of places) {
        layers += packet_decode(node.arena + place, LEN, ethernetKind, out, LAYERS);
      }
      return layers;
    },
    twin: () => {
      let layers = 0;
      for (const place of places) layers += twin.decode(place, LEN);
      return layers;
    },
  };
}
