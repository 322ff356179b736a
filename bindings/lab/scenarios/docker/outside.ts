// A container and the world: out with the host's address, in by a published port, and to the host.
import type { Action, Scenario } from "../../scenario.ts";
import type { HostSpec, NetworkSpec } from "../../spec/network.ts";
import { answered, arrivesWithTtl, claim, printed, same } from "../parts/claim.ts";
import { computer } from "../parts/computer.ts";
import { addressAt, macAt } from "../parts/entity.ts";
import { headerOf, hopAt, hopsAt, lastHop, packetIn, packetsIn, refOf } from "../parts/find.ts";
import { addressIn, machine, masquerade, networkIn } from "../parts/site.ts";

const CARD = "10.168.0.2/24";
const OTHER = "10.168.0.3/24";
const BRIDGE = "172.17.0.1/16";
const C1_ADDRESS = "172.17.0.2/16";
const PUBLISHED = 8080;

const NODE2 = computer({
  name: "node2",
  address: OTHER,
  mac: "02:00:0a:a8:00:03",
  gateway: "10.168.0.1",
});

function node1(rules: readonly string[]): HostSpec {
  return machine({
    name: "node1",
    card: { address: CARD, mac: "02:00:0a:a8:00:02", gateway: "10.168.0.1" },
    bridgeAddress: BRIDGE,
    bridgeMac: "02:42:6a:46:93:d2",
    containers: [
      {
        name: "c1",
        address: C1_ADDRESS,
        port: "veth20b3dac",
        listeners: [{ protocol: "tcp", port: 80, app: "nginx", does: "sink" }],
      },
    ],
    rules,
  });
}

function network(rules: readonly string[], node2: HostSpec = NODE2): NetworkSpec {
  const hosts = [node1(rules), node2];
  const ports = hosts.map(({ name }) => `${name}:eth0`);
  return { hosts, fabrics: [{ name: "sw0", kind: "switch", ports }] };
}

const OUT = [masquerade(networkIn(BRIDGE))];
const C1 = "c1:eth0";
const CARD1 = "node1:eth0";
const CARD2 = "node2:eth0";
const PING_OUT: Action = { do: "ping", in: "c1", to: addressIn(OTHER) };

/** What the other machine sees as the sender of the first echo request. */
function isSeenAs(place: string): Scenario["assertions"][number] {
  return claim(`node2 sees ${place} as the sender`, `node2 看到的源是 ${place}`, (run) => {
    const hop = lastHop(run, packetIn(run, { kind: "echo-request" }));
    if (hop.namespace !== "node2") return same(hop.namespace, "node2", hop);
    return same(headerOf(run, hop, "ipv4").src, addressAt(run, place), hop);
  });
}

/** Without translation the other machine needs a route to the containers. */
const ROUTED: HostSpec = {
  ...NODE2,
  namespaces: NODE2.namespaces.map((namespace) => ({
    ...namespace,
    routes: [...(namespace.routes ?? []), `${networkIn(BRIDGE)} via ${addressIn(CARD)} dev eth0`],
  })),
};

export const containerToHost: Scenario = {
  slug: "container-to-host",
  group: "docker",
  title: { en: "Container to another host", zh: "容器到别的主机" },
  promise: {
    en: "Out through docker0, with the host's name on it.",
    zh: "从 docker0 出去，署主机的名。",
  },
  network: network(OUT),
  actions: [PING_OUT],
  assertions: [
    answered(C1, CARD2),
    arrivesWithTtl(C1, CARD2, 63),
    claim(
      "at docker0 the MAC is docker0's, the IP is not",
      "在 docker0 处 MAC 是它的，IP 不是",
      (run) => {
        const hop = hopAt(run, packetIn(run, { kind: "echo-request" }), { at: C1 });
        const found = [headerOf(run, hop, "ethernet").dst, headerOf(run, hop, "ipv4").dst];
        return same(found, [macAt(run, "node1:docker0"), addressAt(run, CARD2)], hop);
      },
    ),
    isSeenAs(CARD1),
    claim("the reply is turned back", "回包改了回来", (run) => {
      const hop = lastHop(run, packetIn(run, { kind: "echo-reply" }));
      return same(
        [hop.verdict, headerOf(run, hop, "ipv4").dst],
        ["deliver", addressAt(run, C1)],
        hop,
      );
    }),
  ],
  variants: {
    plain: {
      title: { en: "without MASQUERADE", zh: "不做 MASQUERADE" },
      network: network([]),
      assertions: [
        isSeenAs(C1),
        claim("the answer finds no way back", "回应找不到路", (run) => {
          const reply = packetIn(run, { kind: "echo-reply", from: CARD2, to: C1 });
          return same(reply.outcome, "drop-no-neigh", lastHop(run, reply));
        }),
      ],
    },
    routed: {
      title: { en: "with a route back instead", zh: "改用回程路由" },
      network: network([], ROUTED),
      assertions: [answered(C1, CARD2), isSeenAs(C1)],
    },
  },
  errata: [
    {
      id: "E14",
      says: { en: "says nothing of NAT", zh: "没提 NAT" },
      shows: {
        en: "docker masquerades: the source becomes the host's",
        zh: "docker 默认 MASQUERADE：源变成主机的地址",
      },
      proof: (run) => {
        const hops = run.hops(packetIn(run, { kind: "echo-request" }));
        const hop = hops.find(({ changes }) => changes.some(({ field }) => field.endsWith("src")));
        return hop === undefined ? null : refOf(hop);
      },
    },
  ],
};

