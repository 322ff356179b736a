// What comes to a device, and where the IP layer of its namespace sends it.

import { hearArp } from "./arp.ts";
import { bridgeFrame } from "./bridge.ts";
import { deliver } from "./deliver.ts";
import type { Device } from "./device.ts";
import { broadcastOf } from "./device.ts";
import { isDamaged } from "./fcs.ts";
import { forward } from "./forward.ts";
import { dstMacOf, dstOf, isArp, isRunt, srcOf, ttlOf, wholePacketOf } from "./frame.ts";
import { passIn } from "./hooks.ts";
import type { Carried, Stop } from "./journey.ts";
import { spotOf } from "./spot.ts";

/** Bytes have reached a device from outside. */
export function receive(device: Device, carried: Carried): void {
  const { recorder } = device.namespace.lab;
  recorder.see(carried, { place: device.place, direction: "in" });
  if (!device.isUp) {
    recorder.stop(carried, spotOf(device)).settle("drop-down", { dev: device.name });
  } else if (isRunt(carried)) {
    const host = device.namespace.name;
    recorder.stop(carried, spotOf(device)).settle("drop-malformed", { host, dev: device.name });
  } else if (isDamaged(carried)) {
    recorder.stop(carried, spotOf(device)).settle("drop-fcs", { dev: device.name });
  } else if (device.master !== null) bridgeFrame(device.master, device, carried);
  else enter(device, carried);
}

/** The stack above a device gets what the device has received. */
export function enter(device: Device, carried: Carried): void {
  if (isArp(carried)) hearArp(device, carried);
  else inputIp(device, carried);
}

function inputIp(device: Device, carried: Carried): void {
  const { namespace } = device;
  const first = namespace.lab.recorder.stop(carried, spotOf(device));
  const isOwn = isForDevice(device, carried);
  const entered = isOwn ? passIn(device, carried, first) : { carried, stop: first, crossing: null };
  if (entered === null) return;
  const packet = wholePacketOf(entered.carried);
  if (packet !== null && isOwn && !mayEnter(device, packet, entered.stop)) return;
  forward(device, entered, (isLocal) => {
    if (isLocal) deliver(device, entered);
  });
}

function isForDevice(device: Device, carried: Carried): boolean {
  if (carried.link === "ipv4") return true;
  const isGroup = ((carried.bytes[0] ?? 0) & 1) === 1;
  return isGroup || dstMacOf(carried) === device.mac;
}

/** False for what Linux drops by its addresses and settings, before any route is asked. */
function mayEnter(device: Device, packet: Uint8Array, stop: Stop): boolean {
  const { namespace } = device;
  const [src, dst] = [srcOf(packet), dstOf(packet)];
  const isOwn = namespace.routes.isLocal(src);
  if (isOwn && !acceptsLocal(device)) {
    stop.settle("drop-martian", { dev: device.name, host: namespace.name, src, dst });
    return false;
  }
  if (namespace.isForwarding || isMeant(device, dst)) return true;
  stop.settle("drop-ip", { host: namespace.name, dev: device.name, dst, ttl: ttlOf(packet) });
  return false;
}

/** heddle's agent sets it for its own TUN, so that what its daemon says is heard. */
function acceptsLocal(device: Device): boolean {
  const isHeddles = device.spec?.kind === "tun" && device.spec.errors === "heddle";
  return isHeddles || device.namespace.sysctl("net.ipv4.conf.*.accept_local", device) !== 0;
}

/** True for an address that means this namespace, or everybody. */
function isMeant(device: Device, dst: string): boolean {
  if (dst === "255.255.255.255" || Number.parseInt(dst, 10) >= 224) return true;
  if (device.namespace.routes.isLocal(dst)) return true;
  return device.addresses.some(({ address }) => broadcastOf(address) === dst);
}
