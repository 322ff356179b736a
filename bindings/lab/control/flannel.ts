// What flannel leaves behind on the control plane: keys of the store, subnet.env, docker's options.
import { type DockerOptsWish, dockerOpts } from "../../agent/docker-opts.ts";
import { configKey, subnetKey } from "../../agent/index.ts";
import { printSubnetEnv } from "../../agent/subnet-env.ts";
import { printLeaseAttrs, printVxlanData } from "../../agent/value.ts";
import type { StoreSpec } from "../spec/network.ts";

/** A node's subnet, and what it says of itself. */
export interface FlannelLease {
  /** "10.5.94.0/24". */
  readonly subnet: string;
  readonly publicIp: string;
  /** Of a VXLAN node; left out: it speaks UDP, and says nothing of it. */
  readonly vtepMac?: string;
  /** Left out: 1. */
  readonly vni?: number;
  /** "host-gw" and others without data. */
  readonly backendType?: string;
}

export interface FlannelStoreInit {
  /** "v2": a flannel of old, which knows no IPv6. */
  readonly api: StoreSpec["api"];
  /** Left out: "/coreos.com/network". */
  readonly prefix?: string;
  /** The network config as somebody wrote it; left out: it is not shown. */
  readonly config?: string;
  readonly leases: readonly FlannelLease[];
}

const PREFIX = "/coreos.com/network";

/** The store's keys and values: the config first, then leases as they come. */
export function flannelStore(init: FlannelStoreInit): StoreSpec {
  const { api, prefix = PREFIX, config, leases } = init;
  const head = config === undefined ? [] : [{ key: configKey(prefix), value: config }];
  const entries = leases.map((lease) => ({
    key: subnetKey(prefix, { subnet: lease.subnet, ipv6Subnet: null }),
    value: leaseValue(api, lease),
  }));
  return { api, entries: [...head, ...entries] };
}

function leaseValue(api: StoreSpec["api"], lease: FlannelLease): string {
  const { publicIp, vtepMac, vni = 1, backendType = vtepMac === undefined ? "" : "vxlan" } = lease;
  const value = printLeaseAttrs({
    ...{ publicIp, publicIpv6: null, backendType },
    ...(vtepMac !== undefined && { backendData: printVxlanData({ vni, vtepMac }) }),
  });
  return api === "v2" ? value.replace(',"PublicIPv6":null', "") : value;
}

export interface FlannelEnvInit {
  readonly network: string;
  readonly subnet: string;
  readonly mtu: number;
  /** Whether flanneld was told to masquerade. Left out: false. */
  readonly isMasquerading?: boolean;
}

/** subnet.env: the subnet stands there by its first address. */
export function subnetEnv(init: FlannelEnvInit): string {
  const { network, subnet, mtu, isMasquerading: ipMasq = false } = init;
  return printSubnetEnv({ network, subnet, mtu, ipMasq, ipv6Network: null, ipv6Subnet: null });
}

const ALL_OPTIONS: DockerOptsWish = {
  individual: false,
  combined: true,
  key: "DOCKER_OPTS",
  omitIpMasq: false,
};

/** The line that mk-docker-opts.sh makes of it: one of the two masquerades, never both. */
export function dockerOptions(env: string): string {
  return dockerOpts(env, ALL_OPTIONS, {});
}
