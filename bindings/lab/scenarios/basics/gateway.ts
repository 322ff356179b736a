// Not in my network: the frame goes to the gateway, the packet does not.
import type { Scenario } from "../../scenario.ts";
import type { HostSpec, NetworkSpec } from "../../spec/network.ts";
import { answered, arrivesWithTtl, claim, same, travels } from "../parts/claim.ts";
import { computer, plugged } from "../parts/computer.ts";
import { addressAt, macAt } from "../parts/entity.ts";
import { headerOf, hopAt, packetIn } from "../parts/find.ts";
import { addressIn } from "../parts/site.ts";

const INSIDE = "192.168.1.1/24";
const OUTSIDE = "10.100.1.1/24";

const CLIENT = computer({
  name: "pc",
  address: "192.168.1.4/24",
  mac: "02:00:00:00:00:04",
  gateway: addressIn(INSIDE),
});
const SERVER = computer({
  name: "server",
  address: "10.100.1.3/24",
  mac: "02:00:00:00:00:03",
  gateway: addressIn(OUTSIDE),
});

function router(isForwarding: boolean): HostSpec {
  return {
    name: "gw",
    namespaces: [
      {
        name: "gw",
        kind: "host",
        devices: [
          { kind: "nic", name: "eth0", addresses: [INSIDE], mac: "02:00:00:00:01:01" },
          { kind: "nic", name: "eth1", addresses: [OUTSIDE], mac: "02:00:00:00:01:02" },
        ],
        sysctls: { "net.ipv4.ip_forward": isForwarding ? 1 : 0 },
      },
    ],
  };
}

function around(gateway: HostSpec): NetworkSpec {
  return {
    hosts: [CLIENT, gateway, SERVER],
    fabrics: [
      { ...plugged("lan", "switch", [CLIENT]), ports: ["pc:eth0", "gw:eth0"] },
      { ...plugged("dmz", "switch", [SERVER]), ports: ["gw:eth1", "server:eth0"] },
    ],
  };
}

const [PC, TARGET] = ["pc:eth0", "server:eth0"];
const REQUEST = { kind: "echo-request", from: PC, to: TARGET } as const;

export const gateway: Scenario = {
  slug: "gateway",
  group: "basics",
  title: { en: "Gateway", zh: "网关" },
  promise: {
    en: "Any computer with two network cards can be a router.",
    zh: "有两块网卡的电脑都能当路由器。",
  },
  network: around(router(true)),
  actions: [{ do: "ping", in: "pc", to: "10.100.1.3" }],
  assertions: [
    answered(PC, TARGET),
    arrivesWithTtl(PC, TARGET, 63),
    travels(PC, TARGET, ["send", "bridge", "route", "bridge", "deliver"]),
    claim("the frame is for the gateway, the packet is not", "帧给网关，包不是", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { at: PC });
      const found = [headerOf(run, hop, "ethernet").dst, headerOf(run, hop, "ipv4").dst];
      return same(found, [macAt(run, "gw:eth0"), addressAt(run, TARGET)], hop);
    }),
    claim("the addresses of the packet do not change", "包里的地址不变", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "route" });
      const { src, dst } = headerOf(run, hop, "ipv4");
      return same([src, dst], [addressAt(run, PC), addressAt(run, TARGET)], hop);
    }),
    claim("the header checksum follows the TTL (RFC 1624)", "首部校验和跟着 TTL 变", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "route" });
      const [before, after] = [hop.in, hop.out[0]].map((span) => {
        if (span === null || span === undefined) throw new Error("a routed packet has both");
        const layers = run.decode(span, "ethernet").layers;
        const ip = layers.find((layer) => layer.layer === "ipv4");
        return ip?.layer === "ipv4" ? ip.fields.checksum : 0;
      });
      const sum = (before ?? 0) + 0x0100;
      return same(after, (sum & 0xffff) + (sum >>> 16), hop);
    }),
  ],
  variants: {
    off: {
      title: { en: "ip_forward off", zh: "ip_forward 关" },
      network: around(router(false)),
      assertions: [
        claim("a host that is no router drops it", "不转发的主机丢掉它", (run) => {
          const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "drop-ip" });
          return same(hop.namespace, "gw", hop);
        }),
      ],
    },
  },
  errata: [
    {
      id: "E6",
      says: { en: "the sender is 198.162.1.4", zh: "发送方是 198.162.1.4" },
      shows: { en: "192.168.1.4: a typing slip", zh: "是 192.168.1.4：笔误" },
      proof: (run) => {
        const packet = packetIn(run, REQUEST);
        return { packet: packet.index, hop: 1, bytes: { at: 26, len: 4 } };
      },
    },
  ],
};
