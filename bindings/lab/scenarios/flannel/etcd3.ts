// flannel on etcd v3: a window of twenty subnets, and three settings of who translates.
import type { Action, Scenario } from "../../scenario.ts";
import type { NetworkSpec } from "../../spec/network.ts";
import { answered, arrivesWithTtl, claim, same } from "../parts/claim.ts";
import { addressAt } from "../parts/entity.ts";
import { headerOf, hopAt, lastHop, packetIn, refOf } from "../parts/find.ts";
import { networkIn } from "../parts/site.ts";
import { storeOf } from "./lease.ts";
import { type FlannelNode, joined, vxlanHost } from "./site.ts";

/** The third article's hosts: /24s out of a window of twenty. */
const HOST1: FlannelNode = {
  name: "host1",
  card: "192.168.11.81/24",
  cardName: "ens33",
  bridge: "10.2.20.1/24",
  vtepMac: "3a:1b:0a:02:14:00",
  containers: [{ name: "bbox1", address: "10.2.20.2/24", port: "veth1" }],
};
const HOST2: FlannelNode = {
  name: "host2",
  card: "192.168.11.82/24",
  cardName: "ens33",
  bridge: "10.2.12.1/24",
  vtepMac: "3a:1b:0a:02:0c:00",
  containers: [{ name: "bbox2", address: "10.2.12.2/24", port: "veth1" }],
};
const CONFIG =
  '{"Network": "10.2.0.0/16", "SubnetLen": 24, "SubnetMin": "10.2.1.0",' +
  ' "SubnetMax": "10.2.20.0", "Backend": {"Type": "vxlan"}}';

/** flannel's own chain, as --ip-masq makes it. */
function ipMasq(node: FlannelNode): readonly string[] {
  const whole = "10.2.0.0/16";
  const subnet = networkIn(node.bridge);
  return [
    "-t nat -N FLANNEL-POSTRTG",
    '-t nat -A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
    `-t nat -A FLANNEL-POSTRTG -s ${subnet} -d ${whole} -j RETURN`,
    `-t nat -A FLANNEL-POSTRTG -s ${whole} -d ${subnet} -j RETURN`,
    `-t nat -A FLANNEL-POSTRTG ! -s ${whole} -d ${subnet} -j RETURN`,
    `-t nat -A FLANNEL-POSTRTG -s ${whole} ! -d 224.0.0.0/4 -j MASQUERADE --random-fully`,
    `-t nat -A FLANNEL-POSTRTG ! -s ${whole} -d ${whole} -j MASQUERADE --random-fully`,
  ];
}

type Setting = "a" | "b" | "c";

function etcd3(setting: Setting): NetworkSpec {
  const nodes = [HOST1, HOST2].map((node) => ({
    ...node,
    isMasquerading: setting === "a",
    rules: setting === "c" ? ipMasq(node) : [],
  }));
  const hosts = nodes.map((node, at) =>
    vxlanHost(
      node,
      nodes.filter((_, other) => other !== at),
    ),
  );
  const outside = {
    name: "host3",
    namespaces: [
      {
        name: "host3",
        kind: "host",
        devices: [{ kind: "nic", name: "ens33", addresses: ["192.168.11.83/24"] }],
      },
    ],
  } as const;
  return { ...joined([...hosts, outside], "ens33"), store: storeOf("v3", nodes, CONFIG) };
}

const INSIDE: Action = { do: "ping", in: "bbox1", to: "10.2.12.2" };
const OUTSIDE: Action = { do: "ping", in: "bbox1", to: "192.168.11.83" };

/** As whom bbox1 is seen at the end of a way. */
function isSeen(namespace: string, as: string): Scenario["assertions"][number] {
  return claim(`${namespace} sees ${as}`, `${namespace} 看到 ${as}`, (run) => {
    const packet = run.trace.packets.find(
      (each) => each.kind === "echo-request" && lastHop(run, each).namespace === namespace,
    );
    if (packet === undefined) throw new Error(`no request reached ${namespace}`);
    const hop = lastHop(run, packet);
    return same(headerOf(run, hop, "ipv4").src, addressAt(run, as), hop);
  });
}

const LOOKUP = { kind: "echo-request", from: "bbox1:eth0", to: "bbox2:eth0" } as const;

