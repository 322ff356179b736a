// Faults of a flannel network: what is broken, what shows it, what mends it.
import type { Scenario } from "../../scenario.ts";
import type { NetworkSpec } from "../../spec/network.ts";
import {
  type FlannelNode,
  gatewayHost,
  joined,
  subnetAddress,
  vxlanHost,
} from "../flannel/site.ts";
import { NODE1, NODE2 } from "../flannel/vxlan.ts";
import { answered, claim, printed, same } from "../parts/claim.ts";
import { headerOf, hopAt, packetIn } from "../parts/find.ts";
import { addressIn } from "../parts/site.ts";
import { changed } from "./change.ts";

const [C1, C2] = ["c1:eth0", "c2:eth0"];
const PING = { do: "ping", in: "c1", to: "10.1.16.3", count: 2 } as const;
const OLD = "10.168.0.33";

const GOOD = joined([vxlanHost(NODE1, [NODE2]), vxlanHost(NODE2, [NODE1])]);
const ENTRY2 = `${NODE2.vtepMac} dev flannel.1 dst`;

export const staleFdb: Scenario = {
  slug: "stale-fdb",
  group: "drills",
  title: { en: "Stale FDB", zh: "过期的 FDB" },
  promise: { en: "All tables are filled, and nothing arrives.", zh: "表都是满的，就是不通。" },
  network: changed(GOOD, "node1", (own) => ({ ...own, fdb: [`${ENTRY2} ${OLD}`] })),
  actions: [PING],
  assertions: [answered(C1, C2, 2)],
  drill: {
    cause: {
      en: "node2 has another address now; node1's FDB has the old one.",
      zh: "node2 换了地址，node1 的 FDB 还是旧的。",
    },
    clue: {
      en: "The outer destination: nobody answers ARP for it.",
      zh: "外层目的地址：没人应答它的 ARP。",
    },
    finder: "bridge fdb show dev flannel.1",
    fix: [
      {
        at: null,
        namespace: "node1",
        command: `bridge fdb replace ${ENTRY2} ${addressIn(NODE2.card)}`,
      },
    ],
    wrongFix: [
      {
        at: null,
        namespace: "node1",
        command:
          `ip neigh replace ${subnetAddress(NODE2.bridge)} lladdr ${NODE2.vtepMac} ` +
          "dev flannel.1 nud permanent",
      },
    ],
  },
};

/** A third node that believes to have node2's subnet. */
const TWIN: FlannelNode = {
  ...NODE2,
  name: "node3",
  card: "10.168.0.4/24",
  cardMac: "02:00:0a:a8:00:04",
  vtepMac: "5e:f8:4f:00:e3:44",
  containers: [{ name: "c3", address: "10.1.16.9/24", port: "veth3" }],
};

export const twinSubnet: Scenario = {
  slug: "twin-subnet",
  group: "drills",
  title: { en: "Two hosts, one subnet", zh: "两台主机一个子网" },
  promise: { en: "It arrives, and at the wrong machine.", zh: "包到了，到错了机器。" },
  network: joined([
    vxlanHost(NODE1, [{ ...TWIN, bridge: NODE2.bridge }]),
    vxlanHost(NODE2, [NODE1]),
    vxlanHost(TWIN, [NODE1]),
  ]),
  actions: [PING],
  assertions: [answered(C1, C2, 2)],
  drill: {
    cause: {
      en: "node2 and node3 both took 10.1.16.0/24.",
      zh: "node2 和 node3 都占了 10.1.16.0/24。",
    },
    clue: {
      en: "node3's docker0 asks for an address that nobody there has.",
      zh: "node3 的 docker0 在问一个那里没有的地址。",
    },
    finder: "heddle doctor",
    fix: [
      {
        at: null,
        namespace: "node1",
        command: `bridge fdb append ${ENTRY2} ${addressIn(NODE2.card)}`,
      },
      {
        at: null,
        namespace: "node1",
        command:
          `ip neigh replace ${subnetAddress(NODE2.bridge)} lladdr ${NODE2.vtepMac} ` +
          "dev flannel.1 nud permanent",
      },
    ],
    wrongFix: [{ at: null, namespace: "node3", command: "ip link set docker0 down" }],
  },
};

const LONG = "heddle ".repeat(500);
const HIDE = "-A OUTPUT -p icmp -m icmp --icmp-type 3 -j DROP";

/** Containers that believe in 1500 bytes, and a host that is forbidden to say otherwise. */
function holed(): NetworkSpec {
  const listeners = [{ protocol: "tcp", port: 80, app: "nginx", does: "sink" }] as const;
  const containers = NODE2.containers.map((each) => ({ ...each, listeners }));
  const two = { ...NODE2, containers, mtu: 1500 };
  const one = { ...NODE1, mtu: 1500, rules: [`-t filter ${HIDE}`] };
  return joined([vxlanHost(one, [two]), vxlanHost(two, [one])]);
}

