// What device.test.ts does inside its namespace.
import {
  type DeviceKind,
  type DeviceOffload,
  type DeviceOptions,
  openDevice,
} from "../../bindings/node/device.ts";
import { addressOf, errno, errnoName, libc } from "../../bindings/node/libc.ts";

const held = new Map<string, ReturnType<typeof openDevice>>();

/** Opens a device and keeps it; gives the name that the kernel chose. */
export function open(kind: DeviceKind, name: string, options: DeviceOptions = {}): string {
  const device = openDevice(kind, name, options);
  held.set(device.name, device);
  return device.name;
}

/** What the kernel leaves to whoever reads an open device. */
export function offload(name: string): DeviceOffload | "nothing" {
  return held.get(name)?.offload ?? "nothing";
}

export function close(name: string): void {
  held.get(name)?.close();
  held.delete(name);
}

/** One read: the packet, or the name of the error. */
export function read(name: string): Uint8Array | string {
  const bytes = new Uint8Array(new ArrayBuffer(2048));
  const len = libc.read(held.get(name)?.fd ?? -1, addressOf(bytes), bytes.length);
  return len === -1 ? errnoName(errno()) : bytes.slice(0, len);
}

/** One write: its length, or the name of the error. */
export function write(name: string, packet: Uint8Array): number | string {
  const bytes = new Uint8Array(new ArrayBuffer(packet.length));
  bytes.set(packet);
  const len = libc.write(held.get(name)?.fd ?? -1, addressOf(bytes), bytes.length);
  return len === -1 ? errnoName(errno()) : len;
}

/** Opens a device without the right to: as nobody, since root has every right. */
export function openAsNobody(kind: DeviceKind, name: string): void {
  process.seteuid?.(65534);
  try {
    openDevice(kind, name).close();
  } finally {
    process.seteuid?.(0);
  }
}
