// Docker's default bridge: two containers, a veth pair each, docker0 between them.

import { dockerMac } from "../../control/index.ts";
import type { Scenario } from "../../scenario.ts";
import type { HostSpec, NetworkSpec } from "../../spec/network.ts";
import {
  answered,
  arrivesWithTtl,
  claim,
  isLong,
  isSilent,
  printed,
  same,
  travels,
} from "../parts/claim.ts";
import { addressAt, deviceAt, macAt } from "../parts/entity.ts";
import { bytesOf, headerOf, hopAt, packetIn, packetsIn, passedAt } from "../parts/find.ts";
import { machine, masquerade, networkIn } from "../parts/site.ts";

const BRIDGE = "172.17.0.1/16";

/** The first article's machine, with as many containers as are named. */
export function dockerHost(names: readonly string[]): HostSpec {
  const ports = ["veth20b3dac", "vethc2", "vethc3"];
  return machine({
    name: "host1",
    card: { address: "10.100.0.2/24", mac: "56:00:02:a3:4b:44", ifindex: 2 },
    bridgeAddress: BRIDGE,
    bridgeMac: "02:42:6a:46:93:d2",
    bridgeIfindex: 3,
    containers: names.map((name, at) => ({
      name,
      address: `172.17.0.${2 + at}/16`,
      port: ports[at] ?? `veth${name}`,
      ...(at === 0 && { portMac: "32:e2:9c:45:03:29" }),
      ifindex: 8 + 2 * at,
      portIfindex: 9 + 2 * at,
    })),
    rules: [masquerade(networkIn(BRIDGE))],
    docker: [
      {
        id: "4765e37b1355",
        name: "bridge",
        driver: "bridge",
        scope: "local",
        device: "docker0",
        subnet: networkIn(BRIDGE),
        gateway: BRIDGE.slice(0, BRIDGE.indexOf("/")),
      },
      { id: "126dff0a2bdf", name: "host", driver: "host", scope: "local" },
      { id: "097ef05196da", name: "none", driver: "null", scope: "local" },
    ],
  });
}

const network: NetworkSpec = { hosts: [dockerHost(["c1", "c2"])], fabrics: [] };

const [C1, C2] = ["c1:eth0", "c2:eth0"];
const PORT1 = "host1:veth20b3dac";

/** One bridge, and everything that a container needs to reach its neighbor. */
export const dockerBridge: Scenario = {
  slug: "docker-bridge",
  group: "docker",
  title: { en: "Docker bridge", zh: "Docker 网桥" },
  promise: {
    en: "Two containers, one switch made of software.",
    zh: "两个容器，一台软件做的交换机。",
  },
  network,
  actions: [{ do: "ping", in: "c1", to: "172.17.0.3", count: 5 }],
  assertions: [
    answered(C1, C2, 5),
    arrivesWithTtl(C1, C2, 64),
    travels(C1, C2, ["send-local", "bridge", "deliver"]),
    isLong(C1, C2, "host1:docker0", 98),
    claim("an ARP frame is 42 bytes", "ARP 帧 42 字节", (run) => {
      const packet = packetIn(run, { kind: "arp-request", from: C1, to: C2 });
      const hop = hopAt(run, packet, { at: C1 });
      return same(bytesOf(run, hop).length, 42, hop);
    }),
    claim("docker0 takes no part: its MAC is in no frame", "docker0 不参与", (run) => {
      const own = macAt(run, "host1:docker0");
      const frames = passedAt(run, "host1:docker0").map(({ bytes }) =>
        run.decode(bytes, "ethernet"),
      );
      const found = frames.filter(({ layers: [outer] }) => {
        return outer?.layer === "ethernet" && [outer.fields.src, outer.fields.dst].includes(own);
      });
      return same(found.length, 0);
    }),
    claim("containers have docker's MACs", "容器用 Docker 的 MAC 规则", (run) => {
      const hop = hopAt(run, packetIn(run, { kind: "echo-request", from: C1, to: C2 }), { at: C1 });
      const { src, dst } = headerOf(run, hop, "ethernet");
      const rule = [C1, C2].map((place) => dockerMac(addressAt(run, place)));
      return same([src, dst], rule, hop);
    }),
    claim("the ends of a veth pair have neighboring indexes", "veth 两端序号相邻", (run) => {
      const port = deviceAt(run, PORT1).ifindex;
      const seen = [C1, PORT1].map((place) => passedAt(run, place).length);
      return same([port - deviceAt(run, C1).ifindex, seen[1]], [1, seen[0]]);
    }),
    claim("the second packet needs no ARP", "第二个包不用 ARP", (run) =>
      same(packetsIn(run, { kind: "arp-request", from: C1 }).length, 1),
    ),
    claim("busybox counts from zero", "busybox 从 0 数起", printed("c1", "seq=0 ttl=64")),
    isSilent("host1:eth0", "host1:docker0"),
  ],
  errata: [
    {
      id: "E23",
      says: {
        en: "eth0 has received 14 packets, its veth sent 8",
        zh: "eth0 收了 14 个包，veth 发了 8 个",
      },
      shows: {
        en: "two ends of a veth count the same packets: two different runs",
        zh: "veth 两端数的是同样的包：那是两次不同的运行",
      },
      proof: () => null,
    },
    {
      id: "E24",
      says: {
        en: "docker run -d ... /bin/sh, then exec",
        zh: "docker run -d ... /bin/sh，再 exec",
      },
      shows: {
        en: "without -it the shell reads its end, and the container is gone",
        zh: "没有 -it，shell 读到结尾就退出，容器没了",
      },
      proof: () => null,
    },
  ],
  compareWith: "swarm-overlay",
};