export const flannelEtcd3: Scenario = {
  slug: "flannel-etcd3",
  group: "flannel",
  title: { en: "flannel on etcd v3", zh: "flannel 与 etcd v3" },
  promise: {
    en: "Twenty subnets, one window, three settings of NAT.",
    zh: "二十个子网，三种 NAT 设置。",
  },
  network: etcd3("a"),
  actions: [INSIDE, OUTSIDE],
  assertions: [
    isSeen("bbox2", "host1:flannel.1"),
    isSeen("host3", "host1:ens33"),
    claim("one onlink /24 for each remote lease", "每个远端租约一条 onlink /24", (run) => {
      const rows = run.rows("host1", "route").filter((row) => row.includes("flannel.1"));
      return same(
        rows.map((row) => row.split(" ")[0]),
        [networkIn(HOST2.bridge)],
      );
    }),
  ],
  variants: {
    b: {
      title: { en: "dockerd --ip-masq=false", zh: "dockerd --ip-masq=false" },
      network: etcd3("b"),
      assertions: [isSeen("bbox2", "bbox1:eth0"), isSeen("host3", "bbox1:eth0")],
    },
    c: {
      title: { en: "and flanneld --ip-masq", zh: "再加 flanneld --ip-masq" },
      network: etcd3("c"),
      assertions: [
        isSeen("bbox2", "bbox1:eth0"),
        isSeen("host3", "host1:ens33"),
        answered("bbox1:eth0", "bbox2:eth0"),
        arrivesWithTtl("bbox1:eth0", "bbox2:eth0", 62),
      ],
    },
  },
  errata: [
    {
      id: "E9",
      says: { en: "host2 unwraps, then sends to flannel.1", zh: "host2 拆开后发给 flannel.1" },
      shows: {
        en: "it comes out of flannel.1, then goes to docker0",
        zh: "从 flannel.1 出来，再路由到 docker0",
      },
      proof: (run) => {
        const [packet] = run.trace.packets.filter(({ kind }) => kind === "echo-request");
        return packet ? refOf(hopAt(run, packet, { at: "host2", verdict: "route" })) : null;
      },
    },
    {
      id: "E10",
      says: { en: "10.2.0.0/16 via flannel.1", zh: "10.2.0.0/16 经 flannel.1" },
      shows: { en: "one onlink /24 per lease", zh: "每个租约一条 onlink /24" },
      proof: (run) => {
        const [packet] = run.trace.packets.filter(({ kind }) => kind === "echo-request");
        const hop = packet && hopAt(run, packet, { at: "host1", verdict: "route" });
        const asked = hop?.asked.find(({ table }) => table.kind === "route");
        if (!hop || !asked?.row) return null;
        return { ...refOf(hop), row: { table: asked.table, row: asked.row } };
      },
    },
    {
      id: "E21",
      says: { en: "network pool 10.2.20.0/24", zh: "网络池 10.2.20.0/24" },
      shows: { en: "the pool is 10.2.0.0/16, that is the lease", zh: "池是 10.2.0.0/16，那是租约" },
      proof: () => null,
    },
    {
      id: "E22",
      says: { en: "the key is flanneld's parameter", zh: "这个键是 flanneld 的参数" },
      shows: {
        en: "the parameter is the prefix; /config and /subnets follow",
        zh: "参数是前缀，后接 /config 和 /subnets",
      },
      proof: () => null,
    },
  ],
};

export const traceroute: Scenario = {
  slug: "traceroute",
  group: "flannel",
  title: { en: "traceroute", zh: "traceroute" },
  promise: { en: "Three hops, and who answers for each.", zh: "三跳，每一跳谁来答。" },
  network: etcd3("b"),
  actions: [{ do: "traceroute", in: "bbox1", to: "10.2.12.2" }],
  assertions: [
    claim(
      "the gateway, the other side's flannel.1, the target",
      "网关、对面的 flannel.1、目标",
      (run) => {
        const text = run.trace.outputs.map((each) => each.text).join("\n");
        const hops = text.split("\n").flatMap((line) => /^ *\d+ +([\d.]+)/.exec(line)?.[1] ?? []);
        const places = ["host1:docker0", "host2:flannel.1", "bbox2:eth0"];
        return same(
          hops,
          places.map((place) => addressAt(run, place)),
        );
      },
    ),
  ],
};

export const noIsolation: Scenario = {
  slug: "no-isolation",
  group: "flannel",
  title: { en: "No isolation", zh: "没有隔离" },
  promise: { en: "All subnets are one routed network.", zh: "所有子网是一张路由网。" },
  network: etcd3("b"),
  actions: [
    INSIDE,
    { do: "ping", in: "bbox2", to: "10.2.20.2" },
    { do: "ping", in: "host2", to: "10.2.20.2" },
  ],
  assertions: [
    answered("bbox1:eth0", "bbox2:eth0"),
    answered("bbox2:eth0", "bbox1:eth0"),
    claim(
      "a host speaks as its flannel.1, one hop less",
      "主机用 flannel.1 的地址，少一跳",
      (run) => {
        const from = addressAt(run, "host2:flannel.1");
        const hop = lastHop(run, packetIn(run, { ...LOOKUP, from, to: "bbox1:eth0" }));
        return same([hop.verdict, headerOf(run, hop, "ipv4").ttl], ["deliver", 63], hop);
      },
    ),
  ],
  compareWith: "swarm-two-vnis",
};
