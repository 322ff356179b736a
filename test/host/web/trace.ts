// Traces for tests of the page that need no engine: packets of any number of hops, without tables.
import fc from "fast-check";
import type { Hop, Packet, Trace } from "../../../bindings/lab/trace/trace.ts";

const HOP: Omit<Hop, "packet" | "n" | "from"> = {
  timeNs: 0,
  host: "node1",
  namespace: "node1",
  device: "eth0",
  outDevice: null,
  plane: "underlay",
  verdict: "bridge",
  values: {},
  in: { offset: 0, len: 0 },
  out: [{ offset: 0, len: 0 }],
  inLink: "ethernet",
  outLink: "ethernet",
  asked: [],
  changes: [],
  side: [],
  milestone: null,
  crossings: 0,
  said: [],
};

/** A trace whose packets have so many hops; those below zero are asked for by the first packet. */
export function traceOf(counts: readonly number[]): Trace {
  const hops: Hop[] = [];
  const packets: Packet[] = counts.map((count, index) => {
    const hopCount = Math.abs(count);
    const firstHop = hops.length;
    for (let n = 1; n <= hopCount; n++) {
      hops.push({ ...HOP, packet: index, n, from: n === 1 ? null : n - 1 });
    }
    const isSide = count < 0;
    return {
      ...{ index, kind: isSide ? "arp-request" : "echo-request", from: "a", to: "b" },
      ...{ label: `packet ${index}`, because: isSide ? { packet: 0, hop: 1 } : null },
      ...{ line: isSide ? "side" : "main", firstHop, hopCount, outcome: "deliver" },
    } as Packet;
  });
  return {
    ...{ key: "0", scenario: "flannel-vxlan", seed: "1", places: PLACES, packets, hops },
    ...{ bytes: new Uint8Array(), tables: [], log: [], facts: [], errata: [] },
    ...{ outputs: [], sightings: [] },
  };
}

const PLACES: Trace["places"] = { hosts: [], fabrics: [], links: [] };

/** Traces with at least one packet that matters. */
export const traces: fc.Arbitrary<Trace> = fc
  .tuple(
    fc.integer({ min: 1, max: 12 }),
    fc.array(
      fc.integer({ min: -4, max: 9 }).filter((count) => count !== 0),
      { maxLength: 8 },
    ),
  )
  .map(([first, rest]) => traceOf([first, ...rest]));