export const natOut: Scenario = {
  slug: "nat-out",
  group: "docker",
  title: { en: "NAT on the way out", zh: "出去时的 NAT" },
  promise: {
    en: "One address for all, and a table to turn it back.",
    zh: "大家共用一个地址，靠一张表改回来。",
  },
  network: network(OUT),
  actions: [
    PING_OUT,
    { do: "udp", in: "c1", to: addressIn(OTHER), port: 9, sourcePort: 40000, text: "who am I" },
  ],
  assertions: [
    answered(C1, CARD2),
    isSeenAs(CARD1),
    claim("the flow is on record", "流记录在案", (run) => {
      const own = addressAt(run, C1);
      return same(
        run.rows("node1", "conn").some((row) => row.includes(own)),
        true,
      );
    }),
    claim("a free source port is kept", "空闲的源端口保留不变", (run) => {
      const hop = lastHop(run, packetIn(run, { kind: "udp" }));
      return same(headerOf(run, hop, "udp").srcPort, 40000, hop);
    }),
    claim(
      "an ICMP error finds its way back, quoting the inner address",
      "ICMP 错误也能找回来",
      (run) => {
        const hop = lastHop(run, packetIn(run, { kind: "icmp-error" }));
        const quoted = headerOf(run, hop, "ipv4", 1);
        return same([hop.namespace, quoted.src], ["c1", addressAt(run, C1)], hop);
      },
    ),
  ],
};

export const publish: Scenario = {
  slug: "publish",
  group: "docker",
  title: { en: "Published port", zh: "发布端口" },
  promise: {
    en: "-p 8080:80, and the reply has the right sender.",
    zh: "-p 8080:80，回包的源也对。",
  },
  network: network([
    ...OUT,
    "-t nat -N DOCKER",
    "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    `-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport ${PUBLISHED} -j DNAT ` +
      `--to-destination ${addressIn(C1_ADDRESS)}:80`,
  ]),
  actions: [{ do: "tcp", in: "node2", to: addressIn(CARD), port: PUBLISHED, text: "hello world!" }],
  assertions: [
    claim("nginx in the container gets it", "容器里的 nginx 收到", (run) => {
      const taken = packetsIn(run, { kind: "tcp" }).flatMap((packet) =>
        hopsAt(run, packet, { at: "c1", verdict: "deliver" }),
      );
      return same([...new Set(taken.map(({ values }) => values.app))], ["nginx"], taken[0]);
    }),
    claim("the destination becomes the container's", "目的变成容器的", (run) => {
      const [syn] = packetsIn(run, { kind: "tcp" });
      const hop = syn && lastHop(run, syn);
      if (hop === undefined) throw new Error("no SYN");
      const found = [headerOf(run, hop, "ipv4").dst, headerOf(run, hop, "tcp").dstPort];
      return same(found, [addressAt(run, C1), 80], hop);
    }),
    claim("the client hears from whom it asked", "客户端听到的是它问的那一方", (run) => {
      const back = packetsIn(run, { kind: "tcp" }).filter(
        (packet) => lastHop(run, packet).namespace === "node2",
      );
      const seen = back.map((packet) => {
        const hop = lastHop(run, packet);
        return `${headerOf(run, hop, "ipv4").src}:${headerOf(run, hop, "tcp").srcPort}`;
      });
      return same([...new Set(seen)], [`${addressAt(run, CARD1)}:${PUBLISHED}`]);
    }),
  ],
};

export const hostToContainer: Scenario = {
  slug: "host-to-container",
  group: "docker",
  title: { en: "Host to container", zh: "主机到容器" },
  promise: { en: "The host is on the bridge as well.", zh: "主机也在网桥上。" },
  network: network(OUT),
  actions: [{ do: "ping", in: "node1", to: addressIn(C1_ADDRESS) }],
  assertions: [
    answered("node1:docker0", C1),
    arrivesWithTtl("node1:docker0", C1, 64),
    claim("the source is docker0, MAC and IP", "源是 docker0 的 MAC 和 IP", (run) => {
      const hop = lastHop(run, packetIn(run, { kind: "echo-request" }));
      const found = [headerOf(run, hop, "ethernet").src, headerOf(run, hop, "ipv4").src];
      const place = "node1:docker0";
      return same(found, [macAt(run, place), addressAt(run, place)], hop);
    }),
    claim("iputils counts from one", "iputils 从 1 数起", printed("node1", "icmp_seq=1 ttl=64")),
  ],
};
