// Weave: one big Ethernet over all hosts, carried by a router in user space or by the kernel.
import { type LayerInit, parseIpv4, parseNetwork } from "../../../core/index.ts";
import type { Action, Run, Scenario } from "../../scenario.ts";
import type { DeviceSpec, HostSpec, NamespaceSpec, NetworkSpec } from "../../spec/network.ts";
import { allocate, ask, hear, join, launch } from "../../weave/index.ts";
import { answered, arrivesWithTtl, claim, printed, same } from "../parts/claim.ts";
import { addressAt, prefixedAt } from "../parts/entity.ts";
import { headerOf, hopAt, hopsAt, lastHop, packetIn, packetsIn } from "../parts/find.ts";
import { addressIn } from "../parts/site.ts";

interface WeaveHost {
  readonly name: string;
  readonly card: string;
  /** The name of its router. */
  readonly peer: string;
  readonly containers: readonly WeaveContainer[];
}

interface WeaveContainer {
  readonly name: string;
  /** On weave's network: "10.32.0.1/12". */
  readonly address: string;
  readonly mac?: string;
}

const BROADCAST = "10.47.255.255";
const BOX_MAC = "da:f2:40:0a:1e:d7";
const BRIDGE = "172.17.0.1/16";
const MTU = 1376;

const UNIVERSE = "10.32.0.0/12";
const [PEER1, PEER2] = ["7a:42:86:44:d4:01", "7a:42:86:44:d4:02"];

/** What is given out, in the order of the article: hello, then host1 asks, then the two boxes. */
function given(): { readonly hello: string; readonly box: string; readonly box2: string } {
  const hello = must(allocate(launch(PEER2, UNIVERSE)));
  const { allocator: two, answer } = hear(hello.allocator, ask(join(PEER1, UNIVERSE), PEER2));
  if (answer === null) throw new Error("who is asked for space answers");
  const box = must(allocate(hear(join(PEER1, UNIVERSE), answer).allocator));
  const box2 = must(allocate(two));
  return { hello: hello.address, box: box.address, box2: box2.address };
}

function must<Value>(value: Value | null): Value {
  if (value === null) throw new Error("the universe has room for three");
  return value;
}

const GIVEN = given();
const LEN = UNIVERSE.slice(UNIVERSE.indexOf("/"));

const HOST1: WeaveHost = {
  name: "host1",
  card: "192.168.99.108/24",
  peer: PEER1,
  containers: [{ name: "box", address: `${GIVEN.box}${LEN}`, mac: BOX_MAC }],
};
const HOST2: WeaveHost = {
  name: "host2",
  card: "192.168.99.109/24",
  peer: PEER2,
  containers: [
    { name: "hello", address: `${GIVEN.hello}${LEN}` },
    { name: "box2", address: `${GIVEN.box2}${LEN}`, mac: "ca:97:90:14:18:5e" },
  ],
};

type Mode = "sleeve" | "fastdp";

function hostOf(host: WeaveHost, others: readonly WeaveHost[], mode: Mode): HostSpec {
  const own: NamespaceSpec = {
    name: host.name,
    kind: "host",
    devices: [
      { kind: "nic", name: "eth1", addresses: [host.card] },
      { kind: "bridge", name: "docker0", addresses: [BRIDGE] },
      { kind: "bridge", name: "weave", mtu: MTU },
      {
        kind: "weave",
        name: "vethwe-bridge",
        mode,
        lower: "eth1",
        local: addressIn(host.card),
        master: "weave",
        mtu: MTU,
        peers: others.map((other) => `${other.peer} ${addressIn(other.card)}`),
        mac: host.peer,
      },
      ...host.containers.flatMap(({ name }): DeviceSpec[] => [
        { kind: "veth", name: `v-${name}`, peer: `${name}:eth0`, master: "docker0" },
        { kind: "veth", name: `vw-${name}`, peer: `${name}:ethwe`, master: "weave", mtu: MTU },
      ]),
    ],
  };
  return {
    name: host.name,
    namespaces: [own, ...host.containers.map((each) => boxOf(host, each))],
  };
}

function boxOf(host: WeaveHost, { name, address, mac }: WeaveContainer): NamespaceSpec {
  return {
    name,
    kind: "container",
    devices: [
      { kind: "veth", name: "eth0", peer: `${host.name}:v-${name}`, addresses: ["172.17.0.2/16"] },
      {
        ...{ kind: "veth", name: "ethwe", peer: `${host.name}:vw-${name}`, mtu: MTU },
        addresses: [`${address} brd ${BROADCAST}`],
        ...(mac && { mac }),
      } as DeviceSpec,
    ],
    routes: [`default via ${addressIn(BRIDGE)} dev eth0`],
    listeners: name === "hello" ? [{ protocol: "tcp", port: 8888, app: "nc", does: "sink" }] : [],
    names: { hello: GIVEN.hello },
  };
}

function network(mode: Mode): NetworkSpec {
  return {
    hosts: [hostOf(HOST1, [HOST2], mode), hostOf(HOST2, [HOST1], mode)],
    fabrics: [{ name: "sw0", kind: "switch", ports: ["host1:eth1", "host2:eth1"] }],
  };
}

const ACTIONS: readonly Action[] = [
  { do: "ping", in: "box", to: "hello" },
  { do: "tcp", in: "box", to: "hello", port: 8888, text: "hello world!" },
];

const [BOX, HELLO] = ["box:ethwe", "hello:ethwe"];
const REQUEST = { kind: "echo-request", from: BOX, to: HELLO } as const;

