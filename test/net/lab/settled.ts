// A network with every MAC and index that a run of the lab chose, so that a kernel has the same.
import type { DeviceSpec, NetworkSpec } from "../../../bindings/lab/spec/network.ts";
import type { Places } from "../../../bindings/lab/trace/trace.ts";

export function settled(network: NetworkSpec, places: Places): NetworkSpec {
  const known = new Map(
    places.hosts.flatMap(({ namespaces }) =>
      namespaces.flatMap(({ name, devices }) =>
        devices.map((device) => [`${name}:${device.name}`, device] as const),
      ),
    ),
  );
  const settle = (namespace: string, device: DeviceSpec): DeviceSpec => {
    const place = known.get(`${namespace}:${device.name}`);
    if (place === undefined) throw new RangeError(`no place ${namespace}:${device.name}`);
    const { ifindex, mtu, mac } = place;
    return { ...device, ifindex, mtu, ...(mac && { mac }) };
  };
  const hosts = network.hosts.map((host) => ({
    ...host,
    namespaces: host.namespaces.map((each) => ({
      ...each,
      devices: each.devices.map((device) => settle(each.name, device)),
    })),
  }));
  return { ...network, hosts };
}
