// The main thread's side of a pump: it opens device, socket and eventfd, starts the worker that
// moves the packets, and talks to it through a numbered journal.

/** One change of a table. */
export interface JournalEntry {
  table: "ports" | "domains" | "remotes" | "fdb" | "flood" | "hops" | "routes" | "neighbors";
  op: "set" | "remove";
  record: object;
}

export type Backend = "vxlan" | "udp";

/** The indexes that the journal must give the pump's two ports. */
export const DEVICE_PORT = 0;
export const TUNNEL_PORT = 1;

export interface PumpOptions {
  /** `vxlan` moves frames of a TAP device, `udp` the IP packets of a TUN device. */
  backend: Backend;
  /** Made when it is not there; it goes with the pump. Address, routes and MTU are the caller's. */
  device: { name: string };
  /** The underlay address that the socket is bound to. */
  local: string;
  /** The socket's port, and the peers' where a remote does not say otherwise. */
  port: number;
  /** The first state: ports DEVICE_PORT and TUNNEL_PORT, domains, remotes and what they need. */
  journal: readonly JournalEntry[];
  /** Longest IP packet that the device will be set to carry; 1500 unless said. */
  mtu?: number;
  /** Table capacities; what is not said gets a size that suits a host. */
  caps?: Record<string, number>;
  /** Seeds the hashes; random unless said. */
  seed?: bigint;
  /** What the socket should buffer each way. */
  bufferBytes?: number;
}

export interface Flow {
  packets: number;
  bytes: number;
}

export interface PumpStats {
  /** Read from the device and written to it. */
  deviceIn: Flow;
  deviceOut: Flow;
  /** Received from the socket and sent through it: UDP payloads. */
  tunnelIn: Flow;
  tunnelOut: Flow;
  /** Packets that the core let through. */
  passed: number;
  /** Packets that the core dropped, by reason: `UnknownStation`, `NoRoute` and so on. */
  drops: Record<string, number>;
  /** What the core noticed while the packet went on. */
  events: Record<string, number>;
  /** System calls that failed, as `sendmmsg EMSGSIZE`; each names one packet that was lost. */
  errors: Record<string, number>;
  /** Bursts through the core. */
  bursts: number;
  /** Of the whole process, bytes. */
  rssBytes: number;
}

export interface Pump {
  /** The device's name as the kernel has it. */
  readonly deviceName: string;
  /** Settles when the pump has stopped: with an error when something other than `close` did it. */
  readonly ended: Promise<Error | undefined>;
  /** Applies entries in their order between two bursts; resolves when packets see them. */
  apply(entries: readonly JournalEntry[]): Promise<void>;
  stats(): Promise<PumpStats>;
  /** Stops the worker within 100 ms and closes device and socket; gives the last stats. */
  close(): Promise<PumpStats>;
}

/** Starts a pump; resolves when it moves packets. */
export async function startPump(options: PumpOptions): Promise<Pump> {
  throw new Error(`the ${options.backend} pump is not built yet`);
}
