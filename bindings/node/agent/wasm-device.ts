// The persistent TAP or TUN of a node: made with a MAC of ours, or taken over from an agent that
// has gone, with the MAC that its lease was published with.
import type { Dice } from "../../agent/clock.ts";
import { drawMac } from "../../agent/mac.ts";
import { type Device, hasDevice, openDevice, readMac, writeMac } from "../device.ts";
import { CallError } from "../libc.ts";

export interface OpenedDevice {
  readonly device: Device;
  /** null for a TUN. */
  readonly mac: string | null;
}

/**
 * Opens the device `name`. A TAP that is new gets `mac`, or one that is drawn; one that was there
 * keeps its own, unless `mac` says otherwise. Throws CallError `EBUSY` when another agent has it.
 */
export function openNodeDevice(
  kind: "tap" | "tun",
  name: string,
  mac: string | null,
  dice: Dice,
  hasOffload: boolean,
): OpenedDevice {
  const device = open(kind, name, hasOffload);
  if (kind === "tun") return { device, mac: null };
  try {
    const before = readMac(device);
    const wanted = mac ?? (device.isNew ? drawMac(dice) : before);
    if (wanted !== before) writeMac(device, wanted);
    return { device, mac: wanted };
  } catch (error) {
    device.close();
    throw error;
  }
}

function open(kind: "tap" | "tun", name: string, hasOffload: boolean): Device {
  try {
    return openDevice(kind, name, { isPersistent: true, hasOffload });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CallError(error.call, error.errno, hintFor(error.code, kind, name) ?? error.hint);
  }
}

function hintFor(code: string, kind: string, name: string): string | undefined {
  if (code === "EBUSY") return `another agent is running with ${name}: stop it first`;
  if (code !== "EINVAL" || !hasDevice(name)) return undefined;
  return `${name} is there, and is no ${kind.toUpperCase()}: ip link delete ${name}`;
}
