// Those who wait at a port.
import type { ListenerSpec } from "../spec/network.ts";
import type { Arrival } from "./arrival.ts";
import { printListenCommand } from "./nc.ts";
import type { Program } from "./program.ts";
import { Connection } from "./tcp/connection.ts";
import type { Userland } from "./userland.ts";

/** The first at a port has it, whichever of the namespace's processes it is; others are told. */
export function listen(userland: Userland, specs: readonly ListenerSpec[]): void {
  const taken = new Set<string>();
  for (const spec of specs) {
    const place = `${spec.protocol} ${spec.port}`;
    if (taken.has(place)) refuse(userland, spec);
    else userland.add(new Listener(userland, spec));
    taken.add(place);
  }
}

function refuse({ stack }: Userland, spec: ListenerSpec): void {
  const command = printListenCommand(stack.flavour, spec);
  const words = `${spec.app}: bind: Address already in use\n`;
  stack.clock.after(0, () => stack.print(command, words, 1));
}

class Listener implements Program {
  readonly app: string;
  readonly #userland: Userland;
  readonly #spec: ListenerSpec;

  constructor(userland: Userland, spec: ListenerSpec) {
    this.app = spec.app;
    this.#userland = userland;
    this.#spec = spec;
  }

  takes(arrival: Arrival): boolean {
    const { body } = arrival;
    const { protocol, port } = this.#spec;
    if (body.layer === "icmp" || body.layer !== protocol) return false;
    if (body.fields.dstPort !== port) return false;
    if (body.layer === "udp") this.#hear(arrival, body.fields.srcPort);
    else if (body.fields.syn && !body.fields.ack) this.#accept(arrival, body.fields.srcPort);
    else return false;
    return true;
  }

  misses(): boolean {
    return false;
  }

  #hear({ ip, data, at }: Arrival, remotePort: number): void {
    if (this.#spec.does === "sink") {
      this.#print([data]);
      return;
    }
    const { src: dst, dst: src } = ip;
    const fields = { srcPort: this.#spec.port, dstPort: remotePort };
    this.#userland.send(
      { src, dst, isDontFragment: this.#userland.isFitting(dst, data.length + 8) },
      [
        { layer: "udp", fields },
        { layer: "payload", fields: { data } },
      ],
      { app: this.app, line: "main", because: at },
    );
  }

  #accept(syn: Arrival, remotePort: number): void {
    const { src: remoteAddress, dst: address } = syn.ip;
    const ends = { address, port: this.#spec.port, remoteAddress, remotePort };
    const heard: Uint8Array[] = [];
    const isEcho = this.#spec.does === "echo";
    const connection = new Connection(this.#userland, this.app, ends, {
      opened: () => {},
      received: (data) => {
        if (isEcho) connection.write(data);
        else heard.push(data.slice());
      },
      finished: () => connection.close(),
      ended: () => {
        if (!isEcho) this.#print(heard);
      },
    });
    connection.accept(syn);
  }

  #print(heard: readonly Uint8Array[]): void {
    const { stack } = this.#userland;
    const decoder = new TextDecoder();
    const text = heard.map((data) => decoder.decode(data, { stream: true })).join("");
    stack.print(printListenCommand(stack.flavour, this.#spec), text, 0);
  }
}
