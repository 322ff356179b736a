// Faults of one bridge: a table that is full, and somebody who answers for another.

import { dockerMac } from "../../control/index.ts";
import type { Action, Scenario } from "../../scenario.ts";
import type { NetworkSpec } from "../../spec/network.ts";
import { dockerHost } from "../docker/bridge.ts";
import { claim, same } from "../parts/claim.ts";
import { macAt } from "../parts/entity.ts";
import { headerOf, hopAt, hopsAt, packetsIn } from "../parts/find.ts";
import { changed } from "./change.ts";

const ROOM = 16;
const PINGS = 2;
const MALLORY = "172.17.0.4";

const THREE: NetworkSpec = { hosts: [dockerHost(["c1", "c2", "mallory"])], fabrics: [] };

/** A frame of mallory's with a source that nobody has. */
function junk(at: number): Action {
  return {
    do: "frame",
    in: "mallory",
    device: "eth0",
    frame: [
      {
        layer: "ethernet",
        fields: {
          dst: "02:66:00:00:ff:ff",
          src: `02:66:00:00:00:${at.toString(16).padStart(2, "0")}`,
          etherType: 0x88b5,
        },
      },
      { layer: "payload", fields: { data: "00" } },
    ],
  };
}

export const macFlood: Scenario = {
  slug: "mac-flood",
  group: "drills",
  title: { en: "MAC flood", zh: "MAC 泛洪" },
  promise: {
    en: "The table is full, and everybody hears everything.",
    zh: "表满了，人人都听得见。",
  },
  network: changed(THREE, "host1", (own) => ({
    ...own,
    devices: own.devices.map((device) =>
      device.kind === "bridge" ? { ...device, fdbMaxLearned: ROOM } : device,
    ),
  })),
  actions: [
    ...Array.from({ length: 4 * ROOM }, (_, at) => junk(at)),
    { do: "ping", in: "c1", to: "172.17.0.3", count: PINGS },
  ],
  assertions: [
    claim("mallory hears nothing of c1 and c2", "mallory 听不到 c1 和 c2 的话", (run) => {
      const said = packetsIn(run, { kind: "echo-request", from: "c1:eth0", to: "c2:eth0" });
      const heard = ["c2", "mallory"].map((at) =>
        said.flatMap((packet) => hopsAt(run, packet, { at })),
      );
      const counts = heard.map(({ length }) => length);
      return same(counts, [PINGS, 0], heard[1]?.[0]);
    }),
  ],
  drill: {
    cause: {
      en: "One port has filled the table with sources that do not exist.",
      zh: "一个口用不存在的源把表塞满了。",
    },
    clue: {
      en: "Behind one port there are more MACs than containers.",
      zh: "一个口后面的 MAC 比容器还多。",
    },
    finder: "bridge fdb show br docker0 | wc -l",
    fix: [{ at: null, namespace: "host1", command: "bridge link set dev vethc3 learning off" }],
    wrongFix: [{ at: null, namespace: "c1", command: "sysctl -w net.ipv4.ip_forward=0" }],
  },
};

/** mallory says that the gateway's address is his. */
function lie(): Action {
  const own = dockerMac(MALLORY);
  return {
    do: "frame",
    in: "mallory",
    device: "eth0",
    frame: [
      { layer: "ethernet", fields: { dst: dockerMac("172.17.0.2"), src: own } },
      {
        layer: "arp",
        fields: {
          operation: 2,
          senderMac: own,
          senderAddress: "172.17.0.1",
          targetMac: dockerMac("172.17.0.2"),
          targetAddress: "172.17.0.2",
        },
      },
    ],
  };
}

const OUTSIDE = "10.100.0.2";

export const arpSpoof: Scenario = {
  slug: "arp-spoof",
  group: "drills",
  title: { en: "ARP spoofing", zh: "ARP 欺骗" },
  promise: { en: "Who answers is believed.", zh: "谁应答就信谁。" },
  network: THREE,
  actions: [
    { do: "ping", in: "c1", to: OUTSIDE },
    { do: "wait", in: "c1", forMs: 2000 },
    lie(),
    { do: "ping", in: "c1", to: OUTSIDE },
  ],
  assertions: [
    claim("what c1 sends out goes to docker0", "c1 出去的包都给 docker0", (run) => {
      const targets = packetsIn(run, { kind: "echo-request", from: "c1:eth0" }).map((packet) => {
        const hop = hopAt(run, packet, { at: "c1:eth0" });
        return headerOf(run, hop, "ethernet").dst;
      });
      return same([...new Set(targets)], [macAt(run, "host1:docker0")]);
    }),
  ],
  drill: {
    cause: {
      en: "mallory answered for the gateway, and c1 believed it.",
      zh: "mallory 冒充网关应答，c1 信了。",
    },
    clue: {
      en: "In c1's neighbor table two addresses have one MAC.",
      zh: "c1 的邻居表里两个地址同一个 MAC。",
    },
    finder: "ip neigh show",
    fix: [
      {
        at: null,
        namespace: "c1",
        command: "ip neigh replace 172.17.0.1 lladdr 02:42:6a:46:93:d2 dev eth0 nud permanent",
      },
    ],
    wrongFix: [{ at: null, namespace: "c2", command: "sysctl -w net.ipv4.ip_forward=0" }],
  },
};
