// A plain computer: one network card, perhaps somebody who listens.
import type { FabricSpec, HostSpec, ListenerSpec } from "../../spec/network.ts";

export interface ComputerInit {
  readonly name: string;
  /** "192.168.1.4/24". */
  readonly address: string;
  readonly mac: string;
  readonly gateway?: string;
  readonly listeners?: readonly ListenerSpec[];
  readonly forwards?: boolean;
}

export function computer(init: ComputerInit): HostSpec {
  const { name, address, mac, gateway, listeners, forwards = false } = init;
  return {
    name,
    namespaces: [
      {
        name,
        kind: "host",
        devices: [{ kind: "nic", name: "eth0", addresses: [address], mac }],
        routes: gateway === undefined ? [] : [`default via ${gateway} dev eth0`],
        sysctls: { "net.ipv4.ip_forward": forwards ? 1 : 0 },
        ...(listeners && { listeners }),
      },
    ],
  };
}

/** The cards of computers, all in one fabric. */
export function plugged(
  name: string,
  kind: FabricSpec["kind"],
  computers: readonly HostSpec[],
): FabricSpec {
  return { name, kind, ports: computers.map((each) => `${each.name}:eth0`) };
}
