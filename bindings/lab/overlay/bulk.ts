// A bulk transfer: the longest packet of a run's stream, many times, into one tunnel's core and out
// of the other's. Only here somebody counts nanoseconds, so descriptors are written as the core
// reads them.
import {
  type Burst,
  BurstAt,
  DescAt,
  type ElementName,
  type HeddleNode,
} from "../../core/index.ts";
import type { Run } from "../scenario.ts";
import { hopsAt, packetsIn } from "../scenarios/parts/find.ts";
import type { Hop } from "../trace/trace.ts";
import { type HostPlan, type NetworkPlan, VNI } from "./plan.ts";
import type { Backend, BulkReport } from "./report.ts";

/** How fast the core is; the lab itself has no clock on the wall. */
export interface BulkOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly wallMs: () => number;
  /** Left out: 100000. */
  readonly packets?: number;
}

export const BULK_PACKETS = 100_000;

const BURST_LEN = 64;
const OUTER_LEN = 64; // more than any outer headers, so that a slot of the receiver suffices
const CAPS = { slots: 256 };
const ETHERNET_LEN = 14;
const INDEX = 0; // of the one row of each table

const ELEMENTS: Readonly<Record<Backend, readonly [ElementName, ElementName]>> = {
  vxlan: ["vxlan_encap_frame_burst", "vxlan_decap_frame_burst"],
  udp: ["udp_encap_frame_burst", "udp_decap_frame_burst"],
};

/** Takes what entered the first host's tunnel in `run`. */
export function runBulk(run: Run, plan: NetworkPlan, options: BulkOptions): BulkReport {
  const { wallMs, packets = BULK_PACKETS } = options;
  const [one, two] = plan.hosts;
  const [encap, decap] = ELEMENTS[plan.backend];
  const { bytes, isL3 } = longestInto(run, plan);
  const [from, to] = [openTunnel(run, plan, one, two), openTunnel(run, plan, two, one)];
  const out = openBurst(from, bytes, isL3);
  const back = openBurst(to, new Uint8Array(bytes.length + OUTER_LEN), false);
  let delivered = 0;
  const beginMs = wallMs();
  for (let left = packets; left > 0; left -= BURST_LEN) {
    refill(out, bytes, Math.min(left, BURST_LEN));
    out.run(encap, 0, INDEX);
    carry(out, back);
    delivered += back.run(decap, 0, INDEX);
  }
  const spentMs = wallMs() - beginMs;
  const packetLen = isL3 ? bytes.length : bytes.length - ETHERNET_LEN;
  const throughputGbitPerS = spentMs > 0 ? (delivered * packetLen * 8) / (spentMs * 1e6) : 0;
  return { packets, delivered, packetLen, wallMs: spentMs, throughputGbitPerS };
}

function longestInto(run: Run, { backend, hosts: [one] }: NetworkPlan) {
  const verdict = backend === "vxlan" ? "encap-vxlan" : "encap-udp";
  const hops = packetsIn(run, { kind: "tcp" }).flatMap((packet) =>
    hopsAt(run, packet, { at: one.name, verdict }),
  );
  const lenOf = (hop: Hop): number => hop.in?.len ?? 0;
  const [longest] = hops.sort((a, b) => lenOf(b) - lenOf(a));
  if (longest?.in == null) throw new Error("no segment of the stream entered the tunnel");
  return { bytes: run.bytes(longest.in), isL3: longest.inLink === "ipv4" };
}

/** A node with the tunnel alone, and with what flannel writes for the other host. */
function openTunnel({ core }: Run, plan: NetworkPlan, mine: HostPlan, other: HostPlan): HeddleNode {
  const node = core.openNode({ ...CAPS, seed: BigInt(plan.port) });
  const ends = { localIpv4: mine.underlay.address, udpPort: plan.port, mtu: plan.mtu };
  const port = { index: INDEX, ...ends } as const;
  const { address, mac: dstMac } = other.underlay;
  const macs = { dstMac, srcMac: mine.underlay.mac };
  node.remotes.set({ index: INDEX, address, flags: ["allowed"], ...macs });
  const flags = ["ecn", "udpChecksum", "strictPeer"] as const;
  if (plan.backend === "vxlan") {
    node.domains.set({ index: INDEX, vni: VNI });
    const vxlan = { kind: "vxlan", domain: INDEX, mac: mine.tunnel.mac, vni: VNI } as const;
    node.ports.set({ ...port, ...vxlan, flags: [...flags, "linuxMode"] });
    node.fdb.set({ domain: INDEX, mac: other.tunnel.mac, port: INDEX, remote: INDEX }, 0);
  } else {
    node.ports.set({ ...port, kind: "udpTunnel", flags: [...flags, "dontFragment"] });
    node.hops.set({ index: INDEX, kind: "unicast", port: INDEX, remote: INDEX });
    node.routes.set({ prefix: other.subnet, hop: INDEX });
  }
  return node;
}

/** A burst with a slot for each packet, and `bytes` in all of them. */
function openBurst(node: HeddleNode, bytes: Uint8Array, isL3: boolean): Burst {
  const capacity = BURST_LEN;
  const burst = node.openBurst({ capacity, outCapacity: capacity, spareBytes: 0 });
  for (let at = 0; at < BURST_LEN; at++) burst.push({ bytes, flags: isL3 ? ["l3"] : [] });
  return burst;
}

/** Writes the packets anew: encapsulation has changed the last ones where they lay. */
function refill(burst: Burst, bytes: Uint8Array, count: number): void {
  const { node } = burst;
  for (let at = 0; at < count; at++) {
    const desc = burst.in + at * DescAt.End;
    node.bytes.set(bytes, node.view.getUint32(desc + DescAt.Ptr, true));
    node.view.setInt16(desc + DescAt.Verdict, 0, true);
  }
  node.view.setUint32(burst.address + BurstAt.InCount, count, true);
}

/** The cable between the hosts: what came out of one burst goes into the other. */
function carry(out: Burst, back: Burst): void {
  const { view, bytes } = out.node; // both nodes lie in one memory
  for (let at = 0; at < out.outCount; at++) {
    const desc = out.out + at * DescAt.End;
    const target = back.in + at * DescAt.End;
    const ptr = view.getUint32(desc + DescAt.Ptr, true);
    const len = view.getUint32(desc + DescAt.Len, true);
    bytes.copyWithin(view.getUint32(target + DescAt.Ptr, true), ptr, ptr + len);
    view.setUint32(target + DescAt.Len, len, true);
    view.setInt16(target + DescAt.Verdict, 0, true);
  }
  view.setUint32(back.address + BurstAt.InCount, out.outCount, true);
}
