// A process inside one namespace of the demo: a container's, or a host's with its agent. It does
// what its parent asks over the IPC channel, one JSON message each way, and never outlives it.
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { EmbeddedAgent } from "./agent/embedded.ts";
import type { AgentSettings, StoreSettings } from "./agent/settings.ts";
import { Capture, type CaptureOptions, type CaptureResult } from "./capture.ts";
import { EchoWatch, type PingOptions, type PingResult, ping } from "./ping.ts";
import type { PumpStats } from "./pump.ts";
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

/** How long an agent may take to let go before the process goes without it. */
const STOP_TIMEOUT_MS = 500;

let sink: StreamSink | null = null;
let watch: EchoWatch | null = null;
let capture: Capture | null = null;
let agent: EmbeddedAgent | null = null;
let etcd: ChildProcess | null = null;

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
  /** Starts etcd here. That it answers, whoever asks it next finds out. */
  async startEtcd(words: readonly string[]): Promise<void> {
    etcd = spawn("etcd", words, { stdio: ["ignore", "ignore", "pipe"] });
    etcd.stderr?.pipe(process.stderr);
    etcd.once("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT";
      fail(isMissing ? new Error("the program `etcd`: apt-get install etcd-server") : error);
    });
    etcd.once("exit", () => fail(new Error("etcd has ended")));
  },
  async putConfig({ store, config }: { store: StoreSettings; config: string }): Promise<void> {
    const { putConfig } = await import("./agent/embedded.ts");
    await putConfig(store, config);
  },
  /** Resolves when the agent has joined its network. */
  async startAgent({ settings }: { settings: AgentSettings }): Promise<void> {
    const { startAgent } = await import("./agent/embedded.ts");
    agent = await startAgent(settings, (level, message, fields) => {
      if (level === "error") process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`);
    });
    agent.ended.then((error) => error && fail(error));
  },
  /** Resolves when the agent has programmed so many peers. */
  async awaitPeers(count: number): Promise<void> {
    if (!agent) throw new Error("no agent runs here");
    await agent.reaches(count);
  },
  async agentStats(): Promise<PumpStats | null> {
    if (!agent) throw new Error("no agent runs here");
    return agent.stats();
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

/** A worker that waits in the kernel keeps a process alive, so the agent is stopped first. */
async function leave(): Promise<void> {
  const timer = setTimeout(() => process.kill(process.pid, "SIGKILL"), STOP_TIMEOUT_MS);
  etcd?.removeAllListeners("exit");
  etcd?.kill("SIGKILL");
  await agent?.close().catch(() => {});
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
