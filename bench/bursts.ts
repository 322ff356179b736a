// Packets in bursts of 64 through an element of the core.
import { descLayout } from "../bindings/core/desc.ts";
import {
  BurstAt,
  DescAt,
  type DescInit,
  type ElementName,
  type HeddleNode,
} from "../bindings/core/index.ts";
import { BURST_LEN, BURSTS } from "./workload.ts";

export const NOW_MS = 1000;

/** Slots behind the packets, where elements write headers and answers. */
export const SPARE_SLOTS = 4;

/** Where a packet lies and how long it is, from the beginning of the arena. */
export interface Spot {
  readonly ptr: number;
  readonly len: number;
  readonly peer: string;
}

/** How an element sees its packets. */
export interface Through {
  readonly element: ElementName;
  /** The element's own port. */
  readonly port?: number;
  /** What every descriptor says as well. */
  readonly desc?: Partial<DescInit>;
}

/** Runs all packets once, in bursts. Returns how many came out. */
export function inCore(
  node: HeddleNode,
  { element, port = 0, desc = {} }: Through,
  spots: readonly Spot[],
): () => number {
  const burst = layBurst(node, port);
  // The descriptors are copied in for every burst: elements write their verdicts into them.
  const descs = bursts(spots).map((some) => {
    return descLayout.encode(
      some.map(({ ptr, ...rest }) => ({ ptr: node.arena + ptr, ...rest, ...desc })),
    );
  });
  const run = node.exports[element];
  const input = burst + BurstAt.End;
  return () => {
    let outCount = 0;
    for (const some of descs) {
      node.bytes.set(some, input);
      outCount += run(node.address, burst);
    }
    return outCount;
  };
}

/** All packets in bursts that lie beside one another; `fresh` takes their verdicts back. */
export function layBursts(
  node: HeddleNode,
  spots: readonly Spot[],
): { readonly bursts: readonly number[]; readonly fresh: () => void } {
  const laid = bursts(spots).map((some) => {
    const descs = some.map(({ ptr, ...rest }) => ({ ptr: node.arena + ptr, ...rest }));
    return { burst: layBurst(node, 0), descs: descLayout.encode(descs) };
  });
  return {
    bursts: laid.map(({ burst }) => burst),
    fresh: () => {
      for (const { burst, descs } of laid) node.bytes.set(descs, burst + BurstAt.End);
    },
  };
}

export function bursts<T>(spots: readonly T[]): T[][] {
  return Array.from({ length: BURSTS }, (_, at) => {
    return spots.slice(at * BURST_LEN, (at + 1) * BURST_LEN);
  });
}

function layBurst(node: HeddleNode, port: number): number {
  const descsLen = BURST_LEN * DescAt.End;
  const burst = node.takeScratch(BurstAt.End + 2 * descsLen);
  node.bytes.fill(0, burst, burst + BurstAt.End);
  const set = (at: number, value: number): void => node.view.setUint32(burst + at, value, true);
  set(BurstAt.In, burst + BurstAt.End);
  set(BurstAt.InCount, BURST_LEN);
  set(BurstAt.Out, burst + BurstAt.End + descsLen);
  set(BurstAt.OutCap, BURST_LEN);
  set(BurstAt.Spare, node.slot(node.slotCount - SPARE_SLOTS));
  set(BurstAt.SpareLen, SPARE_SLOTS * node.slotStride);
  set(BurstAt.Port, port);
  node.view.setFloat64(burst + BurstAt.NowMs, NOW_MS, true);
  return burst;
}
