// What every runtime does with the installed package, by the names that its users write: load both
// builds from wherever it can, fill tables, send a frame through a tunnel and take it out again. It
// names no platform; what comes out has to be the same everywhere, and is plain data.
import {
  type Core,
  type CoreOptions,
  compileCore,
  HeddleError,
  type HeddleNode,
  hasSimd,
  openCore,
} from "heddle";
import { planNetwork } from "heddle/lab";

const LOCAL = { address: "192.0.2.1", mac: "02:00:00:00:00:01" };
const PEER = { address: "192.0.2.7", mac: "02:00:00:00:00:07" };
const VNI = 42;
const NOW_MS = 1000;

/** An ARP request as it leaves a container, padded to the least that Ethernet sends. */
const FRAME: Uint8Array = bytesOf(
  "020000000007 020000000003 0806 0001 0800 06 04 0001",
  "020000000003 0a010f02 000000000000 0a010f09",
  "00".repeat(18),
);

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

/** There and back through two nodes of one core. */
export function tunnel(core: Core): CoreFindings {
  const [local, peer] = [openVtep(core, PEER), openVtep(core, LOCAL)];
  local.node.fdb.set({ domain: 0, mac: PEER.mac, port: 0, remote: local.remote }, NOW_MS);
  const out = local.node.openBurst({ capacity: 4 });
  out.push({ bytes: FRAME });
  out.run("vxlan_encap_burst", NOW_MS, 0);
  const datagram = out.outBytes(0);
  const back = peer.node.openBurst({ capacity: 4 });
  back.push({ bytes: datagram, peer: LOCAL.address, remote: null });
  back.run("vxlan_decap_burst", NOW_MS, 0);
  const station = peer.node.fdb.get({ domain: 0, mac: "02:00:00:00:00:03" }, NOW_MS);
  const counters = Object.entries(peer.node.counters());
  return {
    datagram: hexOf(datagram),
    peer: out.outAt(0).peer,
    frame: hexOf(back.outBytes(0)),
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

function bytesOf(...parts: readonly string[]): Uint8Array {
  const digits = parts.join("").replaceAll(" ", "");
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
