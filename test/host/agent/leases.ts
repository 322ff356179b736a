// Configs and leases as they come out of a store.
import type { Lease, NetworkConfig, VxlanConfig } from "../../../bindings/agent/index.ts";

const IPV4: Omit<NetworkConfig, "backend"> = {
  ...{ enableIpv4: true, enableIpv6: false, enableNftables: false, ipv6: null },
  ...{ network: "10.5.0.0/16", subnetLen: 24, subnetMin: "10.5.1.0", subnetMax: "10.5.255.0" },
};

const VXLAN: VxlanConfig = {
  ...{ type: "vxlan", vni: 1, port: 0, mtu: 0 },
  ...{ gbp: false, learning: false, directRouting: false },
};

export function vxlan(over: Partial<VxlanConfig> = {}): NetworkConfig {
  return { ...IPV4, backend: { ...VXLAN, ...over } };
}

export function plain(type: "host-gw" | "alloc"): NetworkConfig {
  return { ...IPV4, backend: { type } };
}

export function udp(port = 8285): NetworkConfig {
  return { ...IPV4, backend: { type: "udp", port } };
}

/** What flannel writes for a vxlan node. */
export function vxlanLease(subnet: string, publicIp: string, mac: string, revision = 1n): Lease {
  const backendData = { VNI: 1, VtepMAC: mac };
  return lease(subnet, { publicIp, backendType: "vxlan", backendData }, revision);
}

export function lease(
  subnet: string,
  attrs: { publicIp: string; backendType: string; backendData?: unknown },
  modRevision = 1n,
): Lease {
  return {
    key: `/coreos.com/network/subnets/${subnet.replace("/", "-")}`,
    subnet,
    ipv6Subnet: null,
    attrs: { publicIpv6: null, ...attrs },
    modRevision,
    leaseId: "1",
  };
}
