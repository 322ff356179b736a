// Ping: asks, listens, keeps its books, and says how it went.
import { MILLISECOND, type Timer } from "../clock.ts";
import type { PingAction } from "../scenario.ts";
import { type Arrival, PROTOCOL, type Quote } from "./arrival.ts";
import { PingBooks } from "./ping-books.ts";
import { BUSYBOX_PING } from "./ping-busybox.ts";
import { IPUTILS_PING } from "./ping-iputils.ts";
import type { EchoError, PingStyle } from "./ping-style.ts";
import type { Failure, Program } from "./program.ts";
import type { Userland } from "./userland.ts";

const DATA_LEN = 56;
const ICMP_HEADER_LEN = 8;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const HOST_UNREACHABLE = { type: 3, code: 1, mtu: 0 };

/** Pings, in the words of the namespace's own ping. Only iputils' can forbid fragments. */
export function startPing(userland: Userland, action: PingAction): void {
  const isIputils = userland.stack.flavour === "iproute2" || action.isDontFragment !== undefined;
  const style = isIputils ? IPUTILS_PING : BUSYBOX_PING;
  const { stack } = userland;
  const fail = (text: string): void =>
    stack.print(style.command(action), `${text}\n`, style.failureCode);
  const address = userland.resolve(action.to);
  if (address === null) {
    fail(style.unknownName(action.to));
    return;
  }
  const banner = style.banner(action.to, address, action.dataLen ?? DATA_LEN);
  const source = stack.sourceFor(address);
  if (source === null) fail(style.unroutable(banner));
  else new Ping(userland, action, style, { source, address }).start(banner);
}

interface Ends {
  readonly source: string;
  readonly address: string;
}

class Ping implements Program {
  readonly app = "ping";
  readonly #userland: Userland;
  readonly #action: PingAction;
  readonly #style: PingStyle;
  readonly #ends: Ends;
  readonly #id: number;
  readonly #count: number;
  readonly #intervalNs: number;
  readonly #books = new PingBooks();
  readonly #sentNs: number[] = [];
  readonly #answered = new Set<number>();
  readonly #lines: string[] = [];
  #timer: Timer | null = null;

  constructor(userland: Userland, action: PingAction, style: PingStyle, ends: Ends) {
    this.#userland = userland;
    this.#action = action;
    this.#style = style;
    this.#ends = ends;
    this.#id = userland.stack.dice.u16();
    this.#count = action.count ?? 1;
    this.#intervalNs = (action.intervalMs ?? 1000) * MILLISECOND;
  }

  start(banner: string): void {
    this.#lines.push(banner);
    this.#books.firstNs = this.#userland.stack.clock.nowNs;
    this.#userland.add(this);
    this.#ask();
  }

  takes({ ip, body, data, quote }: Arrival): boolean {
    if (body.layer !== "icmp") return false;
    const { type, code, id, sequence = 0, nextHopMtu: mtu = 0, gateway } = body.fields;
    if (quote !== null) {
      if (!this.#isOwn(quote)) return false;
      const error = { from: ip.src, sequence: quote.words[1], type, code, mtu };
      this.#complain(gateway === undefined ? error : { ...error, gateway });
      return true;
    }
    if (type !== ECHO_REPLY || id !== this.#id) return false;
    const index = (sequence - this.#style.firstSequence) & 0xffff;
    const sentNs = this.#sentNs[index];
    if (sentNs === undefined) return false;
    const tookUs = Math.floor((this.#userland.stack.clock.nowNs - sentNs) / 1000);
    const rttUs = data.length >= this.#style.stampLen ? tookUs : null;
    const isRepeat = this.#answered.has(index);
    this.#note(index, rttUs, isRepeat);
    const len = data.length + ICMP_HEADER_LEN;
    this.#say(this.#style.reply({ len, from: ip.src, sequence, ttl: ip.ttl, rttUs, isRepeat }));
    this.#endIfDone();
    return true;
  }

  misses(own: Quote, why: Failure): boolean {
    if (!this.#isOwn(own)) return false;
    const sequence = own.words[1];
    if (why === "host-unreachable") {
      this.#complain({ ...HOST_UNREACHABLE, from: own.src, sequence });
    } else if (why === "too-big") {
      this.#overrun(this.#userland.stack.mtuTo(this.#ends.address));
    } else {
      const words = this.#style.unsent();
      if (words === null) this.#end("ping: sendto: Network is unreachable");
      else this.#say(words);
    }
    return true;
  }

  #isOwn({ protocol, words }: Quote): boolean {
    return protocol === PROTOCOL.icmp && words[0] === this.#id;
  }

  #note(index: number, rttUs: number | null, isRepeat: boolean): void {
    const books = this.#books;
    if (isRepeat) books.repeats++;
    else books.received++;
    this.#answered.add(index);
    books.acknowledge(index);
    if (rttUs !== null) books.rttsUs.push(rttUs);
  }

  #complain(error: EchoError): void {
    const line = this.#style.error(error);
    if (line === "") return;
    if (error.gateway !== undefined) {
      this.#say(line); // the request has gone on
      return;
    }
    this.#books.errors++;
    this.#books.acknowledge((error.sequence - this.#style.firstSequence) & 0xffff);
    this.#say(line);
    this.#endIfDone();
  }

  #overrun(mtu: number): void {
    this.#books.errors++;
    this.#say(this.#style.tooBig(mtu));
    this.#endIfDone();
  }

  #ask(): void {
    const { clock } = this.#userland.stack;
    const index = this.#books.sent++;
    this.#sentNs[index] = clock.nowNs;
    this.#books.lastNs = clock.nowNs;
    const isLast = this.#books.sent === this.#count;
    const waitNs = isLast
      ? this.#style.lastWaitNs(this.#books, this.#intervalNs)
      : this.#intervalNs;
    this.#timer = clock.after(waitNs, () => (isLast ? this.#end() : this.#ask()));
    this.#send(index);
  }

  #send(index: number): void {
    const { stack } = this.#userland;
    const { source: src, address: dst } = this.#ends;
    const { dataLen = DATA_LEN, ttl = 64, isDontFragment: isForbidden } = this.#action;
    const isFitting = this.#userland.isFitting(dst, dataLen + ICMP_HEADER_LEN);
    if (isForbidden === true && !isFitting) {
      this.#overrun(stack.mtuTo(dst));
      return;
    }
    // Linux sets DF where nobody asked for it as long as nothing has to be cut.
    const isDontFragment = isForbidden ?? isFitting;
    const sequence = (this.#style.firstSequence + index) & 0xffff;
    const request = { type: ECHO_REQUEST, id: this.#id, sequence };
    const data = this.#style.data(dataLen, stack.clock.nowNs);
    this.#userland.send(
      { src, dst, ttl, isDontFragment },
      [
        { layer: "icmp", fields: request },
        { layer: "payload", fields: { data } },
      ],
      { app: this.app, line: "main", because: null },
    );
  }

  #say(line: string): void {
    this.#lines.push(line);
  }

  #endIfDone(): void {
    const { received, errors, sent } = this.#books;
    if (sent === this.#count && received + errors >= this.#count) this.#end();
  }

  /** With last words there are no statistics. */
  #end(lastWords?: string): void {
    this.#timer?.cancel();
    this.#userland.remove(this);
    const { stack } = this.#userland;
    const code = this.#books.received > 0 ? 0 : 1;
    const last = lastWords ?? this.#style.statistics(this.#action.to, this.#books);
    const text = [...this.#lines, last].join("\n");
    stack.print(this.#style.command(this.#action), `${text}\n`, lastWords ? 1 : code);
  }
}
