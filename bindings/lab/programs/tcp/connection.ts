// One end of a TCP connection (RFC 9293), as far as a few words need it: what comes out of order is
// left to be said again, and nothing is sent before a window that is too small.
import type { LayerInit, TcpFields } from "../../../core/index.ts";
import { MILLISECOND, SECOND, type Timer } from "../../clock.ts";
import type { HopRef } from "../../stack.ts";
import { type Arrival, PROTOCOL, type Quote } from "../arrival.ts";
import type { Failure, Program } from "../program.ts";
import type { Userland } from "../userland.ts";
import { type Breakdown, breakdownOf } from "./breakdown.ts";
import { encodeOptions, parseOptions, STAMPS_LEN, type TcpOptions } from "./options.ts";
import { type Piece, Sender } from "./sender.ts";

export interface Ends {
  readonly address: string;
  readonly port: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** What a program hears of its connection. */
export interface ConnectionEvents {
  readonly opened: () => void;
  readonly received: (data: Uint8Array) => void;
  /** The other end has nothing more to say. */
  readonly finished: () => void;
  /** Nothing more happens; null: both ends have closed. */
  readonly ended: (why: Breakdown | null) => void;
}

const HEADERS_LEN = 40;
const WINDOW_MAX = 65535;
const WINDOW_SHIFT = 7;
const MSS_DEFAULT = 536; // of who says nothing
const SYN_RETRIES = 6; // net.ipv4.tcp_syn_retries
const SYN_TIMEOUT_NS = SECOND;
const RETRIES = 8; // a hundred seconds (RFC 1122, section 4.2.3.5)
const LINGER_NS = 60 * SECOND; // TCP_TIMEWAIT_LEN: the other end may say its FIN again
const TIMEOUT_NS_MIN = 200 * MILLISECOND;

type Flags = Partial<Pick<TcpFields, "ack" | "psh" | "rst" | "syn" | "fin">>;

export class Connection implements Program {
  readonly app: string;
  readonly #userland: Userland;
  readonly #ends: Ends;
  readonly #events: ConnectionEvents;
  readonly #sender = new Sender();
  readonly #start: number;
  readonly #stampStart: number;
  #id: number;
  /** The next byte expected; null: the other's SYN has not come. */
  #expected: number | null = null;
  #echoedStamp = 0;
  #remoteMss = MSS_DEFAULT;
  #isPassive = false;
  #isFinished = false;
  #isEnded = false;
  #retries = 0;
  #timer: Timer | null = null;
  #sentNs = 0;
  #rttNs = 0;
  #because: HopRef | null = null;

  constructor(userland: Userland, app: string, ends: Ends, events: ConnectionEvents) {
    this.app = app;
    this.#userland = userland;
    this.#ends = ends;
    this.#events = events;
    const { dice } = userland.stack;
    this.#start = dice.u32();
    this.#stampStart = dice.u32();
    this.#id = dice.u16();
    userland.add(this);
  }

  /** Asks for a connection. */
  open(): void {
    this.#push();
  }

  /** Answers the SYN of another. */
  accept(syn: Arrival): void {
    this.#isPassive = true;
    this.#hearSyn(syn);
    this.#push();
  }

  write(data: Uint8Array): void {
    this.#sender.write(data);
    this.#push();
  }

  close(): void {
    this.#sender.close();
    this.#push();
  }

