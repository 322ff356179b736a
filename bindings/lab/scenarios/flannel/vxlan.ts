// flannel's VXLAN as it is today: per remote node one route, one neighbor, one FDB entry.

import { dockerMac } from "../../control/index.ts";
import type { Scenario } from "../../scenario.ts";
import { answered, arrivesWithTtl, claim, hasRows, isLong, same, travels } from "../parts/claim.ts";
import { addressAt, macAt } from "../parts/entity.ts";
import { bytesOf, headerOf, hopAt, innerOf, packetIn, refOf } from "../parts/find.ts";
import { type FlannelNode, joined, vxlanHost } from "./site.ts";

export const NODE1: FlannelNode = {
  name: "node1",
  card: "10.168.0.2/24",
  cardMac: "02:00:0a:a8:00:02",
  gateway: "10.168.0.1",
  bridge: "10.1.15.1/24",
  bridgeMac: dockerMac("10.1.15.1"),
  vtepMac: "5e:f8:4f:00:e3:11",
  containers: [{ name: "c1", address: "10.1.15.2/24", port: "veth1" }],
};

export const NODE2: FlannelNode = {
  name: "node2",
  card: "10.168.0.3/24",
  cardMac: "02:00:0a:a8:00:03",
  gateway: "10.168.0.1",
  bridge: "10.1.16.1/24",
  bridgeMac: dockerMac("10.1.16.1"),
  vtepMac: "5e:f8:4f:00:e3:37",
  containers: [{ name: "c2", address: "10.1.16.3/24", port: "veth2" }],
};

const [C1, C2, VTEP1, VTEP2] = ["c1:eth0", "c2:eth0", "node1:flannel.1", "node2:flannel.1"];
const REQUEST = { kind: "echo-request", from: C1, to: C2 } as const;

/** The path of a ping between containers of two nodes: sent, wrapped, unwrapped, delivered. */
export const VXLAN_PATH = [
  "send",
  "bridge-up",
  "route",
  "encap-vxlan",
  "bridge",
  "decap",
  "route",
  "bridge",
  "deliver",
] as const;

/** Two routed hops, one borrowed Ethernet. */
export const flannelVxlan: Scenario = {
  slug: "flannel-vxlan",
  group: "flannel",
  title: { en: "flannel VXLAN", zh: "flannel VXLAN" },
  promise: { en: "Two routed hops, one borrowed Ethernet.", zh: "两次路由，借来一段以太网。" },
  network: joined([vxlanHost(NODE1, [NODE2]), vxlanHost(NODE2, [NODE1])]),
  actions: [{ do: "ping", in: "c1", to: "10.1.16.3", count: 1 }],
  assertions: [
    answered(C1, C2),
    arrivesWithTtl(C1, C2, 62),
    travels(C1, C2, VXLAN_PATH),
    isLong(C1, C2, VTEP1, 148),
    claim("the frame inside is the frame of flannel.1", "里面就是 flannel.1 的帧", (run) => {
      const packet = packetIn(run, REQUEST);
      const [routed, wrapped] = [
        hopAt(run, packet, { verdict: "route" }),
        hopAt(run, packet, { verdict: "encap-vxlan" }),
      ];
      return same(bytesOf(run, wrapped).subarray(50), bytesOf(run, routed), wrapped);
    }),
    claim("VXLAN header 0800 0000 0000 0100", "VXLAN 头 0800 0000 0000 0100", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
      return same(bytesOf(run, hop).subarray(42, 50), Uint8Array.of(8, 0, 0, 0, 0, 0, 1, 0), hop);
    }),
    claim("outside DF is clear and the TTL 64", "外层 DF 为 0，TTL 64", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
      const { dontFragment, ttl } = headerOf(run, hop, "ipv4");
      return same([dontFragment, ttl], [false, 64], hop);
    }),
    claim(
      "the inner source MAC is flannel.1 of node1",
      "内层源 MAC 是 node1 的 flannel.1",
      (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
        return same(innerOf(run, hop, "ethernet").src, macAt(run, VTEP1), hop);
      },
    ),
    claim("the VTEP's address is in no packet", "VTEP 的 IP 不在任何包里", (run) => {
      const spans = run.trace.hops.flatMap(({ out, outLink }) =>
        out.map((span) => run.decode(span, outLink)),
      );
      const addresses = spans.flatMap(({ layers }) =>
        layers.flatMap(({ layer, fields }) => (layer === "ipv4" ? [fields.src, fields.dst] : [])),
      );
      const found = [C2, VTEP2].map((place) => addresses.includes(addressAt(run, place)));
      return same(found, [true, false]);
    }),
    claim(
      "one route per remote node",
      "每个远端节点一条路由",
      hasRows("node1", "route", 1, (row) => row.includes("dev flannel.1")),
    ),
    claim(
      "one neighbor per remote node",
      "每个远端节点一条邻居",
      hasRows("node1", "neigh", 1, (row) => row.includes("dev flannel.1")),
    ),
    claim(
      "one FDB entry per remote node",
      "每个远端节点一条 FDB",
      hasRows("node1", "fdb", 1, (row) => row.includes(" dst ")),
    ),
  ],
  errata: [
    {
      id: "E1",
      says: { en: "flannel creates an iptables rule", zh: "flannel 建了 iptables 规则" },
      shows: {
        en: "it is a route, by flannel.1 and onlink",
        zh: "是一条路由，经 flannel.1，onlink",
      },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { at: "node1", verdict: "route" });
        const asked = hop.asked.find(({ table }) => table.kind === "route");
        if (!asked?.row) return null;
        return { ...refOf(hop), row: { table: asked.table, row: asked.row } };
      },
    },
    {
      id: "E2",
      says: { en: "the inner source is c1's MAC", zh: "内层源是 c1 的 MAC" },
      shows: {
        en: "it is flannel.1 of node1: routing made a new frame",
        zh: "是 node1 的 flannel.1：路由换了帧头",
      },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
        return { ...refOf(hop), bytes: { at: 56, len: 6 } };
      },
    },
    {
      id: "E3",
      says: { en: "the inner destination IP is the VTEP's", zh: "内层目的 IP 是 VTEP" },
      shows: {
        en: "it is the container's; the VTEP's is only the key of the neighbor entry",
        zh: "是容器的；VTEP 的 IP 只是邻居表的键",
      },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
        return { ...refOf(hop), bytes: { at: 80, len: 4 } };
      },
    },
    {
      id: "E20",
      says: { en: "the VTEP's MAC comes from the routes", zh: "VTEP 的 MAC 来自路由" },
      shows: {
        en: "the route gives the gateway, the neighbor entry its MAC",
        zh: "路由给出网关，邻居条目给出 MAC",
      },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { at: "node1", verdict: "route" });
        const asked = hop.asked.find(({ table }) => table.kind === "neigh");
        if (!asked?.row) return null;
        return { ...refOf(hop), row: { table: asked.table, row: asked.row } };
      },
    },
  ],
  compareWith: "host-gw",
};
