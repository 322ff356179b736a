// Devices whose other end is a tunnel: each kind wraps and unwraps in a file of its own.
import type { Device } from "./device.ts";
import { decapVxlan, encapVxlan, vxlanFor } from "./devices/vxlan.ts";
import type { Carried, Stop } from "./journey.ts";
import { spotOf } from "./spot.ts";

/** What left by a tunnel's device goes into the tunnel. */
export function enterTunnel(device: Device, carried: Carried): void {
  switch (device.kind) {
    case "vxlan":
      encapVxlan(device, carried);
      return;
    default: {
      const stop = device.namespace.lab.recorder.stop(carried, spotOf(device));
      stop.settle("drop-down", { dev: device.name }); // it carries nothing
    }
  }
}

/**
 * Hands a packet that has reached the stack to the tunnel it belongs to: `port` is UDP's, null
 * that of another protocol. False where it belongs to none; else `stop` is decided.
 */
export function openDatagram(
  device: Device,
  carried: Carried,
  stop: Stop,
  port: number | null,
): boolean {
  const vxlan = port === null ? undefined : vxlanFor(device.namespace, carried, port);
  if (vxlan === undefined) return false;
  decapVxlan(vxlan, carried, stop);
  return true;
}
