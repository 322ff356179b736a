// Three ways in which flannel has filled the tables of its VXLAN device, and what each costs.
import type { Action, Scenario } from "../../scenario.ts";
import type { DeviceSpec, HostSpec, NetworkSpec } from "../../spec/network.ts";
import { answered, claim, same } from "../parts/claim.ts";
import { lastHop, packetIn, packetsIn } from "../parts/find.ts";
import { addressIn, machine, networkIn } from "../parts/site.ts";
import { type FlannelNode, joined, subnetAddress, vxlanHost } from "./site.ts";
import { NODE1, NODE2 } from "./vxlan.ts";

const WHOLE = "10.1.0.0/16";
const [C1, C2] = ["c1:eth0", "c2:eth0"];
const PING: Action = { do: "ping", in: "c1", to: "10.1.16.3" };

type Generation = 1 | 2 | 3;

/** The first two: one route for the whole network, and questions that go up to the daemon. */
function askingHost(node: FlannelNode, others: readonly FlannelNode[], at: 1 | 2): HostSpec {
  const device: DeviceSpec = {
    kind: "vxlan",
    name: "flannel.1",
    vni: 1,
    local: addressIn(node.card),
    lower: "eth0",
    addresses: [`${subnetAddress(node.bridge)}/32`],
    hasL3miss: true,
    hasL2miss: at === 1,
    ...(node.vtepMac && { mac: node.vtepMac }),
  };
  return machine({
    name: node.name,
    card: { address: node.card, ...(node.cardMac && { mac: node.cardMac }) },
    bridgeAddress: node.bridge,
    mtu: 1450,
    containers: node.containers,
    devices: [device],
    routes: [`${WHOLE} dev flannel.1`],
    fdb: at === 1 ? [] : others.map((each) => fdbOf(each)),
  });
}

function fdbOf(node: FlannelNode): string {
  return `${node.vtepMac} dev flannel.1 dst ${addressIn(node.card)}`;
}

function network(at: Generation): NetworkSpec {
  if (at === 3) return joined([vxlanHost(NODE1, [NODE2]), vxlanHost(NODE2, [NODE1])]);
  return joined([askingHost(NODE1, [NODE2], at), askingHost(NODE2, [NODE1], at)]);
}

/** What the daemon of the first two generations writes when it was asked about a container. */
function answers(at: 1 | 2): readonly Action[] {
  return [NODE1, NODE2].flatMap((node, index) => {
    const other = index === 0 ? NODE2 : NODE1;
    const [peer] = other.containers;
    if (peer === undefined) throw new Error("a node has a container");
    const neighbor = `ip neigh replace ${addressIn(peer.address)} lladdr ${other.vtepMac}`;
    const commands = [
      `${neighbor} dev flannel.1 nud reachable`,
      ...(at === 1 ? [`bridge fdb append ${fdbOf(other)}`] : []),
    ];
    return commands.map((command) => ({ do: "command", in: node.name, command }) as const);
  });
}

/** Rows that tell node1 of the other node. */
function costs(at: Generation, route: string): Scenario["assertions"] {
  const name = { 1: "first", 2: "second", 3: "third" }[at];
  return [
    claim(`${name}: what the route says`, `第 ${at} 代：路由怎么写`, (run) => {
      const rows = run.rows("node1", "route").filter((row) => row.includes("flannel.1"));
      return same(
        rows.map((row) => row.split(" ")[0]),
        [route],
      );
    }),
    claim("one neighbor and one FDB entry were enough", "一条邻居、一条 FDB 就够了", (run) => {
      const neighbors = run.rows("node1", "neigh").filter((row) => row.includes("flannel.1"));
      const fdb = run.rows("node1", "fdb").filter((row) => row.includes(" dst "));
      return same([neighbors.length, fdb.length], [1, 1]);
    }),
    answered(C1, C2),
  ];
}

/** Whether node1's daemon was asked: the first packet waits for nobody and is lost. */
const firstIsLost = claim("the first packet asks, and is lost", "第一个包发问，丢了", (run) => {
  const first = packetIn(run, { kind: "echo-request", from: C1 });
  const asked = packetsIn(run, { kind: "arp-request", from: "node1:flannel.1", to: C2 });
  return same([first.outcome, asked.length > 0], ["drop-no-neigh", true], lastHop(run, first));
});

export const flannelGenerations: Scenario = {
  slug: "flannel-generations",
  group: "flannel",
  title: { en: "Three generations", zh: "三代 flannel VXLAN" },
  promise: {
    en: "From a question per container to none at all.",
    zh: "从每个容器一问，到一问也不问。",
  },
  network: network(3),
  actions: [PING],
  assertions: costs(3, networkIn(NODE2.bridge)),
  variants: {
    first: {
      title: { en: "first: both questions go up", zh: "第一代：两个问题都上报" },
      network: network(1),
      actions: [PING, ...answers(1), PING],
      assertions: [...costs(1, WHOLE), firstIsLost],
    },
    second: {
      title: { en: "second: only the address is asked for", zh: "第二代：只问地址" },
      network: network(2),
      actions: [PING, ...answers(2), PING],
      assertions: [...costs(2, WHOLE), firstIsLost],
    },
  },
  errata: [
    {
      id: "E16",
      says: { en: "no L3 MISS", zh: "没有 L3 MISS" },
      shows: {
        en: "flannel's comment and the kernel use L2 and L3 miss for opposite events",
        zh: "flannel 注释和内核对 L2、L3 miss 的叫法正好相反",
      },
      proof: () => null,
    },
  ],
};
