// Is the MAC mine, is the IP mine, who listens at the port: three questions, one after the other.
import type { Scenario } from "../../scenario.ts";
import { claim, printed, same } from "../parts/claim.ts";
import { computer, plugged } from "../parts/computer.ts";
import { headerOf, hopAt, hopsAt, lastHop, packetIn, packetsIn } from "../parts/find.ts";

const SERVER_MAC = "02:00:00:00:00:02";
const CLIENT_MAC = "02:00:00:00:00:01";
const STRANGER_MAC = "02:00:00:00:00:99";
const STRANGER = "192.168.9.9";

const COMPUTERS = [
  computer({ name: "client", address: "192.168.0.1/24", mac: CLIENT_MAC }),
  computer({
    name: "server",
    address: "192.168.0.2/24",
    mac: SERVER_MAC,
    listeners: [
      { protocol: "tcp", port: 80, app: "nginx", does: "sink" },
      { protocol: "tcp", port: 81, app: "tomcat", does: "sink" },
    ],
  }),
];

const CLIENT = "client:eth0";
const SERVER = "server:eth0";

/** A datagram to port 80, for a MAC and an address. */
function stray(dst: string, target: string): Scenario["actions"][number] {
  return {
    do: "frame",
    in: "server",
    device: "eth0",
    from: "wire",
    frame: [
      { layer: "ethernet", fields: { dst, src: CLIENT_MAC } },
      { layer: "ipv4", fields: { src: "192.168.0.1", dst: target, ttl: 64, id: 1 } },
      { layer: "udp", fields: { srcPort: 40000, dstPort: 80 } },
      { layer: "payload", fields: { data: "00" } },
    ],
  };
}

/** A segment of the client to a port arrived at an application. */
function takenBy(port: number, app: string): Scenario["assertions"][number] {
  return claim(`port ${port} is for ${app}`, `端口 ${port} 给 ${app}`, (run) => {
    const hops = packetsIn(run, { kind: "tcp", from: CLIENT, to: SERVER }).flatMap((packet) =>
      hopsAt(run, packet, { verdict: "deliver" }),
    );
    const found = hops.filter((hop) => headerOf(run, hop, "tcp").dstPort === port);
    return same([...new Set(found.map(({ values }) => values.app))], [app], found[0]);
  });
}

export const demux: Scenario = {
  slug: "demux",
  group: "basics",
  title: { en: "Who is it for?", zh: "给谁的？" },
  promise: { en: "MAC mine? IP mine? Which port?", zh: "MAC 是我？IP 是我？哪个端口？" },
  network: { hosts: COMPUTERS, fabrics: [plugged("wire", "cable", COMPUTERS)] },
  actions: [
    { do: "tcp", in: "client", to: "192.168.0.2", port: 80, text: "hello nginx" },
    { do: "tcp", in: "client", to: "192.168.0.2", port: 81, text: "hello tomcat" },
    { do: "tcp", in: "client", to: "192.168.0.2", port: 82, text: "hello?" },
    { do: "udp", in: "client", to: "192.168.0.2", port: 82, text: "hello?" },
    stray(STRANGER_MAC, "192.168.0.2"),
    stray(SERVER_MAC, STRANGER),
  ],
  assertions: [
    takenBy(80, "nginx"),
    takenBy(81, "tomcat"),
    claim("a segment to port 82 is answered by RST", "发到 82 端口的段得到 RST", (run) => {
      const found = packetsIn(run, { kind: "tcp", from: SERVER, to: CLIENT }).filter((packet) => {
        const { rst, srcPort } = headerOf(run, lastHop(run, packet), "tcp");
        return rst && srcPort === 82;
      });
      return same(found.length, 1);
    }),
    claim("the client reads: refused", "客户端看到 refused", printed("client", /refused/i)),
    claim(
      "a datagram to port 82 is answered by ICMP 3/3",
      "发到 82 端口的数据报得到 ICMP 3/3",
      (run) => {
        const hop = lastHop(run, packetIn(run, { kind: "icmp-error", to: CLIENT }));
        const { type, code } = headerOf(run, hop, "icmp");
        return same([type, code], [3, 3], hop);
      },
    ),
    claim("another MAC is dropped by the card", "别的 MAC 被网卡丢", (run) => {
      const hops = run.trace.hops.filter(({ verdict }) => verdict === "drop-mac");
      return same(
        hops.map(({ namespace }) => namespace),
        ["server"],
        hops[0],
      );
    }),
    claim("another address is dropped by the host", "别的 IP 被主机丢", (run) => {
      const hop = hopAt(run, packetIn(run, { to: STRANGER }), { verdict: "drop-ip" });
      return same(hop.namespace, "server", hop);
    }),
  ],
};
