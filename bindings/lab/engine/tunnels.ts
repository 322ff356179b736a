// Devices whose other end is a tunnel: each kind wraps and unwraps in a file of its own.
import type { Device } from "./device.ts";
import { decapIpip, encapIpip, ipipFor } from "./devices/ipip.ts";
import { decapUdp, riseTun, tunFor } from "./devices/tun.ts";
import { decapVxlan, encapVxlan, vxlanFor } from "./devices/vxlan.ts";
import { decapWeave, encapWeave, weaveFor } from "./devices/weave.ts";
import type { Carried, Stop } from "./journey.ts";
import { spotOf } from "./spot.ts";

const ENTRANCES: Partial<Record<Device["kind"], typeof encapVxlan>> = {
  vxlan: encapVxlan,
  tun: riseTun,
  ipip: encapIpip,
  weave: encapWeave,
};

/** What left by a tunnel's device goes into the tunnel. */
export function enterTunnel(device: Device, carried: Carried): void {
  const enter = ENTRANCES[device.kind];
  if (enter !== undefined) {
    enter(device, carried);
    return;
  }
  const stop = device.namespace.lab.recorder.stop(carried, spotOf(device));
  stop.settle("drop-down", { dev: device.name }); // it carries nothing
}

/**
 * Hands a packet that has reached the stack to the tunnel it belongs to: `port` is UDP's, null
 * that of another protocol. False where it belongs to none; else `stop` is decided.
 */
export function openDatagram(
  { namespace }: Device,
  carried: Carried,
  stop: Stop,
  port: number | null,
): boolean {
  const exits: [Device | undefined, typeof decapVxlan][] =
    port === null
      ? [[ipipFor(namespace), decapIpip]]
      : [
          [vxlanFor(namespace, carried, port), decapVxlan],
          [tunFor(namespace, port), decapUdp],
          [weaveFor(namespace, port), decapWeave],
        ];
  const exit = exits.find(([device]) => device !== undefined);
  const device = exit?.[0];
  if (exit === undefined || device === undefined) return false;
  exit[1](device, carried, stop);
  return true;
}
