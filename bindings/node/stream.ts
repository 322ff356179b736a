// A TCP stream in one direction for a bounded time, as iperf3 has it: large buffers, and the
// receiver's count is the one that holds.
import {
  AF_INET,
  CallError,
  IP_RECVERR,
  IPPROTO_IP,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./libc.ts";
import type { QueuedError } from "./recvmsg.ts";
import { Readiness, SO_REUSEADDR, Socket } from "./socket.ts";
import { sockaddrIn } from "./underlay.ts";

export interface StreamOptions {
  readonly target: string;
  readonly port: number;
  readonly source: string;
  readonly seconds: number;
}

export interface StreamResult {
  readonly bytes: number;
  /** From the first byte to the last as the receiver saw them. */
  readonly seconds: number;
}

const BUFFER_LEN = 1 << 17;
const CONNECT_TIMEOUT_MS = 3000;
/** A stream that stands still for so long has failed. */
const STALL_TIMEOUT_MS = 5000;
/** Calls in a row before the event loop has its turn. */
const CALLS_MAX = 16;

/** Waits for one stream and takes in all of it. */
export class StreamSink {
  readonly #listener = Socket.open(AF_INET, SOCK_STREAM, 0);

  constructor(address: string) {
    this.#listener.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
    this.#listener.bind(sockaddrIn(address, 0));
    this.#listener.listen();
  }

  get port(): number {
    return this.#listener.localPort();
  }

  async take(): Promise<StreamResult> {
    const stream = await this.#accept();
    const readiness = new Readiness(stream);
    try {
      return await drain(stream, readiness);
    } finally {
      readiness.close();
      stream.close();
    }
  }

  async #accept(): Promise<Socket> {
    const readiness = new Readiness(this.#listener);
    try {
      await readiness.wait("readable", CONNECT_TIMEOUT_MS);
      const stream = this.#listener.accept();
      if (!stream) throw new Error(`no stream arrived within ${CONNECT_TIMEOUT_MS} ms`);
      return stream;
    } finally {
      readiness.close();
      this.#listener.close();
    }
  }
}

async function drain(stream: Socket, readiness: Readiness): Promise<StreamResult> {
  const room = new Uint8Array(BUFFER_LEN);
  let bytes = 0;
  let firstMs = 0;
  for (;;) {
    if (!(await readiness.wait("readable", STALL_TIMEOUT_MS))) throw stalled(bytes);
    if (firstMs === 0) firstMs = performance.now();
    for (let call = 0; call < CALLS_MAX; call++) {
      const len = stream.recv(room);
      if (len === 0) return { bytes, seconds: (performance.now() - firstMs) / 1000 };
      if (len === -1) break;
      bytes += len;
    }
  }
}

function stalled(bytes: number): Error {
  return new Error(`the stream stood still for ${STALL_TIMEOUT_MS} ms after ${bytes} bytes`);
}

/** Sends for `seconds` and returns when all was handed to the kernel. */
export async function sendStream(options: StreamOptions): Promise<void> {
  const stream = Socket.open(AF_INET, SOCK_STREAM, 0);
  const readiness = new Readiness(stream);
  try {
    stream.bind(sockaddrIn(options.source, 0));
    await connected(stream, readiness, options.target, options.port, CONNECT_TIMEOUT_MS);
    await pour(stream, readiness, options.seconds);
    stream.finish();
  } finally {
    readiness.close();
    stream.close();
  }
}

async function pour(stream: Socket, readiness: Readiness, seconds: number): Promise<void> {
  const chunk = new Uint8Array(BUFFER_LEN);
  const endMs = performance.now() + seconds * 1000;
  let bytes = 0;
  while (performance.now() < endMs) {
    if (!(await readiness.wait("writable", STALL_TIMEOUT_MS))) throw stalled(bytes);
    for (let call = 0; call < CALLS_MAX; call++) {
      const len = stream.send(chunk);
      if (len === -1) break;
      bytes += len;
    }
  }
}

async function connected(
  stream: Socket,
  readiness: Readiness,
  target: string,
  port: number,
  timeoutMs: number,
): Promise<void> {
  if (stream.connect(sockaddrIn(target, port))) return;
  const isReady = await readiness.wait("writable", timeoutMs);
  stream.throwPending("connect");
  if (!isReady) throw new Error(`connect to ${target} port ${port}: no answer`);
}

export interface Attempt {
  readonly target: string;
  readonly source?: string;
  readonly timeoutMs: number;
}

export interface AttemptResult {
  /** "" when there was no error. */
  readonly code: string;
  readonly afterMs: number;
  readonly error: QueuedError | null;
}

/** How a TCP connect to `target` ends, and when. */
export async function tryConnect(attempt: Attempt): Promise<AttemptResult> {
  const stream = Socket.open(AF_INET, SOCK_STREAM, 0);
  const readiness = new Readiness(stream);
  const startMs = performance.now();
  let code = "";
  try {
    await connected(stream, readiness, attempt.target, 7, attempt.timeoutMs);
  } catch (error) {
    code = error instanceof CallError ? error.code : "ETIMEDOUT";
  } finally {
    readiness.close();
    stream.close();
  }
  return { code, afterMs: performance.now() - startMs, error: null };
}

/** What a UDP socket with IP_RECVERR hears about a datagram to `target`. */
export async function tryDatagram(attempt: Attempt): Promise<AttemptResult> {
  const socket = Socket.open(AF_INET, SOCK_DGRAM, 0);
  const readiness = new Readiness(socket);
  const startMs = performance.now();
  try {
    socket.setOption(IPPROTO_IP, IP_RECVERR, 1);
    socket.connect(sockaddrIn(attempt.target, 7));
    socket.send(Buffer.from("heddle"));
    await readiness.wait("readable", attempt.timeoutMs);
    const error = socket.takeError();
    return { code: error?.code ?? "", afterMs: performance.now() - startMs, error };
  } finally {
    readiness.close();
    socket.close();
  }
}
