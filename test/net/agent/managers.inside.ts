// Many nodes in one process: each with a subnet manager of its own over one etcd.
import { SubnetManager } from "../../../bindings/agent/index.ts";
import { LeaseRules, openCore } from "../../../bindings/core/index.ts";
import { systemClock, systemDice } from "../../../bindings/node/agent/clock.ts";
import { EtcdStore } from "../../../bindings/node/agent/store/etcd-store.ts";

export interface Crowd {
  readonly endpoint: string;
  readonly prefix: string;
  readonly count: number;
}

/** Acquires subnets for so many nodes at once, 172.16.0.1 and on; gives their subnets. */
export async function acquireMany({ endpoint, prefix, count }: Crowd): Promise<string[]> {
  const rules = new LeaseRules(await openCore());
  const store = EtcdStore.open({ endpoints: endpoint });
  try {
    const manager = (): SubnetManager =>
      new SubnetManager({
        ...{ store, prefix, rules, clock: systemClock, dice: systemDice },
        ...{ log: () => {}, renewMarginMs: 3_600_000 },
      });
    const acquired = Array.from({ length: count }, (_, at) =>
      manager().acquire(attrsOf(at + 1), null, new AbortController().signal),
    );
    return (await Promise.all(acquired)).map(({ lease }) => lease.subnet);
  } finally {
    await store.close();
  }
}

function attrsOf(station: number): {
  publicIp: string;
  publicIpv6: null;
  backendType: string;
  backendData: unknown;
} {
  const [high, low] = [station >> 8, station & 0xff];
  const mac = `02:00:00:00:${hex(high)}:${hex(low)}`;
  const backendData = { VNI: 1, VtepMAC: mac };
  return { publicIp: `172.16.${high}.${low}`, publicIpv6: null, backendType: "vxlan", backendData };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
