// Networks as the page draws them, straight from their data: no packet has to run for it.
import type { DeviceSpec, NetworkSpec } from "../../../bindings/lab/spec/network.ts";
import type { DevicePlace, Places, Plane } from "../../../bindings/lab/trace/trace.ts";

export function drawnPlaces({ hosts, fabrics }: NetworkSpec): Places {
  const spaces = hosts.flatMap(({ namespaces }) => namespaces);
  const veths = spaces.flatMap(({ name, devices }) =>
    devices.flatMap((device): [string, string][] =>
      device.kind === "veth" ? [[`${name}:${device.name}`, device.peer]] : [],
    ),
  );
  const cables = fabrics.flatMap(({ name, ports }) =>
    ports.map((port): [string, string] => [port, `${name}:p-${port.split(":")[0]}`]),
  );
  return {
    hosts: hosts.map(({ name, namespaces }) => ({
      name,
      namespaces: namespaces.map((space) => ({
        name: space.name,
        kind: space.kind,
        processes: space.processes ?? [],
        devices: space.devices.map((device) => placeOf(device, space.kind)),
      })),
    })),
    fabrics: fabrics.map(({ name, kind }) => ({ name, kind })),
    links: [...veths.filter(([one, other]) => one < other), ...cables],
  };
}

function placeOf(device: DeviceSpec, kind: string): DevicePlace {
  return {
    name: device.name,
    kind: device.kind,
    plane: planeOf(device, kind),
    ifindex: device.ifindex ?? 2,
    mac: device.kind === "tun" ? null : (device.mac ?? "02:42:0a:01:0f:02"),
    mtu: device.mtu ?? 1500,
    addresses: device.addresses ?? [],
    master: device.master ?? null,
  };
}

function planeOf({ kind }: DeviceSpec, space: string): Plane {
  if (kind === "nic") return "underlay";
  if (["vxlan", "tun", "ipip", "weave"].includes(kind)) return "tunnel";
  return space === "overlay" ? "tunnel" : "containers";
}
