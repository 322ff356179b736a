// Every packet of one device, by a packet socket, into a pcapng file. Bounded: a capture that is
// full ends, and says so.
import { closeSync, openSync, writeSync } from "node:fs";
import { PcapngWriter } from "../lab/pcapng.ts";
import { libc, SO_RCVBUFFORCE, SOCK_RAW, SOL_SOCKET } from "./libc.ts";
import { Message } from "./recvmsg.ts";
import { AF_PACKET, Readiness, SO_TIMESTAMPNS, Socket } from "./socket.ts";

export interface CaptureOptions {
  readonly device: string;
  readonly file: string;
  readonly packetsMax: number;
  readonly bytesMax: number;
}

export interface CaptureResult {
  readonly packets: number;
  readonly bytes: number;
  /** Why it ended before it was told to, or "". */
  readonly full: string;
  /** Packets that the kernel had no room for. */
  readonly missed: number;
}

const ETH_P_ALL = 3;
const SOCKADDR_LL_LEN = 20;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const RECEIVE_BUFFER_LEN = 1 << 25;
const PACKET_LEN_MAX = 1 << 17;
/** Packets in a row before the event loop has its turn. */
const TURN_MAX = 256;
const WAIT_MS = 50;

export class Capture {
  readonly #options: CaptureOptions;
  readonly #socket: Socket;
  readonly #readiness: Readiness;
  readonly #message = new Message(PACKET_LEN_MAX, 64);
  readonly #file: number;
  readonly #writer: PcapngWriter;
  readonly #ended: Promise<number>;
  #isEnding = false;
  #packets = 0;
  #bytes = 0;
  #full = "";

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#file = openSync(options.file, "w");
    this.#writer = new PcapngWriter((chunk) => writeSync(this.#file, chunk));
    this.#writer.addInterface({ name: options.device, linkType: "ethernet" });
    this.#socket = packetSocket(options.device);
    this.#readiness = new Readiness(this.#socket);
    this.#ended = this.#run();
    this.#ended.catch(() => {}); // the one who ends the capture hears of it
  }

  /** Takes in what has arrived until now and closes the file. Throws what kept it from that. */
  async end(): Promise<CaptureResult> {
    this.#isEnding = true;
    const missed = await this.#ended;
    return { packets: this.#packets, bytes: this.#bytes, full: this.#full, missed };
  }

  /** Returns how many packets the kernel had no room for. */
  async #run(): Promise<number> {
    try {
      await this.#takeAll();
      return this.#full === "" ? droppedBy(this.#socket) : 0; // those came after its end
    } finally {
      this.#readiness.close();
      this.#socket.close();
      closeSync(this.#file);
    }
  }

  async #takeAll(): Promise<void> {
    while (this.#full === "") {
      const isReady = await this.#readiness.wait("readable", WAIT_MS);
      if (!isReady && this.#isEnding) return;
      for (let turn = 0; turn < TURN_MAX && this.#full === ""; turn++) {
        if (!this.#takeOne()) break;
      }
    }
  }

  #takeOne(): boolean {
    const len = this.#socket.recvMessage(this.#message);
    if (len === -1) return false;
    const bytes = this.#message.bytes.subarray(0, Math.min(len, PACKET_LEN_MAX));
    this.#writer.addPacket({ interface: 0, timeNs: arrival(this.#message), bytes });
    this.#packets += 1;
    this.#bytes += bytes.length;
    if (this.#packets >= this.#options.packetsMax) this.#full = `${this.#packets} packets`;
    if (this.#bytes >= this.#options.bytesMax) this.#full = `${this.#bytes} bytes`;
    return true;
  }
}

/** A packet socket that receives all that one device sends and takes in. */
export function packetSocket(device: string): Socket {
  const index = libc.if_nametoindex(device);
  if (index === 0) throw new Error(`no device ${device} to capture from`);
  const socket = Socket.open(AF_PACKET, SOCK_RAW, 0); // protocol 0: nothing before it is bound
  socket.setOption(SOL_SOCKET, SO_TIMESTAMPNS, 1);
  socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_LEN);
  const address = Buffer.alloc(SOCKADDR_LL_LEN);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ETH_P_ALL, 2);
  address.writeInt32LE(index, 4);
  socket.bind(address);
  return socket;
}

/** Nanoseconds since 1970, by the kernel's clock. */
function arrival(message: Message): bigint {
  const at = message.control(SOL_SOCKET, SO_TIMESTAMPNS);
  if (at === -1) return BigInt(Date.now()) * 1_000_000n;
  const bytes = message.controlBytes;
  return bytes.readBigInt64LE(at) * 1_000_000_000n + bytes.readBigInt64LE(at + 8);
}

function droppedBy(socket: Socket): number {
  const statistics = Buffer.alloc(8);
  socket.getOption(SOL_PACKET, PACKET_STATISTICS, statistics);
  return statistics.readUInt32LE(4);
}
