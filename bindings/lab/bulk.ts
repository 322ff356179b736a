// A bulk transfer: the same packet, many times, into one tunnel's core and out of the other's. Only
// here somebody counts nanoseconds, so descriptors are written as the core reads them.
import { type Burst, BurstAt, DescAt, type HeddleNode } from "../core/index.ts";
import type { BulkReport } from "./report.ts";
import type { Tunnel } from "./tunnel.ts";

export interface BulkInit {
  readonly from: Tunnel;
  readonly to: Tunnel;
  /** What goes in: a frame or an IP packet, as the tunnel takes it. */
  readonly bytes: Uint8Array;
  /** Bytes of IP in it. */
  readonly packetLen: number;
  readonly packets: number;
  readonly wallMs: () => number;
}

const BURST_LEN = 64;
const OUTER_LEN = 64; // more than any outer headers, so that a slot of the receiver suffices

export function runBulk(init: BulkInit): BulkReport {
  const { from, to, bytes, packetLen, packets } = init;
  const out = openBurst(from.node, bytes, from.elements.isL3);
  const back = openBurst(to.node, new Uint8Array(bytes.length + OUTER_LEN), false);
  let delivered = 0;
  const beginMs = init.wallMs();
  for (let left = packets; left > 0; left -= BURST_LEN) {
    refill(out, bytes, Math.min(left, BURST_LEN));
    from.encapped += out.run(from.elements.encap, 0, from.port);
    carry(out, back);
    delivered += back.run(to.elements.decap, 0, to.port);
  }
  const wallMs = init.wallMs() - beginMs;
  to.decapped += delivered;
  const throughputGbitPerS = wallMs > 0 ? (delivered * packetLen * 8) / (wallMs * 1e6) : 0;
  return { packets, delivered, packetLen, wallMs, throughputGbitPerS };
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
