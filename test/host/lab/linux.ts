// A run of the lab as it is held against Linux: every namespace with iproute2 and iputils, as a
// test machine has them, and what its devices saw.
import type { NetworkSpec } from "../../../bindings/lab/spec/network.ts";
import type { Trace } from "../../../bindings/lab/trace/trace.ts";
import type { Seen } from "../../model/comparable.ts";

export function asLinux(network: NetworkSpec): NetworkSpec {
  const hosts = network.hosts.map((host) => ({
    ...host,
    namespaces: host.namespaces.map((each) => ({ ...each, flavour: "iproute2" as const })),
  }));
  return { ...network, hosts };
}

/**
 * Without IP in IP, which few kernels have as a module: its routes go by the card under it, as
 * Calico's do between nodes of one link.
 */
export function withoutIpip(network: NetworkSpec): NetworkSpec {
  const hosts = network.hosts.map((host) => ({
    ...host,
    namespaces: host.namespaces.map((each) => {
      const tunnels = each.devices.filter((device) => device.kind === "ipip");
      const plain = (text: string): string =>
        tunnels.reduce((row, { name, lower }) => row.replace(`dev ${name}`, `dev ${lower}`), text);
      return {
        ...each,
        devices: each.devices.filter((device) => device.kind !== "ipip"),
        routes: (each.routes ?? []).map(plain),
      };
    }),
  }));
  return { ...network, hosts };
}

/** What passed a device in both directions, in the order of time. */
export function seenAt(trace: Trace, place: string): Seen[] {
  return trace.sightings
    .filter((sighting) => sighting.place === place)
    .map(({ bytes, link }) => ({
      bytes: trace.bytes.subarray(bytes.offset, bytes.offset + bytes.len),
      link,
    }));
}
