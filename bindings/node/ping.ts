// Ping with a raw ICMP socket: any size, DF, the TTL of what comes back, and the ICMP errors that
// the kernel queues for the socket (IP_RECVERR) with the next hop's MTU.
import { setTimeout as sleep } from "node:timers/promises";
import {
  AF_INET,
  CallError,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_RECVERR,
  IPPROTO_IP,
  SOCK_RAW,
} from "./libc.ts";
import type { QueuedError } from "./recvmsg.ts";
import { IPPROTO_ICMP, Readiness, Socket } from "./socket.ts";
import { sockaddrIn } from "./underlay.ts";

export interface PingOptions {
  readonly target: string;
  readonly source?: string;
  readonly count: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Of the whole IP packet, bytes. 84 is what ping sends: 20 + 8 + 56. */
  readonly packetLen: number;
  readonly dontFragment: boolean;
}

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  readonly rttMs: { readonly min: number; readonly avg: number; readonly max: number } | null;
  /** Of the last answer as it arrived. */
  readonly answerTtl: number | null;
  /** What was refused here or said by ICMP, the oldest first, at most eight. */
  readonly errors: readonly QueuedError[];
}

const IPV4_HEADER_LEN_MIN = 20;
const ICMP_HEADER_LEN = 8;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const ERRORS_MAX = 8;

export async function ping(options: PingOptions): Promise<PingResult> {
  const pinger = new Pinger(options);
  try {
    for (let sequence = 1; sequence <= options.count; sequence++) {
      if (sequence > 1) await sleep(options.intervalMs);
      if (!pinger.isConnected) break;
      await pinger.once(sequence);
    }
    return pinger.result();
  } finally {
    pinger.close();
  }
}

class Pinger {
  /** False when this machine itself has no way to the target; the errors tell why. */
  readonly isConnected: boolean;
  readonly #options: PingOptions;
  readonly #socket = Socket.open(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  readonly #readiness = new Readiness(this.#socket);
  readonly #identifier = Math.floor(Math.random() * 0x10000);
  readonly #room = Buffer.alloc(65536);
  readonly #rtts: number[] = [];
  readonly #errors: QueuedError[] = [];
  #sent = 0;
  #answerTtl: number | null = null;

  constructor(options: PingOptions) {
    this.#options = options;
    this.#socket.setOption(IPPROTO_IP, IP_RECVERR, 1);
    if (options.dontFragment) this.#socket.setOption(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    if (options.source) this.#socket.bind(sockaddrIn(options.source, 0));
    this.isConnected = this.#attempt(() => this.#socket.connect(sockaddrIn(options.target, 0)));
  }

  /** One request, and its answer or an error or silence. */
  async once(sequence: number): Promise<void> {
    const request = echoRequest(this.#options.packetLen, this.#identifier, sequence);
    const startMs = performance.now();
    this.#sent += 1;
    if (!this.#attempt(() => this.#socket.send(request))) return;
    for (;;) {
      const leftMs = startMs + this.#options.timeoutMs - performance.now();
      const isReadable = leftMs > 0 && (await this.#readiness.wait("readable", leftMs));
      // Also when time is up: it may have been this process that had to wait, not the answer.
      if (this.#takeAnswer(sequence)) {
        this.#rtts.push(performance.now() - startMs);
        return;
      }
      if (this.#drainErrors() || !isReadable) return;
    }
  }

  result(): PingResult {
    const rtts = this.#rtts;
    return {
      sent: this.#sent,
      received: rtts.length,
      rttMs: rtts.length === 0 ? null : summary(rtts),
      answerTtl: this.#answerTtl,
      errors: this.#errors,
    };
  }

  close(): void {
    this.#readiness.close();
    this.#socket.close();
  }

  #takeAnswer(sequence: number): boolean {
    for (;;) {
      let len = -1;
      if (!this.#attempt(() => (len = this.#socket.recv(this.#room))) || len === -1) return false;
      const echo = parseEcho(this.#room.subarray(0, len));
      const isOurs = echo?.type === ECHO_REPLY && echo.identifier === this.#identifier;
      if (!isOurs || echo.sequence !== sequence) continue;
      this.#answerTtl = echo.ttl;
      return true;
    }
  }

  /** False when the socket had an error; its details are queued. */
  #attempt(call: () => unknown): boolean {
    try {
      call();
      return true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (!this.#drainErrors()) this.#note(plainError(error));
      return false;
    }
  }

  #drainErrors(): boolean {
    let found = false;
    for (;;) {
      const error = this.#socket.takeError();
      if (error === null) return found;
      found = true;
      this.#note(error);
    }
  }

  #note(error: QueuedError): void {
    if (this.#errors.length < ERRORS_MAX) this.#errors.push(error);
  }
}

interface Echo {
  readonly type: number;
  readonly identifier: number;
  readonly sequence: number;
  readonly ttl: number;
}

/** Reads what a raw ICMP socket hands up: the IPv4 header and what follows. */
export function parseEcho(packet: Buffer): Echo | null {
  if (packet.length < IPV4_HEADER_LEN_MIN + ICMP_HEADER_LEN) return null;
  const headerLen = (packet.readUInt8(0) & 15) * 4;
  if (packet.length < headerLen + ICMP_HEADER_LEN) return null;
  return {
    type: packet.readUInt8(headerLen),
    identifier: packet.readUInt16BE(headerLen + 4),
    sequence: packet.readUInt16BE(headerLen + 6),
    ttl: packet.readUInt8(8),
  };
}

function echoRequest(packetLen: number, identifier: number, sequence: number): Buffer {
  const message = Buffer.alloc(packetLen - IPV4_HEADER_LEN_MIN);
  message.forEach((_, at) => {
    message[at] = at & 0xff;
  });
  message.writeUInt16BE(ECHO_REQUEST << 8, 0);
  message.writeUInt16BE(0, 2);
  message.writeUInt16BE(identifier, 4);
  message.writeUInt16BE(sequence, 6);
  message.writeUInt16BE(internetChecksum(message), 2);
  return message;
}

/** RFC 1071. */
function internetChecksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += bytes.readUInt8(bytes.length - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function plainError(error: CallError): QueuedError {
  return { code: error.code, origin: "local", icmpType: 0, icmpCode: 0, mtu: 0, from: "" };
}

function summary(values: readonly number[]): { min: number; avg: number; max: number } {
  const total = values.reduce((sum, value) => sum + value, 0);
  const [min, avg, max] = [Math.min(...values), total / values.length, Math.max(...values)];
  return { min: wholeMicros(min), avg: wholeMicros(avg), max: wholeMicros(max) };
}

function wholeMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Counts the echo requests that arrive here, and how far they had come. */
export class EchoWatch {
  readonly #socket = Socket.open(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  readonly #ttls = new Set<number>();
  readonly #source: string;
  #count = 0;

  /** Watches requests from one address. */
  constructor(source: string) {
    this.#source = source;
    this.#socket.connect(sockaddrIn(source, 0));
  }

  /** Ends the watch. TTLs are those of the requests as they arrived. */
  end(): { source: string; count: number; ttls: number[] } {
    const room = Buffer.alloc(65536);
    for (let len = this.#socket.recv(room); len !== -1; len = this.#socket.recv(room)) {
      const echo = parseEcho(room.subarray(0, len));
      if (echo?.type !== ECHO_REQUEST) continue;
      this.#count += 1;
      this.#ttls.add(echo.ttl);
    }
    this.#socket.close();
    return { source: this.#source, count: this.#count, ttls: [...this.#ttls] };
  }
}
