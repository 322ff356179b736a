// What iproute2 printed of real namespaces, to the last blank.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listing, viewAt } from "../../../../bindings/lab/render/index.ts";
import type { DeviceSpec } from "../../../../bindings/lab/spec/network.ts";
import { networkOf, readGolden, tablesOf } from "./golden.ts";
import { stage, type Tables } from "./stage.ts";

type Sites = Parameters<typeof networkOf>[0];

interface Scene {
  readonly sites: Sites;
  /** Routes of nobody's address, neighbors, learned MACs. */
  readonly said: Readonly<Record<string, Tables>>;
}

const VTEP = { kind: "vxlan", name: "flannel.1", vni: 1, lower: "eth0" } as const;
const TUN = { kind: "tun", name: "flannel0", lower: "eth0", leases: [] } as const;
const [N1, N2] = ["10.168.0.2", "10.168.0.3"];
const [N1_MAC, N2_MAC] = ["02:00:0a:a8:00:02", "02:00:0a:a8:00:03"];

/** The switch has heard both hosts. */
const SWITCH: Tables = {
  fdb: [`${N1_MAC} dev p-n1 master sw0`, `${N2_MAC} dev p-n2 master sw0`],
};

function vtep(address: string, mac: string, local: string): DeviceSpec {
  return { ...VTEP, mac, local, addresses: [address] };
}

function tun(address: string, local: string): DeviceSpec {
  return { ...TUN, local, addresses: [address] };
}

