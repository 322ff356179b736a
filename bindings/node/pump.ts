// A pump moves packets between a device and a socket, through the core, in a thread of its own.
// Device, socket and eventfd are opened here, where errors are easy to throw, and closed here once
// the thread is gone; the thread only uses them.
import { randomBytes } from "node:crypto";
import { MessageChannel, Worker } from "node:worker_threads";
import {
  type Caps,
  HeddleError,
  type JournalEntry,
  type JournalResult,
  type TableName,
  type TableRecords,
} from "../core/index.ts";
import type { WorkerData } from "./control.ts";
import { type Device, openDevice } from "./device.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, must } from "./libc.ts";
import type { PumpOffload } from "./offload.ts";
import type { TapOptions, TappedBurst } from "./tap.ts";
import { openUnderlaySocket, takeNothing, takeRows, type UnderlaySocket } from "./underlay.ts";
import { closeAll, type Descriptors, WorkerPump } from "./worker-pump.ts";

export { DEVICE_PORT, TUNNEL_PORT } from "./ports.ts";
export type { JournalEntry, PumpOffload, TapOptions, TappedBurst };

export type Backend = "vxlan" | "udp";

/** Where a pump stands, and with what in its tables. */
export interface PumpOptions {
  /** `vxlan` moves frames of a TAP device, `udp` the IP packets of a TUN device. */
  backend: Backend;
  /**
   * By its name: made when it is not there, and it goes with the pump. Or open already: the pump
   * takes it over, and closes it, also when it cannot begin. Address, routes and MTU are the
   * caller's.
   */
  device: { name: string } | Device;
  /** The underlay address that the socket is bound to. */
  local: string;
  /** The socket's port, and the peers' where a remote does not say otherwise. */
  port: number;
  /** The first state: ports DEVICE_PORT and TUNNEL_PORT, domains, remotes and what they need. */
  journal: readonly JournalEntry[];
  /** Longest IP packet that the device will be set to carry; 1500 unless said. */
  mtu?: number;
  /**
   * Whether outer packets may not be cut on the way: what is too long for a path is then told to
   * the senders inside. Left out: for `udp`, as its sockets are ordinary ones, and not for `vxlan`.
   */
  pathMtu?: boolean;
  /** Table capacities; what is not said gets a size that suits a host. */
  caps?: Partial<Caps>;
  /** Seeds the hashes; random unless said. */
  seed?: bigint;
  /** Whether super-packets are used where the kernel has them; left out: yes. */
  hasOffload?: boolean;
  /** What the socket should buffer each way: 16 MiB. */
  bufferBytes?: number;
  /** Memory of the core, for capacities that need more than 64 MiB. */
  memoryBytes?: number;
}

/** One direction. */
export interface Flow {
  packets: number;
  bytes: number;
}

/** Counts since the pump began. */
export interface PumpStats {
  /** Read from the device and written to it, super-packets as one each. */
  deviceIn: Flow;
  deviceOut: Flow;
  /** Received from the socket and sent through it: UDP payloads, each by itself. */
  tunnelIn: Flow;
  tunnelOut: Flow;
  /** Packets that the core let through. */
  passed: number;
  /** Packets that the core dropped, by reason: `UnknownStation`, `NoRoute` and so on. */
  drops: Record<string, number>;
  /** What the core noticed while the packet went on. */
  events: Record<string, number>;
  /** Packets that a call lost, by call and reason: `sendmmsg EMSGSIZE` and so on. */
  errors: Record<string, number>;
  /** Bursts through the core. */
  bursts: number;
  /** Of the whole process, bytes. */
  rssBytes: number;
}

export interface Pump {
  /** The device's name as the kernel has it. */
  readonly deviceName: string;
  /** What the kernel leaves to this pump, or does for it. */
  readonly offload: PumpOffload;
  /** Settles when the pump has stopped: with an error when something other than `close` did it. */
  readonly ended: Promise<Error | undefined>;
  /** Applies entries in their order between two bursts; resolves when packets meet them. */
  apply(entries: readonly JournalEntry[]): Promise<JournalResult[]>;
  /** What a table holds, some records at a time, between bursts. Changes are seen or not. */
  list<Name extends TableName>(table: Name): AsyncIterable<TableRecords[Name]>;
  /**
   * What passes from now on, until the signal aborts, the loop is left, or the pump ends, which
   * throws why. Who is too slow loses packets, and is told how many.
   */
  tap(options?: TapOptions, signal?: AbortSignal): AsyncIterable<TappedBurst>;
  /** What has passed so far, and what was lost on the way. */
  stats(): Promise<PumpStats>;
  /** Stops the worker within 100 ms and closes device and socket; gives the last stats. */
  close(): Promise<PumpStats>;
}

