// Bridges of one's own: a subnet each, names that resolve, and no way from one to the other. And
// Kubernetes' bridge beside docker's.
import type { Scenario } from "../../scenario.ts";
import type { DeviceSpec, HostSpec, NamespaceSpec, NetworkSpec } from "../../spec/network.ts";
import { answered, claim, printed, same } from "../parts/claim.ts";
import { hopAt, packetIn, packetsIn } from "../parts/find.ts";
import { addressIn, container, masquerade, networkIn } from "../parts/site.ts";

interface BridgeInit {
  readonly name: string;
  readonly address: string;
  readonly containers: readonly ContainerOn[];
}

interface ContainerOn {
  readonly name: string;
  readonly address: string;
}

const DEFAULT: BridgeInit = {
  name: "docker0",
  address: "172.17.0.1/16",
  containers: [
    { name: "web", address: "172.17.0.2/16" },
    { name: "db", address: "172.17.0.3/16" },
  ],
};

const CUSTOM: BridgeInit = {
  name: "br-my_bridge",
  address: "172.18.0.1/16",
  containers: [
    { name: "web2", address: "172.18.0.2/16" },
    { name: "db2", address: "172.18.0.3/16" },
  ],
};

/** Docker's chains that keep bridges apart, as dockerd 24 writes them. */
function isolation(bridges: readonly BridgeInit[]): readonly string[] {
  const [one, two] = ["DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2"];
  return [
    `-t filter -N ${one}`,
    `-t filter -N ${two}`,
    `-t filter -A FORWARD -j ${one}`,
    ...bridges.map(({ name }) => `-t filter -A ${one} -i ${name} ! -o ${name} -j ${two}`),
    `-t filter -A ${one} -j RETURN`,
    ...bridges.map(({ name }) => `-t filter -A ${two} -o ${name} -j DROP`),
    `-t filter -A ${two} -j RETURN`,
  ];
}

function portOf(bridge: BridgeInit, { name }: ContainerOn): DeviceSpec {
  return { kind: "veth", name: `v-${name}`, peer: `${name}:eth0`, master: bridge.name };
}

function hostOf(bridges: readonly BridgeInit[], rules: readonly string[]): HostSpec {
  const own: NamespaceSpec = {
    name: "host1",
    kind: "host",
    devices: bridges.flatMap((bridge) => [
      { kind: "bridge", name: bridge.name, addresses: [bridge.address] } as const,
      ...bridge.containers.map((each) => portOf(bridge, each)),
    ]),
    rules,
  };
  const containers = bridges.flatMap((bridge) =>
    bridge.containers.map((each) => {
      const init = { ...each, port: `v-${each.name}` };
      const there = container(init, "host1", addressIn(bridge.address));
      return bridge === CUSTOM ? { ...there, names: namesOf(bridge) } : there;
    }),
  );
  return { name: "host1", namespaces: [own, ...containers] };
}

function namesOf({ containers }: BridgeInit): Readonly<Record<string, string>> {
  return Object.fromEntries(containers.map(({ name, address }) => [name, addressIn(address)]));
}

function network(bridges: readonly BridgeInit[], isIsolating: boolean): NetworkSpec {
  const nat = bridges.map(({ name, address }) => masquerade(networkIn(address), name));
  const rules = isIsolating ? [...nat, ...isolation(bridges)] : nat;
  return { hosts: [hostOf(bridges, rules)], fabrics: [] };
}

export const userBridges: Scenario = {
  slug: "user-bridges",
  group: "docker",
  title: { en: "Bridges of one's own", zh: "自定义网桥" },
  promise: { en: "Names resolve inside, and nothing crosses.", zh: "里面能解析名字，两边不相通。" },
  network: network([DEFAULT, CUSTOM], true),
  actions: [
    { do: "ping", in: "web2", to: "db2" },
    { do: "ping", in: "web", to: "db" },
    { do: "ping", in: "web", to: "172.18.0.2" },
  ],
  assertions: [
    answered("web2:eth0", "db2:eth0"),
    claim("the default bridge knows no names", "默认网桥不认识名字", printed("web", "bad address")),
    claim(
      "docker's isolation chain drops what would cross",
      "Docker 的隔离链丢掉跨网桥的包",
      (run) => {
        const [packet] = packetsIn(run, {
          kind: "echo-request",
          from: "web:eth0",
          to: "web2:eth0",
        });
        const hop = packet && run.hops(packet).find(({ verdict }) => verdict === "drop-rule");
        return same(hop?.values.chain, "DOCKER-ISOLATION-STAGE-2", hop);
      },
    ),
  ],
  variants: {
    open: {
      title: { en: "without the isolation chains", zh: "没有隔离链" },
      network: network([DEFAULT, CUSTOM], false),
      actions: [{ do: "ping", in: "web", to: "172.18.0.2" }],
      assertions: [answered("web:eth0", "web2:eth0")],
    },
  },
};

const CNI: BridgeInit = {
  name: "cni0",
  address: "10.244.0.1/24",
  containers: [
    { name: "pod1", address: "10.244.0.2/24" },
    { name: "pod2", address: "10.244.0.3/24" },
  ],
};

const PLAIN: BridgeInit = { ...DEFAULT, containers: [{ name: "c1", address: "172.17.0.2/16" }] };

export const cni0: Scenario = {
  slug: "cni0",
  group: "docker",
  title: { en: "cni0 beside docker0", zh: "cni0 与 docker0" },
  promise: {
    en: "Pods on one bridge, docker run on the other.",
    zh: "Pod 在一个网桥，docker run 在另一个。",
  },
  network: {
    hosts: [hostOf([PLAIN, CNI], [masquerade(networkIn(PLAIN.address))])],
    fabrics: [],
  },
  actions: [
    { do: "ping", in: "pod1", to: "10.244.0.3" },
    { do: "ping", in: "c1", to: "10.244.0.2" },
  ],
  assertions: [
    answered("pod1:eth0", "pod2:eth0"),
    answered("c1:eth0", "pod1:eth0"),
    claim("between pods nobody rewrites an address", "Pod 之间没人改地址", (run) => {
      const packet = packetIn(run, { kind: "echo-request", from: "pod1:eth0", to: "pod2:eth0" });
      const hops = run.hops(packet).filter((hop) => hop.in !== null);
      const changed = hops.flatMap(({ changes }) => changes).map(({ field }) => field);
      return same(
        changed.filter((field) => /ip(v4)?\.(src|dst)$/.test(field)),
        [],
      );
    }),
    claim("a plain docker run still lands on docker0", "docker run 仍在 docker0 上", (run) => {
      const request = packetIn(run, { kind: "echo-request", from: "c1:eth0" });
      const entered = hopAt(run, request, { at: `host1:${PLAIN.name}` });
      return same(entered.verdict, "bridge-up", entered);
    }),
  ],
};
