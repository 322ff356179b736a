// flannel's first backend: every packet goes up to a program and down again.
import { dockerMac } from "../../control/index.ts";
import type { Run, Scenario } from "../../scenario.ts";
import { answered, arrivesWithTtl, claim, isLong, printed, same, travels } from "../parts/claim.ts";
import { addressAt } from "../parts/entity.ts";
import { headerOf, hopAt, lastHop, packetIn, packetsIn, refOf } from "../parts/find.ts";
import { storeOf } from "./lease.ts";
import { type FlannelNode, joined, udpHost } from "./site.ts";

const WHOLE = "100.96.0.0/16";
const PORT = 8285;

export const UDP_NODE1: FlannelNode = {
  name: "node1",
  card: "10.168.0.2/24",
  cardMac: "02:00:0a:a8:00:02",
  gateway: "10.168.0.1",
  bridge: "100.96.1.1/24",
  bridgeMac: dockerMac("100.96.1.1"),
  containers: [{ name: "c1", address: "100.96.1.2/24", port: "veth1" }],
};

export const UDP_NODE2: FlannelNode = {
  name: "node2",
  card: "10.168.0.3/24",
  cardMac: "02:00:0a:a8:00:03",
  gateway: "10.168.0.1",
  bridge: "100.96.2.1/24",
  bridgeMac: dockerMac("100.96.2.1"),
  containers: [{ name: "c2", address: "100.96.2.3/24", port: "veth2" }],
};

const [C1, C2] = ["c1:eth0", "c2:eth0"];
const REQUEST = { kind: "echo-request", from: C1, to: C2 } as const;

/** Which row of a host's routes answered for the first request. */
function routeTaken(run: Run, node: string, nth = 0): string | null {
  const routed = run
    .hops(packetIn(run, REQUEST))
    .filter(({ namespace, verdict }) => namespace === node && verdict === "route");
  const asked = routed[nth]?.asked.find(({ table }) => table.kind === "route");
  return asked?.row ?? null;
}

