// Calico by BGP and by IP in IP, and a table of overlapping prefixes.
import type { Run, Scenario } from "../../scenario.ts";
import { answered, arrivesWithTtl, claim, isLong, same } from "../parts/claim.ts";
import { addressAt, macAt } from "../parts/entity.ts";
import { headerOf, hopAt, packetIn, refOf } from "../parts/find.ts";
import { addressIn } from "../parts/site.ts";
import { type CalicoNode, calicoHost, ipip } from "./site.ts";

const ONE: CalicoNode = {
  name: "node1",
  card: "10.100.1.3/24",
  gateway: "10.100.1.1",
  pods: [{ name: "pod1", address: "10.92.77.163", port: "cali93a8a799fe1" }],
  routes: [],
};
const TWO: CalicoNode = {
  name: "node2",
  card: "10.100.1.2/24",
  gateway: "10.100.1.1",
  pods: [{ name: "pod2", address: "10.92.203.7", port: "cali5c1f0a2b7d4" }],
  routes: [],
};
/** Blocks as IPAM gives them out. */
const [BLOCK1, BLOCK2] = ["10.92.77.128/26", "10.92.203.0/24"];

const [POD1, POD2] = ["pod1:eth0", "pod2:eth0"];
const REQUEST = { kind: "echo-request", from: POD1, to: POD2 } as const;
const PING = { do: "ping", in: "pod1", to: "10.92.203.7" } as const;

/** Between nodes of one link, by plain routes that BIRD has learned. */
function byBgp(): readonly CalicoNode[] {
  return [
    { ...ONE, routes: [`${BLOCK2} via ${addressIn(TWO.card)} dev eth0 proto bird`] },
    { ...TWO, routes: [`${BLOCK1} via ${addressIn(ONE.card)} dev eth0 proto bird`] },
  ];
}

const SWITCH = { name: "sw0", kind: "switch", ports: ["node1:eth0", "node2:eth0"] } as const;

export const calicoBgp: Scenario = {
  slug: "calico-bgp",
  group: "calico",
  title: { en: "Calico BGP", zh: "Calico BGP" },
  promise: {
    en: "No bridge, no tunnel: a route for every pod.",
    zh: "没有网桥，没有隧道：每个 Pod 一条路由。",
  },
  network: { hosts: byBgp().map(calicoHost), fabrics: [SWITCH] },
  actions: [PING],
  assertions: [
    answered(POD1, POD2),
    arrivesWithTtl(POD1, POD2, 62),
    isLong(POD1, POD2, "sw0", 98),
    claim("the pod's gateway is a MAC of nothing but ee", "Pod 的网关 MAC 全是 ee", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { at: POD1 });
      return same(headerOf(run, hop, "ethernet").dst, macAt(run, "node1:cali93a8a799fe1"), hop);
    }),
    claim("the /32 leads straight to the pod", "/32 直接指到 Pod", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { at: "node2", verdict: "route" });
      const asked = hop.asked.find(({ table }) => table.kind === "route");
      return same(asked?.row?.split(" ")[0], addressAt(run, POD2), hop);
    }),
  ],
  compareWith: "calico-ipip",
};

/** Between nodes of different links: the next hop becomes the outer destination. */
function byIpip(): readonly CalicoNode[] {
  return [
    {
      ...ONE,
      devices: [ipip(ONE.card, "10.92.77.128")],
      routes: [`${BLOCK2} via ${addressIn(TWO.card)} dev tunnel0 proto bird onlink`],
    },
    {
      ...TWO,
      devices: [ipip(TWO.card, "10.92.203.0")],
      routes: [`${BLOCK1} via ${addressIn(ONE.card)} dev tunnel0 proto bird onlink`],
    },
  ];
}

export const calicoIpip: Scenario = {
  slug: "calico-ipip",
  group: "calico",
  title: { en: "Calico IP in IP", zh: "Calico IPIP" },
  promise: {
    en: "The route's next hop becomes the outer destination.",
    zh: "路由的下一跳成了外层目的地址。",
  },
  network: { hosts: byIpip().map(calicoHost), fabrics: [SWITCH] },
  actions: [PING],
  assertions: [
    answered(POD1, POD2),
    arrivesWithTtl(POD1, POD2, 62),
    isLong(POD1, POD2, "sw0", 118),
    claim("outer protocol 4, outer destination the next hop", "外层协议 4，目的是下一跳", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-ipip" });
      const { protocol, dst } = headerOf(run, hop, "ipv4");
      return same([protocol, dst], [4, addressAt(run, "node2:eth0")], hop);
    }),
  ],
  compareWith: "calico-bgp",
};