const MTU_DEFAULT = 1500;
const MTU_MIN = 68; // RFC 791
const MTU_MAX = 65535;
const BUFFER_BYTES = 16 << 20;
const HEAP = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 256 }; // of the worker
// Source ports of a VXLAN tunnel. Both ends of a UDP tunnel have one port, as flanneld wants it.
const LANES = 8;

/**
 * Starts a pump; resolves when it moves packets. Throws HeddleError for options and journal
 * entries that cannot be, CallError for what the system refuses; then nothing is left open.
 */
export async function startPump(options: PumpOptions): Promise<Pump> {
  const { mtu = MTU_DEFAULT, caps = {}, memoryBytes, journal, backend } = options;
  const descriptors = openDescriptors(options);
  const { port1, port2 } = new MessageChannel();
  const workerData: WorkerData = {
    backend,
    port: port2,
    deviceFd: descriptors.device.fd,
    socketFd: descriptors.socket.fd,
    laneFds: laneFds(descriptors),
    wakeFd: descriptors.wake.fd,
    udpPort: descriptors.socket.port,
    mtu,
    pathMtu: hasPathMtu(options),
    offload: descriptors.offload,
    caps,
    seed: options.seed ?? randomBytes(8).readBigUInt64LE(),
    memoryBytes,
    journal,
  };
  const pump = new WorkerPump(startWorker(workerData, descriptors), port1, descriptors);
  await pump.ready;
  return pump;
}

/** Closes the descriptors when there will be no thread to use them. */
function startWorker(workerData: WorkerData, descriptors: Descriptors): Worker {
  try {
    const settings = { workerData, transferList: [workerData.port], resourceLimits: HEAP };
    return new Worker(workerUrl(), settings);
  } catch (error) {
    closeAll(descriptors); // the journal holds what no thread can be given
    workerData.port.close();
    throw error;
  }
}

function checkOptions(backend: unknown, mtu: number): void {
  if (backend !== "vxlan" && backend !== "udp") {
    throw new HeddleError("BadValue", backend, 'backend: "vxlan" or "udp"');
  }
  if (!Number.isInteger(mtu) || mtu < MTU_MIN || mtu > MTU_MAX) {
    throw new HeddleError("BadValue", mtu, `mtu: a whole number from ${MTU_MIN} to ${MTU_MAX}`);
  }
}

/** All that a pump needs of the system, or none of it. */
function openDescriptors(options: PumpOptions): Descriptors {
  const { backend, device: wish, mtu = MTU_DEFAULT, hasOffload = true } = options;
  const isUdp = backend === "udp";
  const opened: { close(): void }[] = "fd" in wish ? [wish] : [];
  const keep = <Opened extends { close(): void }>(one: Opened): Opened => {
    opened.push(one);
    return one;
  };
  try {
    checkOptions(backend, mtu);
    const device =
      "fd" in wish ? wish : keep(openDevice(isUdp ? "tun" : "tap", wish.name, { hasOffload }));
    const socket = keep(openSocket(options, options.port));
    const lanes = isUdp ? [] : Array.from({ length: LANES }, () => keep(openLane(options)));
    // Without virtio headers there is nowhere for what the core would put together.
    const gro = hasOffload && device.offload !== undefined && takeRows(socket.fd);
    const offload = {
      device: device.offload,
      deviceTakesUdp: device.takesUdp,
      segment: hasOffload && socket.canSegment,
      gro,
    };
    return { device, socket, lanes, wake: openWake(), offload };
  } catch (error) {
    for (const one of opened.reverse()) one.close();
    throw error;
  }
}

function openSocket(options: PumpOptions, port: number): UnderlaySocket {
  const { local, bufferBytes = BUFFER_BYTES } = options;
  return openUnderlaySocket({ local, port, pathMtu: hasPathMtu(options), bufferBytes });
}

/** A socket that only sends: what others send to it is not even kept. */
function openLane(options: PumpOptions): UnderlaySocket {
  const lane = openSocket(options, 0);
  try {
    takeNothing(lane.fd);
    return lane;
  } catch (error) {
    lane.close();
    throw error;
  }
}

/** What datagrams leave by. */
function laneFds({ socket, lanes }: Descriptors): number[] {
  return lanes.length === 0 ? [socket.fd] : lanes.map(({ fd }) => fd);
}

function hasPathMtu({ backend, pathMtu }: PumpOptions): boolean {
  return pathMtu ?? backend === "udp";
}

function openWake(): Descriptors["wake"] {
  const fd = must(libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  return { fd, close: () => void libc.close(fd) };
}

/** The worker's module beside this one, compiled or as it was written. */
function workerUrl(): URL {
  const name = import.meta.url.endsWith(".ts") ? "./pump-worker.ts" : "./pump-worker.js";
  return new URL(name, import.meta.url);
}
