// The persistent TAP or TUN of a node: made with a MAC of ours, or taken over from an agent that
// has gone, with the MAC that its lease was published with.
import type { Dice } from "../../agent/clock.ts";
import { drawMac } from "../../agent/mac.ts";
import {
  type Device,
  type DeviceKind,
  hasDevice,
  openDevice,
  readMac,
  removeDevice,
  writeMac,
} from "../device.ts";
import { CallError } from "../libc.ts";

export interface OpenedDevice {
  readonly device: Device;
  /** null for a TUN. */
  readonly mac: string | null;
}

export interface DeviceWish {
  readonly kind: DeviceKind;
  readonly name: string;
  /** null: of a TAP its own, or one that is drawn. */
  readonly mac: string | null;
  readonly hasOffload: boolean;
  readonly queues: number;
}

/**
 * Opens a device. A TAP that is new gets the MAC of the wish, or one that is drawn; one that was
 * there keeps its own, unless the wish says otherwise. Throws CallError `EBUSY` when another agent
 * has it.
 */
export function openNodeDevice(wish: DeviceWish, dice: Dice): OpenedDevice {
  const { device, mac } = open(wish);
  if (wish.kind === "tun") return { device, mac: null };
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

/** A device has one queue or several for all its life: one of the other sort is made anew. */
function open(wish: DeviceWish): OpenedDevice {
  const { kind, name, hasOffload, queues, mac } = wish;
  const openIt = (): Device => openDevice(kind, name, { isPersistent: true, hasOffload, queues });
  try {
    return { device: openIt(), mac };
  } catch (error) {
    const other = codeOf(error) === "EINVAL" ? openOther(wish) : undefined;
    if (other === undefined) throw hinted(error, wish);
    return { mac: takeAway(other, wish), device: openIt() };
  }
}

/** Removes a device of the other sort. Returns: the MAC that the next one is to have. */
function takeAway(other: Device, { kind, mac }: DeviceWish): DeviceWish["mac"] {
  try {
    return mac ?? (kind === "tap" ? readMac(other) : null);
  } finally {
    removeDevice(other);
  }
}

/** The device that has the name if it is of the other sort, else nothing. */
function openOther(wish: DeviceWish): Device | undefined {
  const { kind, name, queues } = wish;
  try {
    return openDevice(kind, name, { queues: queues === 1 ? 2 : 1 });
  } catch (error) {
    if (codeOf(error) === "EINVAL") return undefined;
    throw hinted(error, wish);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof CallError ? error.code : undefined;
}

function hinted(error: unknown, { kind, name }: DeviceWish): unknown {
  if (!(error instanceof CallError)) return error;
  return new CallError(error.call, error.errno, hintFor(error.code, kind, name) ?? error.hint);
}

function hintFor(code: string, kind: string, name: string): string | undefined {
  if (code === "EBUSY") return `another agent is running with ${name}: stop it first`;
  if (code !== "EINVAL" || !hasDevice(name)) return undefined;
  return `${name} is there, and is no ${kind.toUpperCase()}: ip link delete ${name}`;
}
