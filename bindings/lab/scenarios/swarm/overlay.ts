// Swarm's mynet: static tables, answers by proxy, a VNI for each network, and two ways out.

import { dockerMac } from "../../control/index.ts";
import type { Run, Scenario } from "../../scenario.ts";
import { answered, arrivesWithTtl, claim, onlyEchoes, same } from "../parts/claim.ts";
import { addressAt, deviceAt, macAt } from "../parts/entity.ts";
import {
  bytesOf,
  headerOf,
  hopAt,
  hopsAt,
  lastHop,
  packetIn,
  refOf,
  seenAt,
} from "../parts/find.ts";
import { addressIn } from "../parts/site.ts";
import { type Overlay, overlayName, type SwarmNode, swarm } from "./site.ts";

const INTERNET = "8.8.8.8";
const MYNET: Overlay = {
  id: "ysbj86zsjo3iieivgvkzbr4ly",
  name: "mynet",
  vni: 4097,
  gateway: "10.0.1.1/24",
};
const OTHER: Overlay = {
  id: "q0n3td5kgnvo7aprmx1x7uhru",
  name: "other",
  vni: 4098,
  gateway: "10.0.2.1/24",
};

const NODE1: SwarmNode = {
  name: "node1",
  peerId: "a69283b7d627",
  card: "172.19.177.14/20",
  gateway: "172.19.191.253",
  outside: "172.18.0.1/16",
  bridgeMac: "7a:72:0e:c5:e1:4c",
  vxlanIfindex: 97,
  tasks: new Map([
    [
      MYNET,
      [
        { name: "lb1", address: "10.0.1.6/24", ifindex: 98, portMac: "da:73:88:00:81:1c" },
        {
          name: "app.1",
          id: "03be3938e6bc",
          address: "10.0.1.3/24",
          outside: "172.18.0.3/16",
          ifindex: 100,
          portMac: "fe:43:7b:22:c2:8f",
        },
      ],
    ],
  ]),
};
const NODE2: SwarmNode = {
  name: "node2",
  peerId: "7826e8e0446d",
  card: "172.19.188.123/20",
  gateway: "172.19.191.253",
  outside: "172.20.0.1/16",
  tasks: new Map([
    [
      MYNET,
      [
        { name: "lb2", address: "10.0.1.5/24" },
        { name: "app.2", id: "7ba95286b2e2", address: "10.0.1.4/24", outside: "172.20.0.3/16" },
      ],
    ],
  ]),
};

const [APP1, APP2] = ["app.1:eth0", "app.2:eth0"];
const HERE = overlayName("node1", MYNET);
const REQUEST = { kind: "echo-request", from: APP1, to: APP2 } as const;
const network = swarm([NODE1, NODE2], INTERNET);

export const swarmOverlay: Scenario = {
  slug: "swarm-overlay",
  group: "swarm",
  title: { en: "Swarm overlay", zh: "Swarm overlay" },
  promise: {
    en: "One Ethernet over two hosts: nothing is routed.",
    zh: "两台主机一张以太网：不走路由。",
  },
  network,
  actions: [{ do: "ping", in: "app.1", to: "10.0.1.4", count: 3 }],
  assertions: [
    answered(APP1, APP2, 3),
    arrivesWithTtl(APP1, APP2, 64),
    claim(
      "VXLAN header 0800 0000 0010 0100: VNI 4097",
      "VXLAN 头 0800 0000 0010 0100：VNI 4097",
      (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
        const expected = Uint8Array.of(8, 0, 0, 0, 0, 0x10, 1, 0);
        return same(bytesOf(run, hop).subarray(42, 50), expected, hop);
      },
    ),
    claim("the outer port is 4789", "外层端口是 4789", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
      return same(headerOf(run, hop, "udp").dstPort, 4789, hop);
    }),
    claim("the FDB holds every station of node2", "FDB 里有 node2 的每个站点", (run) => {
      const rows = run.rows(HERE, "fdb").filter((row) => row.includes(" dst "));
      const stations = [APP2, "lb2:eth0"].map((place) => dockerMac(addressAt(run, place)));
      return same(rows.map((row) => row.slice(0, 17)).sort(), stations.sort());
    }),
    claim("br0 has the lowest MAC of its ports", "br0 用端口里最小的 MAC", (run) => {
      const own = run.trace.places.hosts.flatMap(({ namespaces }) => namespaces);
      const ports = own.find(({ name }) => name === HERE)?.devices.filter(({ master }) => master);
      const lowest = ports?.map(({ mac }) => mac ?? "").sort()[0];
      const hop = hopAt(run, packetIn(run, REQUEST), { at: `${HERE}:br0` });
      return same(macAt(run, `${HERE}:br0`), lowest, hop);
    }),
    claim(
      "a device moved between namespaces shows its own index",
      "搬过命名空间的设备显示自己的序号",
      (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { at: `${HERE}:vxlan0` });
        return same(deviceAt(run, `${HERE}:vxlan0`).ifindex, NODE1.vxlanIfindex, hop);
      },
    ),
  ],
  errata: [
    {
      id: "E13",
      says: { en: "the FDB maps MAC to VNI", zh: "FDB 有 VNI 映射" },
      shows: {
        en: "MAC to VTEP, per device; the VNI is the device's",
        zh: "MAC 对 VTEP，每设备一张；VNI 属于设备",
      },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-vxlan" });
        const asked = hop.asked.find(({ table }) => table.kind === "fdb");
        if (!asked?.row) return null;
        return { ...refOf(hop), row: { table: asked.table, row: asked.row } };
      },
    },
    {
      id: "E25",
      says: { en: "eth0 is M-DOWN", zh: "eth0 显示 M-DOWN" },
      shows: {
        en: "busybox looks for the peer in the wrong namespace",
        zh: "busybox 在错的命名空间里找对端",
      },
      proof: () => null,
    },
    {
      id: "E26",
      says: { en: "creating mynet creates the namespace", zh: "建 mynet 就建命名空间" },
      shows: {
        en: "it is made when the first endpoint joins on that node",
        zh: "该节点第一个端点加入时才建",
      },
      proof: () => null,
    },
  ],
  compareWith: "flannel-vxlan",
};

