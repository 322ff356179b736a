// What stands under the name of a plane: the addresses that live there, or the tunnel's number.
import type { DevicePlace, Plane, Trace } from "../../../lab/trace/trace.ts";

export function captionOf(trace: Trace, plane: Plane): string {
  if (plane === "tunnel") return numbersOf(trace);
  if (plane === "user") return "";
  const devices = trace.places.hosts
    .flatMap(({ namespaces }) => namespaces)
    .flatMap((space) => space.devices)
    .filter((device) => device.plane === plane && device.name !== "lo");
  return prefixOf(devices) ?? "";
}

function numbersOf({ network }: Trace): string {
  const devices = (network?.hosts ?? [])
    .flatMap(({ namespaces }) => namespaces)
    .flatMap((space) => space.devices);
  const vnis = devices.flatMap((device) => (device.kind === "vxlan" ? [device.vni] : []));
  const distinct = [...new Set(vnis)];
  return distinct.length === 0 ? "" : `VNI ${distinct.join(", ")}`;
}

/** The longest prefix of 8, 16 or 24 bits that all addresses share. */
function prefixOf(devices: readonly DevicePlace[]): string | null {
  const addresses = devices.flatMap((device) => device.addresses.slice(0, 1));
  const parts = addresses.map((address) => (address.split("/")[0] ?? "").split("."));
  const [first] = parts;
  if (first === undefined) return null;
  const shared = [0, 1, 2].findIndex((at) => parts.some((each) => each[at] !== first[at]));
  const count = shared < 0 ? 3 : shared;
  if (count === 0) return null;
  const kept = [...first.slice(0, count), ...Array.from({ length: 4 - count }, () => "0")];
  return `${kept.join(".")}/${count * 8}`;
}
