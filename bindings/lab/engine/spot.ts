import { type Device, upperPlane } from "./device.ts";
import type { Spot } from "./journey.ts";
import type { Namespace } from "./namespace.ts";

/** What a decision is called that is no device's. */
export const ROUTING = "routing";

export function spotOf(device: Device): Spot {
  const { namespace, name, plane } = device;
  return { host: namespace.host, namespace: namespace.name, device: name, plane };
}

/** Of a router between two devices. */
export function routingSpot(from: Device, to: Device): Spot {
  return { ...spotOf(from), device: ROUTING, plane: upperPlane(from.plane, to.plane) };
}

/** Of a packet of the namespace's own, while nobody knows by which device it goes. */
export function ownSpot({ host, name }: Namespace): Spot {
  return { host, namespace: name, device: ROUTING, plane: "containers" };
}