export const swarmArp: Scenario = {
  slug: "swarm-arp",
  group: "swarm",
  title: { en: "ARP by proxy", zh: "代答 ARP" },
  promise: {
    en: "vxlan0 answers; no question crosses the underlay.",
    zh: "vxlan0 代答，询问不进底层网络。",
  },
  network,
  actions: [
    { do: "ping", in: "app.1", to: "10.0.1.4" },
    { do: "ping", in: "app.1", to: "10.0.1.99" },
    { do: "ping", in: "app.1", to: "10.0.1.1" },
  ],
  assertions: [
    claim("vxlan0 answers for app.2", "vxlan0 替 app.2 应答", (run) => {
      const packet = packetIn(run, { kind: "arp-request", from: APP1, to: APP2 });
      const hop = hopAt(run, packet, { verdict: "arp-proxy" });
      return same(`${hop.namespace}:${hop.device}`, `${HERE}:vxlan0`, hop);
    }),
    claim("a question about nobody is swallowed", "问不存在的地址会被吞掉", (run) => {
      const packet = packetIn(run, { kind: "arp-request", from: APP1, to: "10.0.1.99" });
      return same(packet.outcome, "arp-swallow");
    }),
    claim("its own br0 answers for the gateway", "网关地址由自己的 br0 应答", (run) => {
      const packet = packetIn(run, { kind: "arp-reply", from: `${HERE}:br0`, to: APP1 });
      return same(run.hops(packet)[0]?.namespace, HERE);
    }),
    onlyEchoes("no ARP is wrapped", "没有 ARP 被封装"),
    claim("only the pings to app.2 are on the underlay", "底层网络上只有给 app.2 的", (run) => {
      const seen = seenAt(run, "node1:eth0", "out").map(
        ({ packet }) => run.trace.packets[packet]?.kind,
      );
      return same(seen.filter((kind) => kind === "echo-request").length, 1);
    }),
  ],
};

const TWO: readonly SwarmNode[] = [
  {
    ...NODE1,
    tasks: new Map([
      ...NODE1.tasks,
      [OTHER, [{ name: "db.1", address: "10.0.2.3/24", outside: "172.18.0.4/16" }]],
    ]),
  },
  {
    ...NODE2,
    tasks: new Map([
      ...NODE2.tasks,
      [OTHER, [{ name: "db.2", address: "10.0.2.4/24", outside: "172.20.0.4/16" }]],
    ]),
  },
];

export const swarmTwoVnis: Scenario = {
  slug: "swarm-two-vnis",
  group: "swarm",
  title: { en: "Two networks, two VNIs", zh: "两张网，两个 VNI" },
  promise: { en: "The same wire, and no way across.", zh: "同一条线，互不相通。" },
  network: swarm(TWO, INTERNET),
  actions: [
    { do: "ping", in: "app.1", to: "10.0.1.4" },
    { do: "ping", in: "db.1", to: "10.0.2.4" },
    { do: "ping", in: "app.1", to: "10.0.2.4" },
  ],
  assertions: [
    answered(APP1, APP2),
    answered("db.1:eth0", "db.2:eth0"),
    claim("each network has its VNI", "每张网有自己的 VNI", (run) => {
      const vnis = [APP1, "db.1:eth0"].map((from) => {
        const packet = packetIn(run, { kind: "echo-request", from });
        return headerOf(run, hopAt(run, packet, { verdict: "encap-vxlan" }), "vxlan").vni;
      });
      return same(vnis, [MYNET.vni, OTHER.vni]);
    }),
    claim("from one to the other nothing arrives", "从一张到另一张到不了", (run) => {
      const crossing = packetIn(run, { kind: "echo-request", from: "app.1:eth1", to: "db.2:eth0" });
      return same(hopsAt(run, crossing, { at: "db.2" }).length, 0, lastHop(run, crossing));
    }),
  ],
  compareWith: "no-isolation",
};

/** The address of somebody outside. */
function outside(run: Run): string {
  return addressIn(deviceAt(run, "internet:eth0").addresses[1] ?? "");
}

export const swarmOutbound: Scenario = {
  slug: "swarm-outbound",
  group: "swarm",
  title: { en: "Swarm: the way out", zh: "Swarm：出去的路" },
  promise: {
    en: "Two devices: one for the overlay, one for the world.",
    zh: "两块网卡：一块进 overlay，一块出门。",
  },
  network,
  actions: [
    { do: "ping", in: "app.1", to: INTERNET },
    { do: "ping", in: "app.1", to: "10.0.1.4" },
  ],
  assertions: [
    claim("the world sees the host", "外面看到的是主机", (run) => {
      const packet = packetIn(run, { kind: "echo-request", to: outside(run) });
      const hop = lastHop(run, packet);
      const found = [hop.namespace, headerOf(run, hop, "ipv4").src];
      return same(found, ["internet", addressAt(run, "node1:eth0")], hop);
    }),
    claim("out by eth1, across by eth0", "出门走 eth1，跨节点走 eth0", (run) => {
      const ways = [outside(run), APP2].map((to) => {
        const packet = packetIn(run, { kind: "echo-request", to });
        return run.hops(packet)[0]?.device;
      });
      return same(ways, ["eth1", "eth0"]);
    }),
    answered(APP1, APP2),
  ],
};
