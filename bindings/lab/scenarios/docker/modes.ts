// Docker's network modes other than the bridge: none, host, and another container's.

import { dockerMac } from "../../control/index.ts";
import type { Scenario } from "../../scenario.ts";
import type { HostSpec, NamespaceSpec } from "../../spec/network.ts";
import { claim, isSilent, printed, same } from "../parts/claim.ts";
import { addressAt } from "../parts/entity.ts";
import { headerOf, hopAt, hopsAt, packetIn, packetsIn, passedAt } from "../parts/find.ts";
import { dockerHost } from "./bridge.ts";

/** A machine of the first article with one namespace more. */
function withNamespace(host: HostSpec, more: NamespaceSpec): HostSpec {
  return { ...host, namespaces: [...host.namespaces, more] };
}

const WHERE = { in: "host1" } as const;

export const networksList: Scenario = {
  slug: "networks-list",
  group: "docker",
  title: { en: "docker network ls", zh: "docker network ls" },
  promise: { en: "Three networks are always there.", zh: "有三个网络总是在的。" },
  network: { hosts: [dockerHost(["c1"])], fabrics: [] },
  actions: [{ do: "ping", in: "c1", to: "172.17.0.1" }],
  assertions: [
    claim("bridge, host and none, each with its driver", "bridge、host、none，各有驱动", (run) => {
      const [host] = run.network.hosts;
      const found = host?.docker?.map(({ name, driver, scope, device }) => {
        const seen = device === undefined ? [] : passedAt(run, `${host.name}:${device}`);
        return [name, driver, scope, seen.length > 0];
      });
      const expected = [
        ["bridge", "bridge", "local", true],
        ["host", "host", "local", false],
        ["none", "null", "local", false],
      ];
      return same(found, expected);
    }),
    claim("a container of the bridge reaches its gateway", "网桥里的容器够得到网关", (run) =>
      same(packetsIn(run, { kind: "echo-reply", to: "c1:eth0" }).length, 1),
    ),
  ],
};

export const none: Scenario = {
  slug: "none",
  group: "docker",
  title: { en: "none", zh: "none 模式" },
  promise: { en: "A namespace with nothing but lo.", zh: "只有 lo 的命名空间。" },
  network: {
    hosts: [withNamespace(dockerHost(["c1"]), { name: "lonely", kind: "container", devices: [] })],
    fabrics: [],
  },
  actions: [
    { do: "ping", in: "lonely", to: "127.0.0.1" },
    { do: "ping", in: "lonely", to: "172.17.0.2" },
  ],
  assertions: [
    claim("only lo is there", "只有 lo", (run) => {
      const places = run.trace.places.hosts.flatMap(({ namespaces }) => namespaces);
      const own = places.find(({ name }) => name === "lonely")?.devices.map(({ name }) => name);
      return same([own, passedAt(run, "lonely:lo").length > 0], [["lo"], true]);
    }),
    claim("it can talk to itself", "能和自己说话", printed("lonely", "1 packets received")),
    claim("and to nobody else", "够不到别人", printed("lonely", /Network is unreachable/)),
    isSilent("host1:docker0", "lonely:lo"),
  ],
};

export const hostMode: Scenario = {
  slug: "host-mode",
  group: "docker",
  title: { en: "host", zh: "host 模式" },
  promise: {
    en: "No namespace of its own: the host's ports.",
    zh: "没有自己的命名空间：用主机端口。",
  },
  network: {
    hosts: [hostWithWeb()],
    fabrics: [],
  },
  actions: [
    { do: "tcp", in: "c1", to: "172.17.0.1", port: 80, text: "hello host" },
    { do: "ping", ...WHERE, to: "172.17.0.2" },
  ],
  assertions: [
    claim(
      "who listens in host mode is reached by the host's address",
      "用主机地址就能访问",
      (run) => {
        const found = packetsIn(run, { kind: "tcp", to: "host1:docker0" });
        return same(
          found.some(({ outcome }) => outcome === "deliver"),
          true,
        );
      },
    ),
    claim("the container has no namespace", "容器没有自己的命名空间", (run) => {
      const places = run.trace.places.hosts.flatMap(({ namespaces }) => namespaces);
      const owner = places.find(({ processes }) => processes.includes("web"));
      const taken = packetsIn(run, { kind: "tcp", to: "host1:docker0" })
        .flatMap((packet) => hopsAt(run, packet, { verdict: "deliver" }))
        .map(({ namespace, values }) => `${values.app} in ${namespace}`);
      return same([owner?.kind, ...new Set(taken)], ["host", `nginx in ${owner?.name}`]);
    }),
    claim("a second listener on the port is refused", "同端口第二个监听者被拒", (run) => {
      const found = run.trace.outputs.find(({ text }) => /[Aa]ddress (already )?in use/.test(text));
      return same(found?.namespace, "host1");
    }),
  ],
};

