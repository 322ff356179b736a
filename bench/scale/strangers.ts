// Leases of nodes that are not there: to an agent they are peers like any other.
import { printLeaseAttrs, subnetKey } from "../../bindings/agent/index.ts";
import { FileStore } from "../../bindings/node/agent/store/file-store.ts";

const TTL_S = 3600;

/** How long the subnets of a network are that has room for thousands in a /16. */
export const STRANGER_SUBNET_LEN = 28;

/** Whose network it is, and how many of its subnets are taken. */
export interface Strangers {
  readonly path: string;
  readonly prefix: string;
  /** 10.`octet`.0.0/16, and the VNI. */
  readonly octet: number;
  readonly count: number;
}

/** Writes `count` leases into the store, of the network's last subnets. */
export async function addStrangers({ path, prefix, octet, count }: Strangers): Promise<void> {
  const store = await FileStore.open({ path });
  try {
    const lease = await store.grantLease(TTL_S);
    const puts = Array.from({ length: count }, (_, at) => {
      const key = subnetKey(prefix, { subnet: subnetOf(octet, at), ipv6Subnet: null });
      return store.put(key, leaseOf(octet, at), lease.id);
    });
    await Promise.all(puts);
  } finally {
    await store.close();
  }
}

function subnetOf(octet: number, at: number): string {
  const last = 0xfff0 - at * 2 ** (32 - STRANGER_SUBNET_LEN);
  return `10.${octet}.${last >> 8}.${last & 255}/${STRANGER_SUBNET_LEN}`;
}

function leaseOf(octet: number, at: number): string {
  const [high, low] = [at >> 8, at & 255];
  const tail = [octet, high, low].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  return printLeaseAttrs({
    ...{ publicIp: `198.18.${high}.${low}`, publicIpv6: null, backendType: "vxlan" },
    backendData: { VNI: octet, VtepMAC: `02:00:00:${tail}` },
  });
}
