// The figures that stand for all others in the README, in its table and on its chart.
import type { Machine } from "../machine.ts";
import { resultsOf } from "../results.ts";
import type { Report } from "./report.ts";
import type { Result, RivalResult } from "./rounds.ts";

const KERNEL = { shown: "Linux's VXLAN", name: "kernel VXLAN" };
const PLAIN = { shown: "heddle without offloads", name: "heddle, no offloads" };
const DPDK = { shown: "DPDK's rte_lpm, bulk", name: "DPDK rte_lpm_lookup_bulk" };
const DATAGRAMS = "UDP of 1390 bytes, under 1 % lost";
const MILLION = "routes, 1000000, random addresses";
const FRAME = "decode, a frame in VXLAN";

/** Something that heddle does, and beside whom it is shown. */
interface Choice {
  readonly item: string;
  readonly suite: string;
  /** As the suite calls it. */
  readonly contest: string;
  readonly peers: readonly Peer[];
}

interface Peer {
  readonly shown: string;
  /** As the suite calls it. */
  readonly name: string;
  /** Left out: that of the choice. */
  readonly suite?: string;
}

const CHOICES: readonly Choice[] = [
  {
    ...{ item: "one TCP stream, veth that segments", suite: "tunnel", contest: "TCP, one stream" },
    peers: [KERNEL, PLAIN],
  },
  {
    ...{ item: "the same, back", suite: "tunnel", contest: "TCP, one stream, back" },
    peers: [KERNEL],
  },
  {
    item: "the same, as on a wire: each packet cut",
    ...{ suite: "wire", contest: "TCP, one stream", peers: [KERNEL, PLAIN] },
  },
  {
    item: "UDP of 1390 bytes, veth that segments",
    ...{ suite: "tunnel", contest: DATAGRAMS, peers: [KERNEL] },
  },
  {
    item: "the same, as on a wire",
    ...{ suite: "wire", contest: DATAGRAMS, peers: [KERNEL] },
  },
  {
    item: "ping flood, more than plain veth",
    ...{ suite: "tunnel", contest: "ping flood, more than plain veth", peers: [KERNEL] },
  },
  {
    item: "VXLAN encapsulation, datagram, 1400 bytes",
    ...{ suite: "vxlan", contest: "encap, datagram, 1400 bytes" },
    peers: [{ shown: "C", name: "C" }],
  },
  {
    item: "VXLAN decapsulation with learning, 1400 bytes",
    ...{ suite: "vxlan", contest: "decap, datagram, 1400 bytes" },
    peers: [{ shown: "C", name: "C" }],
  },
  {
    item: "FDB look-up, a million stations",
    ...{ suite: "fdb", contest: "FDB look-up, 1000000 stations" },
    peers: [
      { shown: "C, the same table", name: "C, the same table" },
      { shown: "linear, prefetched", name: "C, linear probing, prefetched" },
    ],
  },
  {
    item: "route look-up, a million routes, any address",
    ...{ suite: "route", contest: MILLION, peers: [DPDK] },
  },
  {
    item: "route look-up, a thousand routes, any address",
    ...{ suite: "route", contest: "routes, 1000, random addresses", peers: [DPDK] },
  },
  {
    item: "a frame in VXLAN taken apart",
    ...{ suite: "decode", contest: FRAME },
    peers: [
      { shown: "etherparse", name: "etherparse, lengths" },
      { shown: "smoltcp", name: "smoltcp, lengths" },
      { shown: "gopacket", name: "gopacket, DecodingLayerParser", suite: "decode-go" },
    ],
  },
  {
    item: "internet checksum, 1400 bytes",
    ...{ suite: "checksum", contest: "internet checksum, 1400 bytes" },
    peers: [
      { shown: "C, RFC 1071's", name: "C, RFC 1071's" },
      { shown: "AVX2 by hand", name: "C, AVX2 by hand" },
    ],
  },
];

/** A choice with what was measured. */
export interface Figure {
  readonly item: string;
  /** What heddle takes, or gets done. */
  readonly heddle: string;
  readonly peers: readonly RivalResult[];
}

export interface Figures {
  readonly machines: readonly Machine[];
  readonly figures: readonly Figure[];
}

/** Throws where bench/results lacks one of them. */
export function figures(): Figures {
  const reports = new Map<string, Report>();
  const reportOf = (suite: string): Report => {
    const report = reports.get(suite) ?? resultsOf<Report>(suite);
    reports.set(suite, report);
    return report;
  };
  const found = CHOICES.map(({ item, suite, contest, peers }) => {
    const { heddle, unit } = contestOf(reportOf(suite), contest);
    return {
      ...{ item, heddle: `${heddle.median.toPrecision(3)} ${unit}` },
      peers: peers.map(({ shown, name, suite: own = suite }) => {
        return { ...rivalOf(contestOf(reportOf(own), contest), name), name: shown };
      }),
    };
  });
  return { machines: [...reports.values()].map(({ machine }) => machine), figures: found };
}

export const FIGURES_HEAD: readonly string[] = ["item", "heddle", "peer", "ratio"];

export function figureRow({ item, heddle, peers }: Figure): string[] {
  const all = (of: (peer: RivalResult) => string): string => peers.map(of).join(" / ");
  return [item, heddle, all(({ name }) => name), all(({ ratio }) => ratioOf(ratio.median))];
}

/** A ratio as one says it. */
export function ratioOf(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

function contestOf({ suite, results }: Report, contest: string): Result {
  const found = results.find(({ name }) => name === contest);
  if (found === undefined) throw new Error(`${suite}.json in bench/results has no ${contest}`);
  return found;
}

function rivalOf({ name, rivals }: Result, rival: string): RivalResult {
  const found = rivals.find((each) => each.name === rival);
  if (found === undefined) throw new Error(`bench/results has no ${rival} for ${name}`);
  return found;
}