const SCENES: Readonly<Record<string, Scene>> = {
  bridge: {
    sites: [
      {
        name: "sd-h1",
        bridge: ["172.17.0.1/16", "02:42:6a:46:93:d2"],
        card: ["10.100.0.2/24", "56:00:02:a3:4b:44", 8],
        cable: "7e:c4:bb:6e:ae:ec",
        pods: [
          {
            name: "sd-c1",
            address: "172.17.0.2/16",
            mac: "02:42:ac:11:00:02",
            port: ["veth20b3dac", 9, "32:e2:9c:45:03:29"],
          },
          {
            name: "sd-c2",
            address: "172.17.0.3/16",
            mac: "02:42:ac:11:00:03",
            port: ["vethc2", 11, "2e:60:83:2d:bd:50"],
          },
        ],
      },
    ],
    said: {
      "sd-c1": {
        route: ["default via 172.17.0.1 dev eth0"],
        neigh: [
          "172.17.0.1 lladdr 02:42:6a:46:93:d2 dev eth0 nud reachable",
          "172.17.0.3 lladdr 02:42:ac:11:00:03 dev eth0 nud reachable",
        ],
      },
      "sd-c2": {
        route: ["default via 172.17.0.1 dev eth0"],
        neigh: [
          "172.17.0.2 lladdr 02:42:ac:11:00:02 dev eth0 nud delay",
          "172.17.0.1 lladdr 02:42:6a:46:93:d2 dev eth0 nud delay",
        ],
      },
      "sd-h1": {
        neigh: [
          "172.17.0.2 lladdr 02:42:ac:11:00:02 dev docker0 nud delay",
          "172.17.0.3 lladdr 02:42:ac:11:00:03 dev docker0 nud reachable",
        ],
        fdb: [
          "02:42:ac:11:00:02 dev veth20b3dac master docker0",
          "02:42:ac:11:00:03 dev vethc2 master docker0",
        ],
      },
    },
  },
  "to-host": {
    sites: [
      {
        name: "sd-n1",
        bridge: ["172.17.0.1/16", "02:42:6a:46:93:d2"],
        card: [`${N1}/24`, N1_MAC, 14],
        cable: "8e:4d:8f:1e:9e:4d",
        pods: [
          {
            name: "sd-c1",
            address: "172.17.0.2/16",
            mac: "02:42:ac:11:00:02",
            port: ["veth20b3dac", 17, "7e:c5:b1:f9:6f:d0"],
          },
        ],
      },
      {
        name: "sd-n2",
        bridge: ["", ""],
        card: [`${N2}/24`, N2_MAC, 16],
        cable: "a6:9e:a2:6b:91:64",
        pods: [],
      },
    ],
    said: {
      "sd-c1": {
        route: ["default via 172.17.0.1 dev eth0"],
        neigh: ["172.17.0.1 lladdr 02:42:6a:46:93:d2 dev eth0 nud reachable"],
      },
      "sd-n1": {
        route: ["default via 10.168.0.1 dev eth0"],
        neigh: [
          `${N2} lladdr ${N2_MAC} dev eth0 nud reachable`,
          "172.17.0.2 lladdr 02:42:ac:11:00:02 dev docker0 nud delay",
        ],
        fdb: ["02:42:ac:11:00:02 dev veth20b3dac master docker0"],
      },
      "sd-n2": {
        route: ["default via 10.168.0.1 dev eth0", `172.17.0.0/16 via ${N1} dev eth0`],
        neigh: [`${N1} lladdr ${N1_MAC} dev eth0 nud delay`],
      },
      "sd-sw": SWITCH,
    },
  },
  "flannel-vxlan": {
    sites: [
      {
        name: "sd-n1",
        bridge: ["10.1.15.1/24", "02:42:0a:01:0f:01"],
        card: [`${N1}/24`, N1_MAC, 20],
        cable: "0a:0a:26:d6:92:9c",
        tunnel: vtep("10.1.15.0/32", "5e:f8:4f:00:e3:11", N1),
        pods: [
          {
            name: "sd-c1",
            address: "10.1.15.2/24",
            mac: "02:42:0a:01:0f:02",
            port: ["veth1", 23, "f6:0e:cd:12:15:78"],
          },
        ],
      },
      {
        name: "sd-n2",
        bridge: ["10.1.16.1/24", "02:42:0a:01:10:01"],
        card: [`${N2}/24`, N2_MAC, 22],
        cable: "ce:1b:76:eb:11:a2",
        tunnel: vtep("10.1.16.0/32", "5e:f8:4f:00:e3:37", N2),
        pods: [
          {
            name: "sd-c2",
            address: "10.1.16.3/24",
            mac: "02:42:0a:01:10:03",
            port: ["veth2", 25, "ea:b3:bd:41:be:c4"],
          },
        ],
      },
    ],
    said: {
      "sd-c1": {
        route: ["default via 10.1.15.1 dev eth0"],
        neigh: ["10.1.15.1 lladdr 02:42:0a:01:0f:01 dev eth0 nud reachable"],
      },
      "sd-c2": {
        route: ["default via 10.1.16.1 dev eth0"],
        neigh: ["10.1.16.1 lladdr 02:42:0a:01:10:01 dev eth0 nud delay"],
      },
      "sd-n1": {
        route: [
          "default via 10.168.0.1 dev eth0",
          "10.1.16.0/24 via 10.1.16.0 dev flannel.1 onlink",
        ],
        neigh: [
          "10.1.16.0 lladdr 5e:f8:4f:00:e3:37 dev flannel.1 nud permanent",
          `${N2} lladdr ${N2_MAC} dev eth0 nud reachable`,
          "10.1.15.2 lladdr 02:42:0a:01:0f:02 dev docker0 nud delay",
        ],
        fdb: [
          `5e:f8:4f:00:e3:37 dev flannel.1 dst ${N2} self permanent`,
          "02:42:0a:01:0f:02 dev veth1 master docker0",
        ],
      },
      "sd-n2": {
        route: [
          "default via 10.168.0.1 dev eth0",
          "10.1.15.0/24 via 10.1.15.0 dev flannel.1 onlink",
        ],
        neigh: [
          "10.1.15.0 lladdr 5e:f8:4f:00:e3:11 dev flannel.1 nud permanent",
          `${N1} lladdr ${N1_MAC} dev eth0 nud delay`,
          "10.1.16.3 lladdr 02:42:0a:01:10:03 dev docker0 nud reachable",
        ],
        fdb: [
          `5e:f8:4f:00:e3:11 dev flannel.1 dst ${N1} self permanent`,
          "02:42:0a:01:10:03 dev veth2 master docker0",
        ],
      },
      "sd-sw": SWITCH,
    },
  },
  "flannel-udp": {
    sites: [
      {
        name: "sd-n1",
        bridge: ["100.96.1.1/24", "02:42:64:60:01:01"],
        card: [`${N1}/24`, N1_MAC, 28],
        cable: "be:d5:e3:d5:2c:62",
        tunnel: tun("100.96.1.0/16", N1),
        pods: [
          {
            name: "sd-c1",
            address: "100.96.1.2/24",
            mac: "02:42:64:60:01:02",
            port: ["veth1", 31, "56:a2:31:c1:7b:6f"],
          },
        ],
      },
      {
        name: "sd-n2",
        bridge: ["100.96.2.1/24", "02:42:64:60:02:01"],
        card: [`${N2}/24`, N2_MAC, 30],
        cable: "b2:a8:e3:2e:bd:b3",
        tunnel: tun("100.96.2.0/16", N2),
        pods: [
          {
            name: "sd-c2",
            address: "100.96.2.3/24",
            mac: "02:42:64:60:02:03",
            port: ["veth2", 33, "56:41:57:f8:8b:19"],
          },
        ],
      },
    ],
    said: {
      "sd-c1": {
        route: ["default via 100.96.1.1 dev eth0"],
        neigh: ["100.96.1.1 lladdr 02:42:64:60:01:01 dev eth0 nud reachable"],
      },
      "sd-c2": {
        route: ["default via 100.96.2.1 dev eth0"],
        neigh: ["100.96.2.1 lladdr 02:42:64:60:02:01 dev eth0 nud delay"],
      },
      "sd-n1": {
        route: ["default via 10.168.0.1 dev eth0"],
        neigh: [
          "100.96.1.2 lladdr 02:42:64:60:01:02 dev docker0 nud delay",
          `${N2} lladdr ${N2_MAC} dev eth0 nud reachable`,
        ],
        fdb: ["02:42:64:60:01:02 dev veth1 master docker0"],
      },
      "sd-n2": {
        route: ["default via 10.168.0.1 dev eth0"],
        neigh: [
          "100.96.2.3 lladdr 02:42:64:60:02:03 dev docker0 nud reachable",
          `${N1} lladdr ${N1_MAC} dev eth0 nud delay`,
        ],
        fdb: ["02:42:64:60:02:03 dev veth2 master docker0"],
      },
      "sd-sw": SWITCH,
    },
  },
};

for (const [name, { sites, said }] of Object.entries(SCENES)) {
  test(`${name}: every table, as iproute2 printed it`, () => {
    const network = networkOf(sites);
    const trace = stage(network, tablesOf(network, said));
    for (const { namespace, command, text } of readGolden(name)) {
      const view = viewAt(trace, namespace);
      const isBrief = command === "ip -d -br addr";
      const lines = isBrief ? ["ip -br addr", "ip -br link"] : [command];
      const printed = lines.map((line) => listing(view, line)).join("");
      assert.equal(printed, text, `${namespace}$ ${command}`);
    }
  });
}