export const mtuHole: Scenario = {
  slug: "mtu-hole",
  group: "drills",
  title: { en: "MTU hole", zh: "MTU 黑洞" },
  promise: { en: "ping works, and the transfer hangs.", zh: "ping 通，传数据卡住。" },
  network: holed(),
  actions: [
    { ...PING, count: 1 },
    { do: "tcp", in: "c1", to: "10.1.16.3", port: 80, text: LONG },
  ],
  assertions: [
    answered(C1, C2),
    claim("the whole text arrives", "全部内容都到了", printed("c2", LONG.trim())),
  ],
  drill: {
    cause: {
      en: "The containers believe in 1500 bytes, and a rule keeps the ICMP error from them.",
      zh: "容器以为 MTU 是 1500，一条规则又把 ICMP 错误拦住了。",
    },
    clue: { en: "A segment of 1500 bytes dies at flannel.1.", zh: "1500 字节的段死在 flannel.1。" },
    finder: "ping -M do -s 1472 10.1.16.3",
    fix: [{ at: null, namespace: "node1", command: `iptables -D ${HIDE.slice(3)}` }],
    wrongFix: [{ at: null, namespace: "node2", command: "sysctl -w net.ipv4.ip_forward=1" }],
  },
};

export const badChecksum: Scenario = {
  slug: "bad-checksum",
  group: "drills",
  title: { en: "Bad checksum offload", zh: "坏掉的校验和卸载" },
  promise: { en: "Sent, seen on the wire, and ignored.", zh: "发了，线上看得见，没人理。" },
  network: changed(GOOD, "node1", (own) => ({
    ...own,
    devices: own.devices.map((device) =>
      device.kind === "nic" ? { ...device, isChecksumBroken: true } : device,
    ),
  })),
  actions: [PING],
  assertions: [answered(C1, C2, 2)],
  drill: {
    cause: {
      en: "The card was to finish the checksum, and does not.",
      zh: "本该由网卡算完校验和，它没算。",
    },
    clue: { en: "The outer UDP checksum on the wire is wrong.", zh: "线上的外层 UDP 校验和不对。" },
    finder: "tcpdump -vv -i eth0 udp port 8472",
    fix: [{ at: null, namespace: "node1", command: "ethtool -K eth0 tx off" }],
    wrongFix: [{ at: null, namespace: "node2", command: "sysctl -w net.ipv4.ip_forward=1" }],
  },
};

const NOWHERE = "10.1.99.0/24";

export const routeLoop: Scenario = {
  slug: "route-loop",
  group: "drills",
  title: { en: "Route loop", zh: "路由环" },
  promise: {
    en: "Two routers, each sure that the other one knows.",
    zh: "两台路由器，都以为对方知道。",
  },
  network: changed(
    changed(joined([gatewayHost(NODE1, [NODE2]), gatewayHost(NODE2, [NODE1])]), "node1", (own) => ({
      ...own,
      routes: [...(own.routes ?? []), `${NOWHERE} via ${addressIn(NODE2.card)} dev eth0`],
    })),
    "node2",
    (own) => ({
      ...own,
      routes: [...(own.routes ?? []), `${NOWHERE} via ${addressIn(NODE1.card)} dev eth0`],
    }),
  ),
  actions: [PING, { do: "ping", in: "c1", to: "10.1.99.9" }],
  assertions: [
    answered(C1, C2, 2),
    claim("whoever asks for nobody is told at once", "问不存在的地址，马上被告知", (run) => {
      const hop = hopAt(run, packetIn(run, { kind: "icmp-error", to: C1 }), { at: "c1" });
      return same(headerOf(run, hop, "icmp").type, 3, hop);
    }),
  ],
  drill: {
    cause: {
      en: "Each node has a route for 10.1.99.0/24 to the other.",
      zh: "两台节点都把 10.1.99.0/24 指向对方。",
    },
    clue: {
      en: "The same packet passes the switch again and again, TTL falling.",
      zh: "同一个包一遍遍过交换机，TTL 递减。",
    },
    finder: "traceroute 10.1.99.9",
    fix: [{ at: null, namespace: "node2", command: `ip route replace unreachable ${NOWHERE}` }],
    wrongFix: [
      {
        at: null,
        namespace: "node1",
        command: `ip route replace ${NOWHERE} via ${addressIn(NODE2.card)} dev eth0 onlink`,
      },
    ],
  },
};