export const flannelUdp: Scenario = {
  slug: "flannel-udp",
  group: "flannel",
  title: { en: "flannel UDP", zh: "flannel UDP" },
  promise: {
    en: "Up to a program, down again, on both sides.",
    zh: "两边都要上到用户态，再下来。",
  },
  network: {
    ...joined([udpHost(UDP_NODE1, [UDP_NODE2], WHOLE), udpHost(UDP_NODE2, [UDP_NODE1], WHOLE)]),
    store: storeOf("v2", [UDP_NODE1, UDP_NODE2]),
  },
  actions: [{ do: "ping", in: "c1", to: "100.96.2.3" }],
  assertions: [
    answered(C1, C2),
    arrivesWithTtl(C1, C2, 60),
    travels(C1, C2, [
      ...["send", "bridge-up", "route", "tun-up", "encap-udp", "bridge"],
      ...["decap", "tun-down", "route", "bridge", "deliver"],
    ] as Parameters<typeof travels>[2]),
    claim("the outer packet goes from 8285 to 8285", "外层从 8285 到 8285", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-udp" });
      const { srcPort, dstPort, length } = headerOf(run, hop, "udp");
      return same([srcPort, dstPort, length], [PORT, PORT, 8 + 84], hop);
    }),
    claim("outside 112 bytes, inside the bare packet", "外层 112 字节，里面是裸 IP 包", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-udp" });
      return same(headerOf(run, hop, "ipv4").totalLength, 112, hop);
    }),
    claim(
      "node1 takes the /16, node2 the longer /24",
      "node1 用 /16，node2 用更长的 /24",
      (run) => {
        const taken = [routeTaken(run, "node1"), routeTaken(run, "node2")];
        return same(
          taken.map((row) => /dev (\S+)/.exec(row ?? "")?.[1]),
          ["flannel0", "docker0"],
        );
      },
    ),
    claim("three crossings on the sending node", "发送节点三次穿越", (run) => {
      const hops = run.hops(packetIn(run, REQUEST)).filter(({ host }) => host === "node1");
      return same(Math.max(...hops.map(({ crossings }) => crossings)), 3);
    }),
    isLong(C1, C2, "sw0", 126),
  ],
  variants: {
    unknown: {
      title: { en: "a subnet that nobody has", zh: "没人持有的子网" },
      actions: [
        { do: "udp", in: "node1", to: "100.96.9.9", port: 9, text: "anybody?" },
        { do: "ping", in: "c1", to: "100.96.9.9" },
      ],
      assertions: [
        claim(
          "flannel's error is a martian: the host drops it",
          "flannel 的错误包被当火星包丢",
          (run) => {
            const error = packetIn(run, { kind: "icmp-error" });
            return same(error.outcome, "drop-martian", lastHop(run, error));
          },
        ),
        claim("its TTL is 8 and it quotes 28 bytes", "TTL 为 8，引用 28 字节", (run) => {
          const hop = run.hops(packetIn(run, { kind: "icmp-error" }))[0];
          if (hop === undefined) throw new Error("no hop");
          const ip = headerOf(run, hop, "ipv4");
          return same([ip.ttl, ip.totalLength], [8, 56], hop);
        }),
        claim("about a ping nobody is told", "对 ping 不作声", (run) => {
          const ping = packetIn(run, { kind: "echo-request", from: C1 });
          const errors = packetsIn(run, { kind: "icmp-error", to: C1 });
          return same([ping.outcome, errors.length], ["drop-no-route", 0], lastHop(run, ping));
        }),
      ],
    },
    traceroute: {
      title: { en: "traceroute through it", zh: "traceroute 穿过它" },
      actions: [{ do: "traceroute", in: "c1", to: "100.96.2.3", by: "icmp" }],
      assertions: [
        claim(
          "flanneld says nothing when TTL ends: two stars",
          "flanneld 不报 TTL 到头：两个星号",
          (run) => {
            const text = run.trace.outputs.map((each) => each.text).join("\n");
            return same(text.split("\n").filter((line) => /^ *\d+ +\*/.test(line)).length, 2);
          },
        ),
        claim("then node2 and c2", "然后是 node2 和 c2", (run) =>
          printed("c1", addressAt(run, "node2:flannel0"))(run),
        ),
      ],
    },
  },
  errata: [
    {
      id: "E4",
      says: { en: "sent to the gateway 100.96.2.0", zh: "发给网关 100.96.2.0" },
      shows: {
        en: "that is flannel0; docker0 gives it straight to the container",
        zh: "那是 flannel0 的地址，docker0 直接交给容器",
      },
      proof: (run) => {
        const hop = lastHop(run, packetIn(run, REQUEST));
        return { ...refOf(hop), bytes: { at: 0, len: 12 } };
      },
    },
    {
      id: "E8",
      says: { en: 'its performance is the "longest"', zh: '性能"最长"' },
      shows: {
        en: '"worst" is meant: three crossings against one',
        zh: '应为"最差"：三次穿越对一次',
      },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "encap-udp" });
        return { ...refOf(hop), bytes: { at: 34, len: 8 } };
      },
    },
    {
      id: "E12",
      says: { en: 'a lease is {"PublicIP":...}', zh: '租约是 {"PublicIP":...}' },
      shows: {
        en: "for UDP; VXLAN adds BackendType and BackendData",
        zh: "仅 UDP 如此；VXLAN 还有 BackendType 和 BackendData",
      },
      proof: () => null,
    },
    {
      id: "E18",
      says: { en: "the /16 is on flannel0", zh: "flannel0 上是 /16" },
      shows: {
        en: "today a /32, and a route without proto kernel",
        zh: "现在是 /32，另加一条路由",
      },
      proof: () => null,
    },
    {
      id: "E19",
      says: { en: "node2 hits the second rule", zh: "node2 命中第二条" },
      shows: { en: "the /24 wins because it is longer", zh: "/24 因为更长而胜出" },
      proof: (run) => {
        const hop = hopAt(run, packetIn(run, REQUEST), { at: "node2", verdict: "route" });
        const asked = hop.asked.find(({ table }) => table.kind === "route");
        if (!asked?.row) return null;
        return { ...refOf(hop), row: { table: asked.table, row: asked.row } };
      },
    },
  ],
  compareWith: "flannel-vxlan",
};
