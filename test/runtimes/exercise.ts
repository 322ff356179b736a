// What every runtime does with the installed package, by the names that its users write: load the
// builds from wherever it can, decode, encode, fill tables, send a frame through a tunnel and take
// it out again. It names no platform; what comes out is plain data, and the same everywhere.
import {
  type Core,
  type CoreOptions,
  compileCore,
  decode,
  encode,
  HeddleError,
  type HeddleNode,
  hasSimd,
  type LayerInit,
  openCore,
  printHex,
} from "heddle";
import { planNetwork } from "heddle/lab";

const LOCAL = { address: "192.0.2.1", mac: "02:00:00:00:00:01" };
const PEER = { address: "192.0.2.7", mac: "02:00:00:00:00:07" };
const VNI = 42;
const NOW_MS = 1000;

/** An ARP request as it leaves a container, padded to the least that Ethernet sends. */
const REQUEST: readonly LayerInit[] = [
  { layer: "ethernet", fields: { dst: PEER.mac, src: "02:00:00:00:00:03" } },
  {
    layer: "arp",
    fields: {
      operation: 1,
      senderMac: "02:00:00:00:00:03",
      senderAddress: "10.1.15.2",
      targetMac: "00:00:00:00:00:00",
      targetAddress: "10.1.15.9",
    },
  },
  { layer: "padding", fields: { data: new Uint8Array(18) } },
];

/** What the underlay would carry of it. */
const UNDERLAY: readonly LayerInit[] = [
  { layer: "ipv4", fields: { src: LOCAL.address, dst: PEER.address } },
  { layer: "udp", fields: { srcPort: 40000, dstPort: 4789, checksum: 0 } },
  { layer: "vxlan", fields: { vni: VNI } },
  ...REQUEST.map((layer) => ({ ...layer, depth: 1 })),
];

/** What one runtime found. */
export interface Findings {
  readonly simd: boolean;
  /** By the build and by what `openCore` was given. */
  readonly cores: Record<string, CoreFindings>;
  /** How `openCore` refuses what is no core. */
  readonly refused: readonly string[];
  readonly containers: readonly string[];
}

export interface CoreFindings {
  readonly datagram: string;
  readonly peer: string | null;
  readonly frame: string;
  readonly learned: string | null;
  /** Name, depth and offset of each layer of an outer packet. */
  readonly layers: readonly string[];
  /** What `encode` makes of those. */
  readonly packet: string;
  /** Of the packet cut short: the layer, where it begins, what it needs, what it had. */
  readonly broken: readonly (string | number)[];
  readonly route: string | null;
  readonly counters: Record<string, number>;
}

/** Runs everything. `binary` is core.wasm, where a runtime has a way to it. */
export async function exercise(binary?: ArrayBuffer): Promise<Findings> {
  const given: Record<string, CoreOptions> = {
    simd: { simd: true },
    plain: { simd: false },
    debug: { debug: true },
    compiled: { wasm: await compileCore() },
  };
  if (binary !== undefined) {
    given.bytes = { wasm: new Uint8Array(binary) };
    given.module = { wasm: await WebAssembly.compile(binary) };
    given.response = { wasm: new Response(binary) };
    const headers = { "content-type": "application/wasm" };
    given.streamed = { wasm: new Response(binary, { headers }) };
  }
  const cores: Record<string, CoreFindings> = {};
  for (const [name, options] of Object.entries(given)) {
    cores[name] = tunnel(await openCore({ memoryBytes: 8 << 20, ...options }));
  }
  const plan = planNetwork("vxlan");
  return {
    simd: hasSimd(),
    cores,
    refused: await refusals(),
    containers: plan.hosts.map(({ container }) => container.address),
  };
}

/** Decodes and encodes, and goes there and back through two nodes of one core. */
export function tunnel(core: Core): CoreFindings {
  const underlay = encode(UNDERLAY);
  const { layers } = decode(core, underlay, { link: "ip" });
  const { error } = decode(core, underlay.subarray(0, 40), { link: "ip" });
  const [local, peer] = [openVtep(core, PEER), openVtep(core, LOCAL)];
  local.node.fdb.set({ domain: 0, mac: PEER.mac, port: 0, remote: local.remote }, NOW_MS);
  const out = local.node.openBurst({ capacity: 4 });
  out.push({ bytes: encode(REQUEST) });
  out.run("vxlan_encap_burst", NOW_MS, 0);
  const datagram = out.outBytes(0);
  const back = peer.node.openBurst({ capacity: 4 });
  back.push({ bytes: datagram, peer: LOCAL.address, remote: null });
  back.run("vxlan_decap_burst", NOW_MS, 0);
  const station = peer.node.fdb.get({ domain: 0, mac: "02:00:00:00:00:03" }, NOW_MS);
  const counters = Object.entries(peer.node.counters());
  return {
    layers: layers.map(({ layer, depth, offset }) => `${layer} ${depth} ${offset}`),
    packet: printHex(encode(layers)),
    broken: error ? [error.layer, error.offset, error.needed, error.had, error.reason] : [],
    datagram: printHex(datagram),
    peer: out.outAt(0).peer,
    frame: printHex(back.outBytes(0)),
    learned:
      station?.remote == null ? null : (peer.node.remotes.get(station.remote)?.address ?? null),
    route: local.node.routes.lookup("10.1.15.2")?.prefix ?? null,
    counters: Object.fromEntries(counters.map(([name, count]) => [name, Number(count)])),
  };
}

function openVtep(core: Core, other: typeof PEER): { node: HeddleNode; remote: number } {
  const node = core.openNode({ seed: 7n, slots: 64 });
  node.domains.set({ index: 0, vni: VNI });
  node.ports.set({ index: 0, kind: "vxlan", domain: 0, vni: VNI, udpPort: 4789, flags: ["learn"] });
  const hop = node.hops.set({ kind: "unicast", port: 0, gateway: other.address });
  node.routes.set({ prefix: "10.1.0.0/16", hop });
  return { node, remote: node.remotes.set({ address: other.address, flags: ["allowed"] }) };
}

async function refusals(): Promise<string[]> {
  const page = new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  const bad = [page, Uint8Array.of(0, 1, 2, 3), new Response(null, { status: 404 })];
  return Promise.all(
    bad.map((wasm) =>
      openCore({ wasm }).then(
        () => "taken",
        (error: unknown) => (error instanceof HeddleError ? error.code : String(error)),
      ),
    ),
  );
}