function hostWithWeb(): HostSpec {
  const host = dockerHost(["c1"]);
  const [own, ...others] = host.namespaces;
  if (own === undefined) throw new Error("a host has a namespace");
  const listeners = [
    { protocol: "tcp", port: 80, app: "nginx", process: "web", does: "sink" },
    { protocol: "tcp", port: 80, app: "httpd", process: "web2", does: "sink" },
  ] as const;
  const processes = ["host1", "web", "web2"];
  return { ...host, namespaces: [{ ...own, listeners, processes }, ...others] };
}

export const containerMode: Scenario = {
  slug: "container-mode",
  group: "docker",
  title: { en: "Container mode", zh: "container 模式" },
  promise: { en: "One stack, two containers in it.", zh: "一个协议栈，里面两个容器。" },
  network: { hosts: [hostWithSidecar()], fabrics: [] },
  actions: [
    { do: "tcp", in: "c1", to: "127.0.0.1", port: 8080, text: "hello sidecar" },
    { do: "ping", in: "c2", to: "172.17.0.2" },
  ],
  assertions: [
    claim("both live in one namespace", "两个都在一个命名空间里", (run) => {
      const places = run.trace.places.hosts.flatMap(({ namespaces }) => namespaces);
      const owner = places.find(({ processes }) => processes.includes("sidecar"));
      const apps = run.trace.hops
        .filter(({ namespace, device }) => namespace === owner?.name && device === "lo")
        .map(({ values }) => values.app);
      return same([owner?.processes, apps.includes("envoy")], [["base", "sidecar"], true]);
    }),
    claim("so they have one address and one MAC", "所以同一个地址、同一个 MAC", (run) => {
      const reply = packetIn(run, { kind: "echo-reply", from: "c1:eth0" });
      const hop = hopAt(run, reply, { at: "c1:eth0" });
      const own = [headerOf(run, hop, "ipv4").src, headerOf(run, hop, "ethernet").src];
      const address = addressAt(run, "c1:eth0");
      return same(own, [address, dockerMac(address)], hop);
    }),
    claim("they meet on lo, and nothing leaves", "在 lo 上见面，什么也没出去", (run) => {
      const words = run.trace.sightings.filter(
        ({ packet }) => run.trace.packets[packet]?.kind === "tcp",
      );
      return same([...new Set(words.map(({ place }) => place))], ["c1:lo"]);
    }),
    claim("a port is taken for both", "端口两个容器共用", (run) => {
      const found = run.trace.outputs.find(({ text }) => /[Aa]ddress (already )?in use/.test(text));
      return same(found?.namespace, "c1");
    }),
  ],
};

function hostWithSidecar(): HostSpec {
  const host = dockerHost(["c1", "c2"]);
  const [own, shared, ...others] = host.namespaces;
  if (own === undefined || shared === undefined) throw new Error("a host and its container");
  const listeners = [
    { protocol: "tcp", port: 8080, app: "envoy", process: "sidecar", does: "sink" },
    { protocol: "tcp", port: 8080, app: "app", process: "base", does: "sink" },
  ] as const;
  const both = { ...shared, processes: ["base", "sidecar"], listeners };
  return { ...host, namespaces: [own, both, ...others] };
}
