// The facts of a host on which nothing is wrong: 10.5.1.0/24 with a VXLAN device, a bridge, and one
// peer. Tests change one thing of it.
import type {
  Facts,
  HostFacts,
  LinkFact,
  TimedEntry,
} from "../../../../bindings/agent/doctor/index.ts";
import { parseIptables } from "../../../../bindings/agent/doctor/index.ts";
import type { Link, ObservedRoute } from "../../../../bindings/agent/observed.ts";

export const PREFIX = "/coreos.com/network";
export const MAC = "02:00:00:00:00:01";
export const PEER_MAC = "02:00:00:00:00:02";
export const CONFIG = '{"Network":"10.5.0.0/16","Backend":{"Type":"vxlan"}}';
export const SUBNET_ENV = `FLANNEL_NETWORK=10.5.0.0/16
FLANNEL_SUBNET=10.5.1.1/24
FLANNEL_MTU=1450
FLANNEL_IPMASQ=false
`;

const PLAIN: Link = {
  index: 2,
  name: "eth0",
  mtu: 1500,
  mac: "02:00:00:00:00:ee",
  isUp: true,
  isLoopback: false,
  kind: "",
  vxlan: null,
};

export function link(name: string, kind: string, over: Partial<LinkFact> = {}): LinkFact {
  return { ...PLAIN, name, kind, addresses: [], offloadsChecksum: null, ...over };
}

export const ETH0: LinkFact = link("eth0", "", { addresses: ["192.168.7.1/24"] });

export const DEVICE: LinkFact = link("flannel.1", "vxlan", {
  index: 3,
  mac: MAC,
  mtu: 1450,
  addresses: ["10.5.1.0/32"],
  offloadsChecksum: false,
  vxlan: {
    vni: 1,
    underlay: "eth0",
    local: "192.168.7.1",
    group: null,
    port: 8472,
    learning: false,
    gbp: false,
    ttl: 0,
    hasChecksum: true,
    extras: [],
  },
});

export const BRIDGE: LinkFact = link("cni0", "bridge", {
  index: 4,
  mtu: 1450,
  addresses: ["10.5.1.1/24"],
});

export function route(dst: string, over: Partial<ObservedRoute> = {}): ObservedRoute {
  return {
    dst,
    type: "unicast",
    via: null,
    dev: "eth0",
    isOnlink: false,
    protocol: "boot",
    scope: "global",
    metric: 0,
    ...over,
  };
}

export const ROUTES: readonly ObservedRoute[] = [
  route("0.0.0.0/0", { via: "192.168.7.254" }),
  route("192.168.7.0/24", { scope: "link", protocol: "kernel" }),
  route("10.5.1.0/24", { dev: "cni0", scope: "link", protocol: "kernel" }),
  route("10.5.2.0/24", { via: "10.5.2.0", dev: "flannel.1", isOnlink: true }),
];

export const FILTER = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
`;

/** A lease in the store; `over` its BackendData and so on. */
export function entry(
  name: string,
  publicIp: string,
  mac: string,
  over: Partial<TimedEntry> = {},
): TimedEntry {
  const attrs = { PublicIP: publicIp, PublicIPv6: null, BackendType: "vxlan" };
  return {
    key: `${PREFIX}/subnets/${name}`,
    value: JSON.stringify({ ...attrs, BackendData: { VNI: 1, VtepMAC: mac } }),
    createRevision: 2n,
    modRevision: 2n,
    leaseId: "1",
    ttlS: 86000,
    ...over,
  };
}

export const OWN: TimedEntry = entry("10.5.1.0-24", "192.168.7.1", MAC);
export const PEER: TimedEntry = entry("10.5.2.0-24", "192.168.7.2", PEER_MAC, { modRevision: 3n });

/** The healthy host, but for `host`, `entries` and `config`. */
export function facts(
  host: Partial<HostFacts> = {},
  entries: readonly TimedEntry[] = [OWN, PEER],
  config: string | null = CONFIG,
): Facts {
  return {
    publicIp: null,
    iface: null,
    store: { prefix: PREFIX, tool: ["etcdctl"], config, entries },
    host: {
      links: [ETH0, DEVICE, BRIDGE],
      routes: ROUTES,
      neighbors: [{ dev: "flannel.1", address: "10.5.2.0", mac: PEER_MAC, isPermanent: true }],
      fdb: [{ dev: "flannel.1", mac: PEER_MAC, dst: "192.168.7.2", isPermanent: true }],
      chains: parseIptables(FILTER),
      settings: {
        "net/ipv4/ip_forward": "1",
        "net/ipv4/conf/all/rp_filter": "0",
        "net/bridge/bridge-nf-call-iptables": "1",
      },
      sockets: [{ port: 8472, address: "0.0.0.0", owner: null }],
      subnetFile: { path: "/run/flannel/subnet.env", text: SUBNET_ENV },
      paths: [{ remote: "192.168.7.2", len: 1500, fate: "whole", mtu: 1500 }],
      restart: "systemctl restart flanneld",
      ...host,
    },
  };
}
