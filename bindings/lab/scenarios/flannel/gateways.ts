// flannel without a tunnel: plain routes where both machines are on one link, VXLAN elsewhere.
import type { Scenario } from "../../scenario.ts";
import type { HostSpec, NetworkSpec } from "../../spec/network.ts";
import { answered, arrivesWithTtl, claim, isLong, same, travels } from "../parts/claim.ts";
import { macAt } from "../parts/entity.ts";
import { headerOf, hopAt, packetIn } from "../parts/find.ts";
import { addressIn, networkIn } from "../parts/site.ts";
import { type FlannelNode, gatewayHost, joined, vxlanHost } from "./site.ts";
import { NODE1, NODE2 } from "./vxlan.ts";

const [C1, C2] = ["c1:eth0", "c2:eth0"];
const REQUEST = { kind: "echo-request", from: C1, to: C2 } as const;

/** The nodes of the second article, without a tunnel. */
const ONE: FlannelNode = {
  ...NODE1,
  bridge: "10.244.0.1/24",
  bridgeMac: "02:42:0a:f4:00:01",
  containers: [{ name: "c1", address: "10.244.0.2/24", port: "veth1" }],
};
const TWO: FlannelNode = {
  ...NODE2,
  bridge: "10.244.1.1/24",
  bridgeMac: "02:42:0a:f4:01:01",
  containers: [{ name: "c2", address: "10.244.1.3/24", port: "veth2" }],
};

export const hostGw: Scenario = {
  slug: "host-gw",
  group: "flannel",
  title: { en: "flannel host-gw", zh: "flannel host-gw" },
  promise: {
    en: "No tunnel: the other machine is the gateway.",
    zh: "没有隧道：对方主机就是网关。",
  },
  network: joined([gatewayHost(ONE, [TWO]), gatewayHost(TWO, [ONE])]),
  actions: [{ do: "ping", in: "c1", to: "10.244.1.3" }],
  assertions: [
    answered(C1, C2),
    arrivesWithTtl(C1, C2, 62),
    travels(C1, C2, ["send", "bridge-up", "route", "bridge", "route", "bridge", "deliver"]),
    isLong(C1, C2, "sw0", 98),
    claim("nothing is wrapped: the MAC is node2's", "没有封装：MAC 是 node2 的", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { at: "node1", verdict: "route" });
      return same(headerOf(run, hop, "ethernet").dst, macAt(run, "node2:eth0"), hop);
    }),
  ],
  variants: {
    "off-link": {
      title: { en: "a gateway that is on no link", zh: "不在直连网段的网关" },
      actions: [
        {
          do: "command",
          in: "node1",
          command: "ip route add 10.244.9.0/24 via 10.99.0.3 dev eth0",
          refusedWith: "Nexthop has invalid gateway",
        },
      ],
      assertions: [
        claim("the kernel refuses the route", "内核拒绝这条路由", (run) => {
          const added = run.rows("node1", "route").filter((row) => row.includes("10.244.9.0"));
          const exits = run.trace.outputs.map(({ exitCode }) => exitCode);
          return same([added, exits], [[], [2]]);
        }),
      ],
    },
  },
  compareWith: "flannel-vxlan",
};

/** A third node, behind a router, for whom the tunnel is still needed. */
const THREE: FlannelNode = {
  name: "node3",
  card: "10.169.0.4/24",
  cardMac: "02:00:0a:a9:00:04",
  gateway: "10.169.0.1",
  bridge: "10.1.17.1/24",
  bridgeMac: "02:42:0a:01:11:01",
  vtepMac: "5e:f8:4f:00:e3:44",
  containers: [{ name: "c3", address: "10.1.17.4/24", port: "veth3" }],
};

/** VXLAN, and plain routes to those on one's own link. */
function mixed(
  node: FlannelNode,
  near: readonly FlannelNode[],
  far: readonly FlannelNode[],
): HostSpec {
  const host = vxlanHost(node, far);
  return {
    ...host,
    namespaces: host.namespaces.map((namespace) =>
      namespace.name !== node.name
        ? namespace
        : {
            ...namespace,
            routes: [
              ...(namespace.routes ?? []),
              ...near.map(
                (each) => `${networkIn(each.bridge)} via ${addressIn(each.card)} dev eth0`,
              ),
            ],
          },
    ),
  };
}

function routed(): NetworkSpec {
  const hosts = [
    mixed(NODE1, [NODE2], [THREE]),
    mixed(NODE2, [NODE1], [THREE]),
    mixed(THREE, [], [NODE1, NODE2]),
    {
      name: "gw",
      namespaces: [
        {
          name: "gw",
          kind: "host",
          devices: [
            { kind: "nic", name: "eth0", addresses: ["10.168.0.1/24"], mac: "02:00:0a:a8:00:01" },
            { kind: "nic", name: "eth1", addresses: ["10.169.0.1/24"], mac: "02:00:0a:a9:00:01" },
          ],
        },
      ],
    },
  ] satisfies HostSpec[];
  return {
    hosts,
    fabrics: [
      { name: "sw0", kind: "switch", ports: ["node1:eth0", "node2:eth0", "gw:eth0"] },
      { name: "sw1", kind: "switch", ports: ["node3:eth0", "gw:eth1"] },
    ],
  };
}

export const directRouting: Scenario = {
  slug: "direct-routing",
  group: "flannel",
  title: { en: "DirectRouting", zh: "DirectRouting" },
  promise: {
    en: "A plain route to the neighbor, a tunnel to the rest.",
    zh: "近邻走路由，远处走隧道。",
  },
  network: routed(),
  actions: [
    { do: "ping", in: "c1", to: "10.1.16.3" },
    { do: "ping", in: "c1", to: "10.1.17.4" },
  ],
  assertions: [
    answered(C1, C2),
    answered(C1, "c3:eth0"),
    claim("to the neighbor 98 bytes, to the far node 148", "近邻 98 字节，远处 148", (run) => {
      const lens = [C2, "c3:eth0"].map((to) => {
        const packet = packetIn(run, { kind: "echo-request", from: C1, to });
        return hopAt(run, packet, { at: "sw0" }).in?.len;
      });
      return same(lens, [98, 148]);
    }),
    arrivesWithTtl(C1, "c3:eth0", 62),
  ],
};
