// All that a pump needs of the system, opened where errors are easy to throw, for each thread its
// own: a queue of the device, what packets come in by and leave by, and an eventfd.
import { HeddleError, type JournalEntry } from "../core/index.ts";
import { type Device, openDevice } from "./device.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, F_DUPFD_CLOEXEC, libc, must } from "./libc.ts";
import type { PumpOffload } from "./offload.ts";
import type { PumpOptions } from "./pump.ts";
import { checkQueues } from "./queues.ts";
import {
  openUnderlaySocket,
  sharePort,
  steerBySender,
  takeNothing,
  takeRows,
  type UnderlayOptions,
  type UnderlaySocket,
} from "./underlay.ts";

/** What a thread has open. */
export interface Descriptors {
  /** One queue of it. */
  readonly device: Device;
  /** False for a thread that only writes to it. */
  readonly readsDevice: boolean;
  /** The tunnel's own. */
  readonly port: number;
  /** What packets come in by; of a thread that only reads the device, one of the lanes. */
  readonly socket: UnderlaySocket;
  /** What they leave by; none: by the same. */
  readonly lanes: readonly UnderlaySocket[];
  /** An eventfd: the worker looks at its messages when it was written to. */
  readonly wake: Closable & { readonly fd: number };
  readonly offload: PumpOffload;
}

interface Closable {
  close(): void;
}

/** Notes what is opened, to close it when more cannot be. */
type Keep = <Opened extends Closable>(one: Opened) => Opened;

export const MTU_DEFAULT = 1500;
const MTU_MIN = 68; // RFC 791
const MTU_MAX = 65535;
const BUFFER_BYTES = 16 << 20;
// Source ports of a VXLAN tunnel. Both ends of a UDP tunnel have one port, as flanneld wants it.
const LANES = 8;

export function closeAll({ device, socket, lanes, wake }: Descriptors): void {
  for (const { close } of new Set([device, socket, ...lanes, wake])) close();
}

/** What each thread of a pump needs, or nothing at all. */
export function openDescriptors(options: PumpOptions): Descriptors[] {
  const { device: wish } = options;
  const opened: Closable[] = "fd" in wish ? [wish] : [];
  try {
    return openThreads(options, (one) => {
      opened.push(one);
      return one;
    });
  } catch (error) {
    for (const one of opened.reverse()) one.close();
    throw error;
  }
}

/** Refuses what only one thread would come to know, where there are several. */
export function checkStatic(entries: readonly JournalEntry[]): void {
  for (const { table, op, record } of entries) {
    if (op !== "set" || (table !== "ports" && table !== "fdb")) continue;
    const { flags = [] } = record;
    const has = (...wanted: string[]): boolean => flags.some((flag) => wanted.includes(flag));
    if (table === "ports" ? !has("learn") : has("static", "permanent")) continue;
    const expected =
      table === "ports"
        ? "no learn: what one of several threads learns the others do not know"
        : "static or permanent: each of several threads would forget it by itself";
    throw new HeddleError("BadValue", flags, `flags of ${table}: ${expected}`);
  }
}

export function hasPathMtu({ backend, pathMtu }: PumpOptions): boolean {
  return pathMtu ?? backend === "udp";
}

