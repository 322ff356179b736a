// A network with one thing different.
import type { HostSpec, NamespaceSpec, NetworkSpec } from "../../spec/network.ts";

/** A network whose machine `name` has its own namespace changed. */
export function changed(
  network: NetworkSpec,
  name: string,
  change: (own: NamespaceSpec) => NamespaceSpec,
): NetworkSpec {
  const hosts = network.hosts.map(
    (host): HostSpec => ({
      ...host,
      namespaces: host.namespaces.map((each) => (each.name === name ? change(each) : each)),
    }),
  );
  return { ...network, hosts };
}
