// The programs of a namespace and the part of its kernel that serves them: who gets which packet,
// and what is answered where nobody does.
import { encode, type LayerInit } from "../../core/index.ts";
import type { Delivery, HopRef, Programs, Sending, Stack } from "../stack.ts";
import { type Arrival, readArrival, readQuote, type Unread } from "./arrival.ts";
import { encodeIcmpError } from "./icmp-error.ts";
import { listen } from "./listener.ts";
import type { Failure, Program } from "./program.ts";
import { resetFor } from "./tcp/reset.ts";

/** The IPv4 header of what a program sends; what is left out is as Linux has it. */
export interface Envelope {
  readonly src: string;
  readonly dst: string;
  readonly ttl?: number;
  readonly tos?: number;
  readonly isDontFragment: boolean;
  /** Left out: the next one of the namespace. */
  readonly id?: number;
}

const IPV4_HEADER_LEN = 20;
const KERNEL = "kernel";
const EPHEMERAL_MIN = 32768; // net.ipv4.ip_local_port_range
const EPHEMERAL_COUNT = 28232;
const ECHO_REQUEST = 8;
const UNREACHABLE = 3;
const CODE = { protocol: 2, port: 3, fragmentationNeeded: 4 } as const;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

export class Userland implements Programs {
  readonly stack: Stack;
  readonly #programs: Program[] = [];
  #ipId: number | null = null;

  constructor(stack: Stack) {
    this.stack = stack;
    listen(this, stack.listeners);
  }

  /** From now on it is asked about packets, before those that came earlier. */
  add(program: Program): void {
    this.#programs.unshift(program);
  }

  remove(program: Program): void {
    const index = this.#programs.indexOf(program);
    if (index >= 0) this.#programs.splice(index, 1);
  }

  /** The address that a name or an address means; null: nobody knows it. */
  resolve(name: string): string | null {
    return ADDRESS.test(name) ? name : this.stack.lookup(name);
  }

  /** A port or identifier that the kernel chooses. */
  drawPort(): number {
    return EPHEMERAL_MIN + (this.stack.dice.u32() % EPHEMERAL_COUNT);
  }

  /** Whether so many bytes behind the IPv4 header need no fragments, and may forbid them. */
  isFitting(target: string, len: number): boolean {
    return IPV4_HEADER_LEN + len <= this.stack.mtuTo(target);
  }

  send(envelope: Envelope, body: readonly LayerInit[], sending: Sending): void {
    const { isDontFragment: dontFragment, id = this.#nextId(), ...fields } = envelope;
    const ip: LayerInit = { layer: "ipv4", fields: { ...fields, dontFragment, id } };
    this.stack.send(encode([ip, ...body]), sending);
  }

  deliver(packet: Uint8Array, at: HopRef): Delivery {
    const arrival = readArrival(this.stack.core, packet, at);
    if (!("body" in arrival)) return this.#refuseUnread(arrival, packet, at);
    this.#learnMtu(arrival);
    const values = valuesOf(arrival);
    if (arrival.body.layer === "icmp" && arrival.body.fields.type === ECHO_REQUEST) {
      this.#reply(arrival);
      return { verdict: "deliver", values: { ...values, app: KERNEL } };
    }
    const taker = [...this.#programs].find((program) => program.takes(arrival));
    if (taker !== undefined) return { verdict: "deliver", values: { ...values, app: taker.app } };
    if (arrival.body.layer === "icmp") {
      return { verdict: "deliver", values: { ...values, app: KERNEL } };
    }
    return { verdict: "drop-port", values: { ...values, answer: this.#refuse(arrival) } };
  }

  failed(packet: Uint8Array, why: Failure): void {
    const own = readQuote(this.stack.core, packet);
    if (own !== null) [...this.#programs].find((program) => program.misses(own, why));
  }

  #reply({ ip, body, data, at }: Arrival): void {
    const { src: dst, dst: src, tos } = ip;
    const envelope = { src, dst, tos, isDontFragment: false };
    const { type: _, checksum: __, ...rest } = body.fields as { type: number; checksum: number };
    const reply = { layer: "icmp", fields: { ...rest, type: 0 } } as LayerInit;
    const sending = { app: KERNEL, line: "main", because: at } as const;
    this.send(envelope, [reply, { layer: "payload", fields: { data } }], sending);
  }

  /** Says that nobody listens; returns what was said. */
  #refuse({ packet, ip, body, data, at }: Arrival): string {
    if (body.layer === "tcp") {
      const reset = resetFor(body.fields, data.length);
      if (reset === null) return "nothing";
      const envelope = { src: ip.dst, dst: ip.src, isDontFragment: true, id: 0 };
      this.send(envelope, [reset], { app: KERNEL, line: "main", because: at });
      return "RST";
    }
    return this.#complain(packet, at, CODE.port, ip.dst);
  }

  #refuseUnread({ ip, delivery }: Unread, packet: Uint8Array, at: HopRef): Delivery {
    if (delivery.verdict !== "drop-port" || ip === null) return delivery;
    const answer = this.#complain(packet, at, CODE.protocol, ip.dst);
    return { ...delivery, values: { ...delivery.values, answer } };
  }

  #complain(about: Uint8Array, at: HopRef, code: number, src: string): string {
    const id = this.#nextId();
    const error = encodeIcmpError(this.stack.core, about, { type: UNREACHABLE, code, src, id });
    if (error === null) return "nothing";
    this.stack.send(error, { app: KERNEL, line: "side", because: at });
    return `ICMP ${UNREACHABLE}/${code}`;
  }

  #learnMtu({ body, quote }: Arrival): void {
    if (quote === null || body.layer !== "icmp") return;
    const { type, code, nextHopMtu } = body.fields;
    const isTooBig = type === UNREACHABLE && code === CODE.fragmentationNeeded;
    if (isTooBig && nextHopMtu !== undefined) this.stack.learnMtu?.(quote.dst, nextHopMtu);
  }

  #nextId(): number {
    this.#ipId = (this.#ipId ?? this.stack.dice.u16()) & 0xffff;
    return this.#ipId++;
  }
}

function valuesOf({ ip, body }: Arrival): Record<string, string | number> {
  const port = body.layer === "icmp" ? messageOf(body.fields) : body.fields.dstPort;
  return { proto: body.layer.toUpperCase(), port, ttl: ip.ttl };
}

const MESSAGES: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "destination unreachable",
  5: "redirect",
  8: "echo request",
  11: "time exceeded",
};

function messageOf({ type }: { readonly type: number }): string {
  return MESSAGES[type] ?? `type ${type}`;
}
