// nc -u: one datagram, and a moment for an answer.
import { SECOND, type Timer } from "../clock.ts";
import type { UdpAction } from "../scenario.ts";
import { type Arrival, PROTOCOL, type Quote } from "./arrival.ts";
import { printBroken, printNcCommand, printNoConnection, printUnknownName } from "./nc.ts";
import type { Failure, Program } from "./program.ts";
import { breakdownOf } from "./tcp/breakdown.ts";
import type { Userland } from "./userland.ts";

const WAIT_NS = SECOND;
const UDP_HEADER_LEN = 8;

export function startUdp(userland: Userland, action: UdpAction): void {
  const { stack } = userland;
  const { flavour } = stack;
  const fail = (text: string): void => stack.print(printNcCommand(flavour, action), text, 1);
  const remote = userland.resolve(action.to);
  const source = remote === null ? null : stack.sourceFor(remote);
  if (remote === null) fail(printUnknownName(flavour, action));
  else if (source !== null) new UdpTalk(userland, action, source, remote).start();
  else fail(printNoConnection(flavour, action, remote, "net-unreachable"));
}

class UdpTalk implements Program {
  readonly app = "nc";
  readonly #userland: Userland;
  readonly #action: UdpAction;
  readonly #source: string;
  readonly #remote: string;
  readonly #port: number;
  #timer: Timer | null = null;

  constructor(userland: Userland, action: UdpAction, source: string, remote: string) {
    this.#userland = userland;
    this.#action = action;
    this.#source = source;
    this.#remote = remote;
    this.#port = action.sourcePort ?? userland.drawPort();
  }

  start(): void {
    this.#userland.add(this);
    this.#timer = this.#userland.stack.clock.after(WAIT_NS, () => this.#end("", 0));
    const data = new TextEncoder().encode(`${this.#action.text}\n`);
    const isFitting = this.#userland.isFitting(this.#remote, data.length + UDP_HEADER_LEN);
    const ports = { srcPort: this.#port, dstPort: this.#action.port };
    this.#userland.send(
      { src: this.#source, dst: this.#remote, isDontFragment: isFitting },
      [
        { layer: "udp", fields: ports },
        { layer: "payload", fields: { data } },
      ],
      { app: this.app, line: "main", because: null },
    );
  }

  takes({ ip, body, data, quote }: Arrival): boolean {
    if (quote !== null && body.layer === "icmp") {
      if (!this.#isOwn(quote)) return false;
      // Unless it asks for them, a socket hears of no other errors.
      if (breakdownOf(body.fields.type, body.fields.code) === "refused") this.#refuse();
      return true;
    }
    if (body.layer !== "udp" || ip.src !== this.#remote) return false;
    if (body.fields.srcPort !== this.#action.port || body.fields.dstPort !== this.#port) {
      return false;
    }
    this.#end(new TextDecoder().decode(data), 0);
    return true;
  }

  misses(own: Quote, _why: Failure): boolean {
    return this.#isOwn(own);
  }

  #isOwn({ protocol, dst, words }: Quote): boolean {
    const isOurs = words[0] === this.#port && words[1] === this.#action.port;
    return protocol === PROTOCOL.udp && dst === this.#remote && isOurs;
  }

  #refuse(): void {
    this.#end(printBroken("refused"), 1);
  }

  #end(text: string, exitCode: number): void {
    this.#timer?.cancel();
    this.#userland.remove(this);
    const { stack } = this.#userland;
    stack.print(printNcCommand(stack.flavour, this.#action), text, exitCode);
  }
}
