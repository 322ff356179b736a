// A process inside one namespace of the demo: a container's, or a host's with its pump. It does
// what its parent asks over the IPC channel, one JSON message each way, and never outlives it.
import { writeFileSync } from "node:fs";
import { Capture, type CaptureOptions, type CaptureResult } from "./capture.ts";
import { EchoWatch, type PingOptions, type PingResult, ping } from "./ping.ts";
import type { Pump, PumpOptions, PumpStats } from "./pump.ts";
import {
  type Attempt,
  type AttemptResult,
  type StreamOptions,
  type StreamResult,
  StreamSink,
  sendStream,
  tryConnect,
  tryDatagram,
} from "./stream.ts";

/** One order of the parent. */
export interface Order {
  readonly number: number;
  readonly name: keyof Orders;
  readonly argument: unknown;
}

/** What became of it. */
export type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string };

/** How long a pump may take to let go before the process goes without it. */
const STOP_TIMEOUT_MS = 500;

let sink: StreamSink | null = null;
let watch: EchoWatch | null = null;
let capture: Capture | null = null;
let pump: Pump | null = null;

const orders = {
  /** Writes settings of this namespace; `name` is a path below /proc/sys/net. */
  async set(settings: Readonly<Record<string, string | number>>): Promise<void> {
    for (const [name, value] of Object.entries(settings)) {
      writeFileSync(`/proc/sys/net/${name}`, `${value}\n`);
    }
  },
  ping: (options: PingOptions): Promise<PingResult> => ping(options),
  async watchEchoes(source: string): Promise<void> {
    watch = new EchoWatch(source);
  },
  async endWatch(): Promise<{ count: number; ttls: number[] }> {
    const seen = watch?.end() ?? { count: 0, ttls: [] };
    watch = null;
    return { count: seen.count, ttls: seen.ttls };
  },
  /** Listens at an address; the answer is the port. */
  async listen(address: string): Promise<number> {
    sink = new StreamSink(address);
    return sink.port;
  },
  async takeStream(): Promise<StreamResult> {
    if (!sink) throw new Error("nothing listens here");
    return sink.take();
  },
  sendStream: (options: StreamOptions): Promise<void> => sendStream(options),
  tryConnect: (attempt: Attempt): Promise<AttemptResult> => tryConnect(attempt),
  tryDatagram: (attempt: Attempt): Promise<AttemptResult> => tryDatagram(attempt),
  async startCapture(options: CaptureOptions): Promise<void> {
    capture = new Capture(options);
  },
  async endCapture(): Promise<CaptureResult> {
    if (!capture) throw new Error("nothing is captured here");
    return capture.end();
  },
  async startPump(options: PumpOptions): Promise<string> {
    const { startPump } = await import("./pump.ts");
    pump = await startPump(options);
    pump.ended.then((error) => error && fail(error));
    return pump.deviceName;
  },
  async pumpStats(): Promise<PumpStats> {
    if (!pump) throw new Error("no pump runs here");
    return pump.stats();
  },
};

export type Orders = typeof orders;

async function obey(order: Order): Promise<void> {
  const { number, name } = order;
  try {
    const carryOut = orders[name] as (argument: unknown) => Promise<unknown>;
    reply({ number, value: (await carryOut(order.argument)) ?? null });
  } catch (error) {
    reply({ number, error: error instanceof Error ? error.message : String(error) });
  }
}

function reply(answer: Answer): void {
  if (process.connected) process.send?.(answer, () => {}); // a parent that has gone hears nothing
}

/** A worker that waits in the kernel keeps a process alive, so the pump is stopped first. */
async function leave(): Promise<void> {
  const timer = setTimeout(() => process.kill(process.pid, "SIGKILL"), STOP_TIMEOUT_MS);
  await pump?.close().catch(() => {});
  clearTimeout(timer);
  process.exit();
}

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  process.disconnect?.();
}

process.on("message", obey);
process.on("disconnect", leave);
reply({ number: 0, value: "ready" });
