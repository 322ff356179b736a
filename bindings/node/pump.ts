// A pump moves packets between a device and a socket, through the core, in a thread of its own, or
// in several. Device, sockets and eventfds are opened here, where errors are easy to throw, and
// closed here once the thread is gone; the thread only uses them.
import { randomBytes } from "node:crypto";
import { MessageChannel, Worker } from "node:worker_threads";
import type { Caps, JournalEntry, JournalResult, TableName, TableRecords } from "../core/index.ts";
import type { WorkerData } from "./control.ts";
import type { Device } from "./device.ts";
import type { PumpOffload } from "./offload.ts";
import {
  closeAll,
  type Descriptors,
  hasPathMtu,
  MTU_DEFAULT,
  openDescriptors,
} from "./pump-descriptors.ts";
import { PumpGroup } from "./pump-group.ts";
import type { TapOptions, TappedBurst } from "./tap.ts";
import { WorkerPump } from "./worker-pump.ts";

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
  /**
   * Queues of the device, each with threads, sockets and tables of their own; one unless said, 16
   * at most. Several take whoever's packets come by the kernel's hash of their flow. A device that
   * is open already has as many.
   */
  queues?: number;
  /**
   * Two threads for each queue: one reads the device, the other receives from the tunnel. As with
   * several queues, tables are the journal's alone: a port that learns is refused, since what one
   * thread learned the others would not know.
   */
  perDirection?: boolean;
  /** What a socket should buffer each way: 16 MiB. */
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
  /** Stops its threads within 100 ms and closes device and sockets; gives the last stats. */
  close(): Promise<PumpStats>;
}

const HEAP = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 256 }; // of a worker

/**
 * Starts a pump; resolves when it moves packets. Throws HeddleError for options and journal
 * entries that cannot be, CallError for what the system refuses; then nothing is left open.
 */
export async function startPump(options: PumpOptions): Promise<Pump> {
  // Hashes alike in all threads, so that their tables take and refuse the same.
  const { seed = randomBytes(8).readBigUInt64LE() } = options;
  const threads = openDescriptors(options);
  const pumps: WorkerPump[] = [];
  try {
    for (const descriptors of threads) pumps.push(startThread(options, seed, descriptors));
    await Promise.all(pumps.map(({ ready }) => ready));
  } catch (error) {
    for (const descriptors of threads.slice(pumps.length)) closeAll(descriptors);
    await Promise.allSettled(pumps.flatMap((pump) => [pump.ready, pump.close()]));
    throw error;
  }
  const [first, ...others] = pumps;
  if (first === undefined) throw new Error("a pump without threads");
  return others.length === 0 ? first : new PumpGroup(first, others);
}

function startThread(options: PumpOptions, seed: bigint, descriptors: Descriptors): WorkerPump {
  const { mtu = MTU_DEFAULT, caps = {}, memoryBytes, journal, backend } = options;
  const { device, readsDevice, socket, lanes, port: udpPort, wake, offload } = descriptors;
  const { port1, port2 } = new MessageChannel();
  const workerData: WorkerData = {
    backend,
    port: port2,
    deviceFd: device.fd,
    readsDevice,
    socketFd: socket.fd,
    laneFds: lanes.length === 0 ? [socket.fd] : lanes.map(({ fd }) => fd),
    wakeFd: wake.fd,
    udpPort,
    mtu,
    pathMtu: hasPathMtu(options),
    offload,
    caps,
    seed,
    memoryBytes,
    journal,
  };
  return new WorkerPump(startWorker(workerData), port1, descriptors);
}

function startWorker(workerData: WorkerData): Worker {
  try {
    const settings = { workerData, transferList: [workerData.port], resourceLimits: HEAP };
    return new Worker(workerUrl(), settings);
  } catch (error) {
    workerData.port.close(); // the journal holds what no thread can be given
    throw error;
  }
}

/** The worker's module beside this one, compiled or as it was written. */
function workerUrl(): URL {
  const name = import.meta.url.endsWith(".ts") ? "./pump-worker.ts" : "./pump-worker.js";
  return new URL(name, import.meta.url);
}
