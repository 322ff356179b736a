// flannel on etcd v2 with docker on top, and a text through it; docker's own translation included.
import { dockerMac } from "../../control/index.ts";
import type { Action, Scenario } from "../../scenario.ts";
import type { NetworkSpec } from "../../spec/network.ts";
import { claim, printed, same } from "../parts/claim.ts";
import { addressAt, prefixedAt } from "../parts/entity.ts";
import { headerOf, hopAt, hopsAt, lastHop, packetsIn, refOf } from "../parts/find.ts";
import { networkIn } from "../parts/site.ts";
import { storeOf } from "./lease.ts";
import { type FlannelNode, joined, vxlanHost } from "./site.ts";

const NODE01: FlannelNode = {
  name: "node01",
  card: "192.168.99.108/24",
  cardName: "eth1",
  bridge: "10.5.94.1/24",
  vtepMac: "16:2a:5e:05:5e:00",
  containers: [
    {
      name: "box1",
      address: "10.5.94.2/24",
      port: "veth1",
      ifindex: 10,
      portIfindex: 11,
      listeners: [{ protocol: "tcp", port: 8888, app: "nc", does: "sink" }],
    },
  ],
};
const NODE02: FlannelNode = {
  name: "node02",
  card: "192.168.99.109/24",
  cardName: "eth1",
  bridge: "10.5.90.1/24",
  vtepMac: "16:2a:5e:05:5a:00",
  containers: [{ name: "box2", address: "10.5.90.2/24", port: "veth1" }],
};

const HELLO: Action = { do: "tcp", in: "box2", to: "10.5.94.2", port: 8888, text: "hello world!" };

function etcd2(isMasquerading: boolean): NetworkSpec {
  const [one, two] = [NODE01, NODE02].map((node) => ({ ...node, isMasquerading }));
  if (one === undefined || two === undefined) throw new Error("two nodes");
  const network = joined([vxlanHost(one, [two]), vxlanHost(two, [one])], "eth1");
  const config = '{ "Network": "10.5.0.0/16", "Backend": {"Type": "vxlan"}}';
  return { ...network, store: storeOf("v2", [one, two], config) };
}

/** Whom the listener sees: the source of the first segment that it gets. */
function listenerSees(container: string, place: string): Scenario["assertions"][number] {
  return claim(`the listener sees ${place}`, `监听者看到的是 ${place}`, (run) => {
    const taken = packetsIn(run, { kind: "tcp" }).flatMap((packet) =>
      hopsAt(run, packet, { at: container, verdict: "deliver" }),
    );
    const [first] = taken;
    if (first === undefined) throw new Error("nothing was delivered");
    return same(headerOf(run, first, "ipv4").src, addressAt(run, place), first);
  });
}

export const flannelEtcd2: Scenario = {
  slug: "flannel-etcd2",
  group: "flannel",
  title: { en: "flannel on etcd v2", zh: "flannel 与 etcd v2" },
  promise: {
    en: "dockerd's own NAT hides who is speaking.",
    zh: "dockerd 自己的 NAT 遮住了说话的人。",
  },
  network: etcd2(true),
  actions: [
    ...[NODE01, NODE02].map(({ name }): Action => {
      return { do: "command", in: name, command: "flanneld -iface=eth1" };
    }),
    HELLO,
  ],
  assertions: [
    listenerSees("box1", "node02:flannel.1"),
    claim("both leases are in the network", "两个租约都在网络里", (run) => {
      const nodes = [NODE01.name, NODE02.name];
      const leases = nodes.map((name) => run.rows(name, "lease"));
      const rows = nodes.map((name) => {
        const subnet = networkIn(prefixedAt(run, `${name}:docker0`));
        return [`${subnet} ${addressAt(run, `${name}:eth1`)}`];
      });
      return same(leases, rows);
    }),
    claim("containers have docker's MACs", "容器用 Docker 的 MAC 规则", (run) => {
      const packet = packetsIn(run, { kind: "tcp" })[0];
      const hop = packet && hopAt(run, packet, { at: "box2:eth0" });
      if (hop === undefined) throw new Error("box2 sent nothing");
      return same(headerOf(run, hop, "ethernet").src, dockerMac(addressAt(run, "box2:eth0")), hop);
    }),
  ],
  errata: [
    {
      id: "E11",
      says: { en: "flannel needs etcd2", zh: "flannel 依赖 etcd2" },
      shows: {
        en: "true then; the same names in v3, another store",
        zh: "当时如此；v3 键名相同，存储不同",
      },
      proof: () => null,
    },
    {
      id: "E15",
      says: {
        en: "a container's address is the one others see",
        zh: "容器的地址就是别人看到的地址",
      },
      shows: {
        en: "docker's MASQUERADE makes it flannel.1's",
        zh: "docker 的 MASQUERADE 把它变成 flannel.1 的地址",
      },
      proof: (run) => {
        const hops = packetsIn(run, { kind: "tcp" }).flatMap((packet) => run.hops(packet));
        const hop = hops.find(({ changes }) =>
          changes.some(({ field }) => field.endsWith("ip.src")),
        );
        return hop === undefined ? null : refOf(hop);
      },
    },
  ],
};

export const tcpHello: Scenario = {
  slug: "tcp-hello",
  group: "flannel",
  title: { en: "hello world! over VXLAN", zh: "hello world! 穿过 VXLAN" },
  promise: { en: "A handshake, thirteen bytes, a farewell.", zh: "握手，十三个字节，道别。" },
  network: etcd2(false),
  actions: [HELLO],
  assertions: [
    listenerSees("box1", "box2:eth0"),
    claim("the SYN offers an MSS of 1410", "SYN 里的 MSS 是 1410", (run) => {
      const [packet] = packetsIn(run, { kind: "tcp" });
      const hop = packet && lastHop(run, packet);
      if (hop === undefined) throw new Error("no SYN");
      const mtu = 1450;
      const mss = (mtu - 40).toString(16).padStart(4, "0");
      return same(headerOf(run, hop, "tcp").options.startsWith(`0204${mss}`), true, hop);
    }),
    claim("thirteen bytes arrive", "到了十三个字节", printed("box1", "hello world!")),
  ],
};