  takes(arrival: Arrival): boolean {
    const { ip, body, quote } = arrival;
    if (quote !== null && body.layer === "icmp") return this.#takesError(quote, body.fields);
    if (body.layer !== "tcp") return false;
    const { address, port, remoteAddress, remotePort } = this.#ends;
    const { srcPort, dstPort } = body.fields;
    const isOurs = srcPort === remotePort && dstPort === port;
    if (!isOurs || ip.src !== remoteAddress || ip.dst !== address) return false;
    if (this.#isEnded && body.fields.syn) return false; // a new connection between the same ends
    this.#because = arrival.at;
    this.#hear(arrival, body.fields);
    this.#because = null;
    return true;
  }

  misses(own: Quote, why: Failure): boolean {
    if (!this.#isOwn(own)) return false;
    if (why === "too-big") this.#resend();
    else if (!this.#sender.isOpen) this.#end(why);
    return true;
  }

  #takesError(quote: Quote, { type, code }: { type: number; code: number }): boolean {
    if (!this.#isOwn(quote)) return false;
    const why = breakdownOf(type, code);
    // Once it is open, only a shorter way changes anything: the rest may pass.
    if (why === "too-big") this.#resend();
    else if (why !== null && !this.#sender.isOpen) this.#end(why);
    return true;
  }

  #isOwn({ protocol, src, dst, words }: Quote): boolean {
    const { address, port, remoteAddress, remotePort } = this.#ends;
    if (protocol !== PROTOCOL.tcp || this.#isEnded) return false;
    return src === address && dst === remoteAddress && words[0] === port && words[1] === remotePort;
  }

  #hear(arrival: Arrival, segment: TcpFields): void {
    if (segment.rst) {
      if (this.#isReset(segment)) this.#end(this.#sender.isOpen ? "reset" : "refused");
      return;
    }
    const isFirst = this.#expected === null;
    if (isFirst && !segment.syn) return;
    if (isFirst) this.#hearSyn(arrival);
    if (segment.ack) this.#hearAck((segment.acknowledgment - this.#start) >>> 0);
    if (isFirst) this.#send({ ack: true }, this.#sender.next, EMPTY);
    else this.#hearData(arrival, segment);
    if (isFirst) this.#events.opened();
  }

  // Anybody can send one: it has to name the next byte expected (RFC 5961, section 3.2), and before
  // there is one, to acknowledge the SYN.
  #isReset({ ack, acknowledgment, sequence }: TcpFields): boolean {
    if (this.#expected !== null) return sequence === this.#expected;
    return ack && (acknowledgment - this.#start) >>> 0 === this.#sender.next;
  }

  #hearSyn({ body }: Arrival): void {
    if (body.layer !== "tcp") return;
    const { mss, stamps } = parseOptions(body.fields.options);
    this.#expected = (body.fields.sequence + 1) >>> 0;
    this.#remoteMss = mss ?? MSS_DEFAULT;
    this.#echoedStamp = stamps?.[0] ?? 0;
  }

  #hearAck(upTo: number): void {
    const wasOpen = this.#sender.isOpen;
    if (!this.#sender.acknowledge(upTo)) return;
    if (this.#retries === 0) this.#rttNs = this.#userland.stack.clock.nowNs - this.#sentNs;
    this.#retries = 0;
    this.#timer?.cancel();
    this.#timer = null;
    if (wasOpen) this.#push();
    if (!this.#sender.isIdle) this.#arm();
    if (this.#sender.isDone && this.#isFinished) this.#end(null);
  }

  #hearData({ data }: Arrival, segment: TcpFields): void {
    const ahead = (segment.sequence - (this.#expected ?? 0)) | 0;
    const isNext = ahead === 0 && !this.#isFinished;
    if (data.length === 0 && !segment.fin && !segment.syn) return;
    if (!isNext) {
      if (segment.syn && !this.#sender.isOpen) this.#resend();
      else this.#acknowledge(0); // once more: it was lost, or something before this was
      return;
    }
    this.#echoedStamp = parseOptions(segment.options).stamps?.[0] ?? this.#echoedStamp;
    this.#expected = (segment.sequence + data.length + Number(segment.fin)) >>> 0;
    if (data.length > 0) {
      if (!segment.fin) this.#acknowledge(data.length);
      this.#events.received(data);
    }
    if (segment.fin) this.#finish();
  }

  // Who closes at once acknowledges the other's FIN by its own.
  #finish(): void {
    this.#isFinished = true;
    const before = this.#sender.next;
    this.#events.finished();
    if (this.#sender.next === before) this.#acknowledge(0);
    if (this.#sender.isDone) this.#end(null);
  }

  #acknowledge(unreadLen: number): void {
    this.#send({ ack: true }, this.#sender.next, EMPTY, unreadLen);
  }

  get #pieceLen(): number {
    const mtu = this.#userland.stack.mtuTo(this.#ends.remoteAddress);
    return Math.max(1, Math.min(this.#remoteMss, mtu - HEADERS_LEN) - STAMPS_LEN);
  }

  #push(): void {
    for (const piece of this.#sender.fresh(this.#pieceLen)) {
      if (this.#timer === null) this.#arm();
      this.#sendPiece(piece);
    }
  }

  #resend(): void {
    if (!this.#sender.isIdle) this.#sendPiece(this.#sender.again(this.#pieceLen));
  }

  #arm(): void {
    const { clock } = this.#userland.stack;
    this.#sentNs = clock.nowNs;
    const firstNs = this.#sender.isOpen ? TIMEOUT_NS_MIN + this.#rttNs : SYN_TIMEOUT_NS;
    this.#timer = clock.after(firstNs * 2 ** this.#retries, () => this.#expire());
  }

  #expire(): void {
    const most = this.#sender.isOpen ? RETRIES : SYN_RETRIES;
    if (this.#retries === most) {
      this.#end("timeout");
      return;
    }
    this.#retries++;
    this.#arm();
    this.#resend();
  }

  #sendPiece(piece: Piece): void {
    const { isSyn: syn, isFin: fin, isLast: psh, data, at } = piece;
    const ack = this.#expected !== null;
    this.#send({ syn, fin, ack, psh }, at, data);
  }

  #send(flags: Flags, at: number, data: Uint8Array, unreadLen = 0): void {
    const { address: src, port: srcPort, remoteAddress: dst, remotePort: dstPort } = this.#ends;
    const options = this.#optionsFor(flags);
    const fields = {
      ...{ srcPort, dstPort, ...flags },
      sequence: (this.#start + at) >>> 0,
      acknowledgment: this.#expected ?? 0,
      window: this.#windowFor(flags, unreadLen),
      options: encodeOptions(options),
    };
    const layers: LayerInit[] = [{ layer: "tcp", fields }];
    if (data.length > 0) layers.push({ layer: "payload", fields: { data } });
    const isAnswer = flags.syn === true && flags.ack === true; // it has no identifier in Linux
    const id = isAnswer ? 0 : this.#id++ & 0xffff;
    const sending = { app: this.app, line: "main", because: this.#because } as const;
    this.#userland.send({ src, dst, isDontFragment: true, id }, layers, sending);
  }

  #optionsFor({ syn }: Flags): TcpOptions {
    const nowMs = Math.floor(this.#userland.stack.clock.nowNs / MILLISECOND);
    const stamps = [(this.#stampStart + nowMs) >>> 0, this.#echoedStamp] as const;
    return syn ? { mss: this.#ownMss, stamps, windowShift: WINDOW_SHIFT } : { stamps };
  }

  get #ownMss(): number {
    return this.#userland.stack.mtuTo(this.#ends.remoteAddress) - HEADERS_LEN;
  }

  // As Linux begins: whole segments, less the stamps of who has seen the other's.
  #windowFor({ syn }: Flags, unreadLen: number): number {
    const segmentLen = this.#ownMss - (this.#isPassive ? STAMPS_LEN : 0);
    const room = WINDOW_MAX - (WINDOW_MAX % segmentLen);
    return syn ? room : Math.ceil((room - unreadLen) / 2 ** WINDOW_SHIFT);
  }

  #end(why: Breakdown | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#timer?.cancel();
    if (why !== null) this.#userland.remove(this);
    else this.#userland.stack.clock.meanwhile(LINGER_NS, () => this.#userland.remove(this));
    this.#events.ended(why);
  }
}

const EMPTY = new Uint8Array();
