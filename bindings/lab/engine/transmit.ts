// What leaves by a device: each kind takes it elsewhere.
import { bridgeFrame } from "./bridge.ts";
import type { Device } from "./device.ts";
import { receive } from "./input.ts";
import type { Carried } from "./journey.ts";
import { undone } from "./offload.ts";
import { spotOf } from "./spot.ts";
import { enterTunnel } from "./tunnels.ts";

/** Sends by a device what its namespace has routed there. */
export function transmit(device: Device, routed: Carried): void {
  const { recorder } = device.namespace.lab;
  const carried = device.leavesChecksumsUndone ? undone(routed) : routed;
  recorder.see(carried, { place: device.place, direction: "out" });
  if (!device.isUp) {
    recorder.stop(carried, spotOf(device)).settle("drop-down", { dev: device.name });
    return;
  }
  if (device.kind === "bridge") bridgeFrame(device, null, carried);
  else push(device, carried);
}

function push(device: Device, carried: Carried): void {
  const { lab } = device.namespace;
  switch (device.kind) {
    case "nic":
      lab.fabricOf(device)?.take(device, carried);
      return;
    case "veth": {
      const peer = lab.peerOf(device);
      lab.clock.after(lab.stepNs, () => receive(peer, carried));
      return;
    }
    default:
      lab.clock.after(lab.stepNs, () => enterTunnel(device, carried));
  }
}
