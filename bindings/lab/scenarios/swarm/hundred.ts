// A swarm of a hundred nodes, with a task of one service on each: how much every node has to know
// of all the others, and how little of that a packet asks.

import type { Finding, Run, Scenario } from "../../scenario.ts";
import type { NetworkSpec } from "../../spec/network.ts";
import type { Hop } from "../../trace/trace.ts";
import { answered, arrivesWithTtl, claim, onlyEchoes, same } from "../parts/claim.ts";
import { addressAt, macAt } from "../parts/entity.ts";
import { hopAt, packetIn } from "../parts/find.ts";
import { type Overlay, overlayName, type SwarmNode, swarm } from "./site.ts";

const SIDE = 10;
const NODE_COUNT = SIDE * SIDE;

const WIDENET: Overlay = {
  id: "5knp2oqmdu4nxt1wcr8b0zjgf",
  name: "widenet",
  vni: 4099,
  gateway: "10.0.3.1/24",
};

/** Tasks are two addresses apart: a load balancer of each node would have the one between. */
function nodeOf(at: number): SwarmNode {
  const [row, column] = [Math.floor(at / SIDE), at % SIDE];
  const n = at + 1;
  return {
    name: `node${n}`,
    card: `172.19.${177 + row}.${11 + column}/20`,
    gateway: "172.19.191.253",
    outside: "172.18.0.1/16",
    tasks: new Map([[WIDENET, [{ name: `web.${n}`, address: addressOf(n) }]]]),
  };
}

function addressOf(n: number): string {
  return `10.0.3.${2 * n}/24`;
}

function cardOf(n: number): string {
  return `web.${n}:eth0`;
}

let built: NetworkSpec | null = null;

/** Made when it is first asked for: whoever lists the scenarios does not wait for it. */
function network(): NetworkSpec {
  built ??= swarm(Array.from({ length: NODE_COUNT }, (_, at) => nodeOf(at)));
  return built;
}

type Pair = readonly [from: number, to: number];

/** From corner to corner, between neighbors, and across again. */
const PAIRS: readonly Pair[] = [
  [1, NODE_COUNT],
  [45, 46],
  [91, 10],
];

export const swarm100: Scenario = {
  slug: "swarm-100",
  group: "swarm",
  title: { en: "A hundred nodes", zh: "一百个节点" },
  promise: {
    en: "Every node knows every task, and a packet asks one row.",
    zh: "每个节点都知道所有任务，一个包只问一行。",
  },
  get network() {
    return network();
  },
  actions: PAIRS.map(([from, to]) => {
    const target = addressOf(to);
    return { do: "ping", in: `web.${from}`, to: target.slice(0, target.indexOf("/")) };
  }),
  assertions: [
    ...PAIRS.map(([from, to]) => answered(cardOf(from), cardOf(to))),
    arrivesWithTtl(cardOf(1), cardOf(NODE_COUNT), 64),
    claim("every FDB has each task of others", "每张 FDB 里都有别处的每个任务", (run) =>
      knowsAllOthers(run, "fdb", " dst "),
    ),
    claim("so has every neighbor table", "每张邻居表也是", (run) =>
      knowsAllOthers(run, "neigh", "PERMANENT"),
    ),
    claim("a packet asks one row of an FDB, its target's", "一个包只问 FDB 里目的的一行", (run) => {
      const found = PAIRS.map((pair) =>
        wrappedAt(run, pair).asked.flatMap(({ table, row }) => (table.kind === "fdb" ? [row] : [])),
      );
      const rows = PAIRS.map(([from, to]) => {
        const own = run.rows(overlayName(`node${from}`, WIDENET), "fdb");
        return own.filter((row) => row.includes(" dst ") && row.startsWith(macAt(run, cardOf(to))));
      });
      return same([found, rows.every(({ length }) => length === 1)], [rows, true]);
    }),
    onlyEchoes("no ARP of a task is wrapped", "任务的 ARP 一个也没有封装"),
    claim(
      "the first question for a node's card reaches all the others",
      "第一次问主机网卡，其余主机都收到",
      (run) => {
        const [from, to] = ["node1:eth0", `node${NODE_COUNT}:eth0`];
        const packet = packetIn(run, { kind: "arp-request", from, to });
        const cards = run.hops(packet).filter(({ host }) => host.startsWith("node"));
        return same(new Set(cards.map(({ host }) => host)).size, NODE_COUNT);
      },
    ),
    claim("the outer target is the node of the task", "外层目的地址是任务所在的节点", (run) => {
      const found = PAIRS.map((pair) => wrappedAt(run, pair).values.vtep);
      return same(
        found,
        PAIRS.map(([, to]) => addressAt(run, `node${to}:eth0`)),
      );
    }),
  ],
  compareWith: "swarm-overlay",
};

/** Where the request of a pair goes into the tunnel. */
function wrappedAt(run: Run, [from, to]: Pair): Hop {
  const request = packetIn(run, { kind: "echo-request", from: cardOf(from), to: cardOf(to) });
  return hopAt(run, request, { verdict: "encap-vxlan" });
}

/** Whether the table of every node's overlay names all tasks but its own. */
function knowsAllOthers(run: Run, kind: "fdb" | "neigh", mark: string): Finding {
  const counts = Array.from({ length: NODE_COUNT }, (_, at) => {
    const rows = run.rows(overlayName(`node${at + 1}`, WIDENET), kind);
    return rows.filter((row) => row.includes(mark)).length;
  });
  return same([...new Set(counts)], [NODE_COUNT - 1]);
}