/** What holds in both modes. */
const COMMON: Scenario["assertions"] = [
  answered(BOX, HELLO),
  arrivesWithTtl(BOX, HELLO, 64),
  claim(
    "10.44.0.0 is a legal host address in a /12",
    "10.44.0.0 在 /12 里是合法主机地址",
    (run) => {
      const hop = lastHop(run, packetIn(run, REQUEST));
      const src = parseIpv4(headerOf(run, hop, "ipv4").src);
      const { address, len } = parseNetwork(prefixedAt(run, HELLO));
      const [first, last] = [address, address + 2 ** (32 - len) - 1];
      const isHost = first < src && src < last;
      return same([hop.verdict, src % 2 ** 16, isHost], ["deliver", 0, true], hop);
    },
  ),
  claim("MTU 1376: the SYN offers 40 less", "MTU 1376：SYN 报的 MSS 少 40", (run) => {
    const [syn] = packetsIn(run, { kind: "tcp", from: BOX, to: HELLO });
    const hop = syn && lastHop(run, syn);
    if (hop === undefined) throw new Error("no SYN");
    const mss = (MTU - 40).toString(16).padStart(4, "0");
    return same(headerOf(run, hop, "tcp").options.slice(0, 8), `0204${mss}`, hop);
  }),
  claim(
    "both containers have 172.17.0.2 as well, and it does no harm",
    "两边 eth0 都是 172.17.0.2，不碍事",
    (run) => {
      const both = ["box", "hello"].map((name) =>
        run.rows(name, "route").filter((row) => row.endsWith(`src ${addressAt(run, "box:eth0")}`)),
      );
      return same(
        both.map((rows) => rows.length),
        [1, 1],
      );
    },
  ),
  claim(
    "the name leads there, and the words arrive",
    "名字能找到，话也到了",
    printed("hello", "hello world!"),
  ),
];

function carries(port: number): Scenario["assertions"][number] {
  return claim(`on the underlay it is UDP ${port}`, `底层网络上是 UDP ${port}`, (run) => {
    const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-weave" });
    return same(headerOf(run, hop, "udp").dstPort, port, hop);
  });
}

/** A datagram of box's to everybody. */
const TO_ALL: readonly LayerInit[] = [
  { layer: "ethernet", fields: { dst: "ff:ff:ff:ff:ff:ff", src: BOX_MAC } },
  { layer: "ipv4", fields: { src: GIVEN.box, dst: BROADCAST, ttl: 64, id: 1 } },
  { layer: "udp", fields: { srcPort: 40000, dstPort: 9 } },
];

/** Who pings whom, as the request says it where it arrives. */
function endsOf(run: Run): readonly [string, string] {
  const { src, dst } = headerOf(run, lastHop(run, packetIn(run, REQUEST)), "ipv4");
  return [src, dst];
}

export const weaveIpam: Scenario = {
  slug: "weave-ipam",
  group: "weave",
  title: { en: "Weave: who gives out addresses", zh: "Weave：谁来发地址" },
  promise: {
    en: "Half of the biggest free block begins at 10.44.0.0.",
    zh: "最大空闲块的上半从 10.44.0.0 开始。",
  },
  network: network("fastdp"),
  actions: [
    { do: "ping", in: "box", to: "hello" },
    { do: "frame", in: "box", device: "ethwe", frame: TO_ALL },
  ],
  assertions: [
    claim(
      "the first container has the ring's first host",
      "第一个容器拿环上的第一个主机地址",
      (run) => same(endsOf(run)[1], "10.32.0.1"),
    ),
    claim("host1 was given the upper half of the upper half", "host1 得到上半的上半", (run) =>
      same(endsOf(run)[0], "10.44.0.0"),
    ),
    claim(
      "had nothing been taken, it would be 10.40.0.0",
      "若一个都没发，就是 10.40.0.0",
      (run) => {
        const { answer } = hear(launch(PEER2, UNIVERSE), ask(join(PEER1, UNIVERSE), PEER2));
        const next = answer && allocate(hear(join(PEER1, UNIVERSE), answer).allocator);
        return same([next?.address, endsOf(run)[0] === next?.address], ["10.40.0.0", false]);
      },
    ),
    claim("one broadcast address for all", "共用一个广播地址", (run) => {
      const all = packetIn(run, { kind: "udp", from: BOX, to: BROADCAST });
      const taken = hopsAt(run, all, { verdict: "drop-port" }).map(({ namespace }) => namespace);
      return same(taken.sort(), ["box2", "hello"]);
    }),
    answered(BOX, HELLO),
  ],
};

export const weaveSleeve: Scenario = {
  slug: "weave-sleeve",
  group: "weave",
  title: { en: "Weave: sleeve", zh: "Weave：sleeve" },
  promise: {
    en: "A router in user space carries frames by name.",
    zh: "用户态路由器按名字搬运帧。",
  },
  network: network("sleeve"),
  actions: ACTIONS,
  assertions: [...COMMON, carries(6783)],
  compareWith: "weave-fastdp",
};

export const weaveFastdp: Scenario = {
  slug: "weave-fastdp",
  group: "weave",
  title: { en: "Weave: fast data path", zh: "Weave：快速通道" },
  promise: {
    en: "The kernel carries VXLAN; the VNI says who to whom.",
    zh: "内核搬运 VXLAN，VNI 写着谁到谁。",
  },
  network: network("fastdp"),
  actions: ACTIONS,
  assertions: [...COMMON, carries(6784)],
  compareWith: "swarm-overlay",
};