function openThreads(options: PumpOptions, keep: Keep): Descriptors[] {
  checkOptions(options);
  const { backend, device: wish, hasOffload = true, queues = 1, perDirection = false } = options;
  const kind = backend === "udp" ? "tun" : "tap";
  const device = "fd" in wish ? wish : keep(openDevice(kind, wish.name, { hasOffload, queues }));
  const { length } = device.queueFds;
  if (length !== queues) throw new HeddleError("BadValue", length, `a device of ${queues} queues`);
  const { receivers, senders } = openSockets(options, keep);
  const port = receivers[0]?.port ?? options.port;
  return receivers.flatMap((receiver, i): Descriptors[] => {
    const queue = queueOf(device, i);
    const openWake = (): Descriptors["wake"] => keep(openEventFd());
    const lanes =
      kind === "tun" ? [] : Array.from({ length: LANES }, () => keep(openLane(options)));
    // Without virtio headers there is nowhere for what the core would put together.
    const gro = hasOffload && device.offload !== undefined && takeRows(receiver.fd);
    const segment = hasOffload && receiver.canSegment;
    const offload = { device: device.offload, deviceTakesUdp: device.takesUdp, segment, gro };
    const shared = { device: queue, readsDevice: true, port, offload };
    if (!perDirection) return [{ ...shared, socket: receiver, lanes, wake: openWake() }];
    const socket = lanes[0] ?? senders[i] ?? receiver;
    const twin = keep(duplicate(queue)); // two threads end, and close, at two times
    return [
      { ...shared, socket, lanes, wake: openWake() },
      {
        ...shared,
        device: twin,
        readsDevice: false,
        socket: receiver,
        lanes: [],
        wake: openWake(),
      },
    ];
  });
}

function checkOptions(options: PumpOptions): void {
  const { backend, mtu = MTU_DEFAULT, queues = 1, journal } = options;
  if (backend !== "vxlan" && backend !== "udp") {
    throw new HeddleError("BadValue", backend, 'backend: "vxlan" or "udp"');
  }
  if (!Number.isInteger(mtu) || mtu < MTU_MIN || mtu > MTU_MAX) {
    throw new HeddleError("BadValue", mtu, `mtu: a whole number from ${MTU_MIN} to ${MTU_MAX}`);
  }
  checkQueues(queues);
  if (isThreaded(options)) checkStatic(journal);
}

/** Whether several threads share the packets. */
function isThreaded({ queues = 1, perDirection = false }: PumpOptions): boolean {
  return queues > 1 || perDirection;
}

interface Sockets {
  /** One for each queue, all with the tunnel's port. */
  readonly receivers: readonly UnderlaySocket[];
  /** As many, with the same port, for threads that only send; none where lanes do that. */
  readonly senders: readonly UnderlaySocket[];
}

/** The first binds the port for itself alone, so that no two pumps ever share one. */
function openSockets(options: PumpOptions, keep: Keep): Sockets {
  const { backend, port: wished, queues = 1, perDirection = false } = options;
  const first = keep(openSocket(options, { port: wished }));
  const senderCount = perDirection && backend === "udp" ? queues : 0;
  if (queues + senderCount > 1) sharePort(first.fd);
  const words = { port: first.port, sharesPort: true };
  const open = (): UnderlaySocket => keep(openSocket(options, words));
  const receivers = [first, ...Array.from({ length: queues - 1 }, open)];
  const senders = Array.from({ length: senderCount }, open);
  if (senderCount > 0) steerBySender(first.fd, queues);
  return { receivers, senders };
}

function openSocket(
  options: PumpOptions,
  words: Pick<UnderlayOptions, "port" | "sharesPort">,
): UnderlaySocket {
  const { local, bufferBytes = BUFFER_BYTES } = options;
  return openUnderlaySocket({ local, pathMtu: hasPathMtu(options), bufferBytes, ...words });
}

/** A socket that only sends: what others send to it is not even kept. */
function openLane(options: PumpOptions): UnderlaySocket {
  const lane = openSocket(options, { port: 0 });
  try {
    takeNothing(lane.fd);
    return lane;
  } catch (error) {
    lane.close();
    throw error;
  }
}

/** Queue `i` of a device; the only one is the device. */
function queueOf(device: Device, i: number): Device {
  const { queueFds } = device;
  const fd = queueFds[i];
  if (fd === undefined || queueFds.length === 1) return device;
  return { ...device, fd, close: () => void libc.close(fd) };
}

function duplicate(queue: Device): Device {
  const fd = must(libc.fcntl(queue.fd, F_DUPFD_CLOEXEC, 0), "fcntl F_DUPFD_CLOEXEC");
  return { ...queue, fd, close: () => void libc.close(fd) };
}

function openEventFd(): Descriptors["wake"] {
  const fd = must(libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  return { fd, close: () => void libc.close(fd) };
}
