// Somebody who speaks VXLAN and holds no lease.
import type { Scenario } from "../../scenario.ts";
import type { HostSpec } from "../../spec/network.ts";
import { joined, subnetAddress, vxlanHost } from "../flannel/site.ts";
import { NODE1, NODE2 } from "../flannel/vxlan.ts";
import { answered, claim, same } from "../parts/claim.ts";
import { hopsAt, packetsIn } from "../parts/find.ts";
import { addressIn, networkIn } from "../parts/site.ts";

const [C1, C2] = ["c1:eth0", "c2:eth0"];
const PING = { do: "ping", in: "c1", to: "10.1.16.3", count: 2 } as const;
const GOOD = joined([vxlanHost(NODE1, [NODE2]), vxlanHost(NODE2, [NODE1])]);
const ENTRY2 = `${NODE2.vtepMac} dev flannel.1 dst`;

const STRANGER = "10.168.0.66";

export const spoofedVtep: Scenario = {
  slug: "spoofed-vtep",
  group: "drills",
  title: { en: "Spoofed VTEP", zh: "冒充的 VTEP" },
  promise: { en: "Whoever reaches port 8472 is inside.", zh: "够得到 8472 端口就进了内网。" },
  network: {
    hosts: [...GOOD.hosts, stranger()],
    fabrics: GOOD.fabrics.map((each) => ({ ...each, ports: [...each.ports, "mallory:eth0"] })),
  },
  actions: [PING, { do: "ping", in: "mallory", to: "10.1.16.3" }],
  assertions: [
    answered(C1, C2, 2),
    claim("nothing of the stranger reaches c2", "陌生人的包到不了 c2", (run) => {
      const wrapped = packetsIn(run, { kind: "echo-request", from: "mallory:flannel.1" });
      const reached = wrapped.flatMap((packet) => hopsAt(run, packet, { at: "c2" }));
      return same([wrapped.length, reached.length], [1, 0], reached[0]);
    }),
  ],
  drill: {
    cause: { en: "VXLAN asks nobody who he is.", zh: "VXLAN 不问来者何人。" },
    clue: { en: "An outer source that holds no lease.", zh: "外层源地址没有租约。" },
    finder: "heddle subnets",
    fix: [
      {
        at: null,
        namespace: "node2",
        command: `iptables -A INPUT -p udp --dport 8472 ! -s ${addressIn(NODE1.card)} -j DROP`,
      },
    ],
    wrongFix: [
      {
        at: null,
        namespace: "node2",
        command: `bridge fdb append 5e:f8:4f:66:66:66 dev flannel.1 dst ${STRANGER}`,
      },
    ],
  },
};

function stranger(): HostSpec {
  return {
    name: "mallory",
    namespaces: [
      {
        name: "mallory",
        kind: "host",
        devices: [
          { kind: "nic", name: "eth0", addresses: [`${STRANGER}/24`] },
          {
            kind: "vxlan",
            name: "flannel.1",
            vni: 1,
            local: STRANGER,
            lower: "eth0",
            mac: "5e:f8:4f:66:66:66",
            addresses: [`${subnetAddress(NODE1.bridge)}/32`],
          },
        ],
        neighbors: [
          `${subnetAddress(NODE2.bridge)} lladdr ${NODE2.vtepMac} dev flannel.1 nud permanent`,
        ],
        fdb: [`${ENTRY2} ${addressIn(NODE2.card)}`],
        routes: [
          `${networkIn(NODE2.bridge)} via ${subnetAddress(NODE2.bridge)} dev flannel.1 onlink`,
        ],
      },
    ],
  };
}