/** The article's table, as it may stand in a kernel. */
const TABLE: CalicoNode = {
  ...ONE,
  card: "10.100.1.3/24",
  devices: [
    { kind: "nic", name: "bond0", addresses: ["10.106.65.3/24"] },
    ipip("10.100.1.3/24", "10.92.77.128"),
  ],
  routes: [
    "10.92.160.0/23 via 10.106.65.2 dev bond0 proto bird",
    "10.92.202.0/23 via 10.100.1.2 dev eth0 proto bird",
    `${BLOCK2} via 10.100.1.2 dev tunnel0 proto bird onlink`,
  ],
};

const TARGETS = ["10.92.77.163", "10.92.161.9", "10.92.202.9", "10.92.203.7"] as const;

/** The same, as they are in a run. */
function targetsOf(run: Run): readonly string[] {
  return [addressAt(run, POD1), TARGETS[1], TARGETS[2], addressAt(run, POD2)];
}

export const calicoRoutes: Scenario = {
  slug: "calico-routes",
  group: "calico",
  title: { en: "Calico's routes", zh: "Calico 的路由" },
  promise: {
    en: "A /32, two /23 and a /24: the longest wins.",
    zh: "/32、/23、/24 叠在一起：最长的赢。",
  },
  network: {
    hosts: [
      calicoHost(TABLE),
      calicoHost({
        ...TWO,
        devices: [ipip(TWO.card, "10.92.203.0")],
        routes: [`${BLOCK1} via ${addressIn(ONE.card)} dev tunnel0 proto bird onlink`],
      }),
    ],
    fabrics: [SWITCH],
  },
  actions: [
    ...TARGETS.map((to) => ({ do: "ping", in: "node1", to }) as const),
    {
      do: "command",
      in: "node1",
      command: "ip route add 10.92.203.0/23 via 10.100.1.2 dev eth0",
      refusedWith: "Invalid prefix for given prefix length",
    },
    {
      do: "command",
      in: "node1",
      command: `ip route add ${BLOCK2} via 10.100.1.2 dev eth0`,
      refusedWith: "File exists",
    },
    { do: "command", in: "node1", command: `ip route append ${BLOCK2} via 10.100.1.2 dev eth0` },
    { do: "ping", in: "node1", to: TARGETS[3] },
  ],
  assertions: [
    ...["/32", "10.92.160.0/23", "10.92.202.0/23", "10.92.203.0/24"].map((prefix, at) =>
      claim(`${prefix} answers`, `${prefix} 应答`, (run) => {
        const target = targetsOf(run)[at];
        if (target === undefined) throw new Error("a target for each prefix");
        const [hop] = run.hops(packetIn(run, { kind: "echo-request", to: target }));
        const row = hop?.asked.find(({ table }) => table.kind === "route")?.row;
        const expected = prefix === "/32" ? target : prefix;
        return same(row?.split(" ")[0], expected, hop);
      }),
    ),
    claim("the shorter one that matched has lost", "也匹配的短前缀输了", (run) => {
      const [hop] = run.hops(packetIn(run, { kind: "echo-request", to: POD2 }));
      const lost = hop?.asked.find(({ table }) => table.kind === "route")?.lost ?? [];
      return same(
        lost.some(({ row, why }) => row.startsWith("10.92.202.0/23") && why === "shorter"),
        true,
      );
    }),
    claim("of two for one prefix the first wins", "同一前缀两条，第一条赢", (run) => {
      const hops = run.trace.packets.filter(
        ({ kind, to }) => kind === "echo-request" && to === addressAt(run, POD2),
      );
      const last = hops.at(-1);
      const found = last && run.hops(last)[0]?.asked.find(({ table }) => table.kind === "route");
      return same(found?.row?.includes("tunnel0"), true);
    }),
  ],
  errata: [
    {
      id: "E5",
      says: { en: "10.92.203.0/23", zh: "10.92.203.0/23" },
      shows: {
        en: "host bits set; the kernel refuses it, the network is 10.92.202.0/23",
        zh: "主机位不为零，内核不收；网络是 10.92.202.0/23",
      },
      proof: (run) => {
        const [hop] = run.hops(packetIn(run, { kind: "echo-request", to: TARGETS[2] }));
        const asked = hop?.asked.find(({ table }) => table.kind === "route");
        if (!hop || !asked?.row) return null;
        return { ...refOf(hop), row: { table: asked.table, row: asked.row } };
      },
    },
  ],
};
