// Two namespaces and a wire between them, without devices: what one sends arrives at the other, or
// becomes what the test says.
import {
  type Core,
  decode,
  type LayerFields,
  type LayerName,
  openCore,
} from "../../../../bindings/core/index.ts";
import { Clock, MILLISECOND } from "../../../../bindings/lab/clock.ts";
import { Dice } from "../../../../bindings/lab/dice.ts";
import { programsOf, type Userland } from "../../../../bindings/lab/programs/index.ts";
import type { Flavour, ListenerSpec } from "../../../../bindings/lab/spec/network.ts";
import type { Delivery, Sending, Stack } from "../../../../bindings/lab/stack.ts";

export const core: Core = await openCore({ memoryBytes: 1 << 20 });
export const A = "10.1.15.2";
export const B = "10.1.16.3";
export const DELAY_NS: number = MILLISECOND / 8;

export interface Printed {
  readonly command: string;
  readonly text: string;
  readonly exitCode: number;
}

export interface Side {
  readonly address: string;
  readonly programs: Userland;
  readonly sent: { readonly packet: Uint8Array; readonly sending: Sending }[];
  readonly deliveries: Delivery[];
  readonly printed: Printed[];
  /** What this side knows of the way. */
  mtu: number;
  isRouted: boolean;
}

export interface WireInit {
  readonly flavour?: Flavour;
  readonly listeners?: readonly ListenerSpec[];
  readonly names?: Readonly<Record<string, string>>;
  readonly mtu?: number;
  /** Packets that arrive instead, at once, where they say: left out, the packet itself. */
  readonly between?: (packet: Uint8Array, count: number) => readonly Uint8Array[];
}

export interface Wire {
  readonly clock: Clock;
  readonly a: Side;
  readonly b: Side;
}

/** A, with the programs of this flavour, and B, with these listeners. */
export function wire(init: WireInit = {}): Wire {
  const clock = new Clock();
  const between = init.between ?? ((packet: Uint8Array) => [packet]);
  const sides: Side[] = [];
  let count = 0;
  const carry = (packet: Uint8Array): void => {
    for (const each of between(packet, ++count)) {
      const to = sides.find(({ address }) => address === fieldsOf(each, "ipv4").dst);
      clock.after(DELAY_NS, () => to?.deliveries.push(to.programs.deliver(each, HERE)));
    }
  };
  const a = sideOf(clock, A, { ...init, listeners: [] }, carry);
  const b = sideOf(clock, B, init, carry);
  sides.push(a, b);
  return { clock, a, b };
}

const HERE = { packet: 0, hop: 1 };

function sideOf(
  clock: Clock,
  address: string,
  init: WireInit,
  carry: (packet: Uint8Array) => void,
): Side {
  const side = {
    address,
    sent: [] as Side["sent"],
    deliveries: [] as Delivery[],
    printed: [] as Printed[],
    mtu: init.mtu ?? 1500,
    isRouted: true,
  };
  const stack: Stack = {
    namespace: address,
    flavour: init.flavour ?? "iproute2",
    core,
    clock,
    dice: new Dice(7n),
    listeners: init.listeners ?? [],
    sourceFor: () => (side.isRouted ? address : null),
    mtuTo: () => side.mtu,
    learnMtu: (_, mtu) => {
      side.mtu = mtu;
    },
    lookup: (name) => init.names?.[name] ?? null,
    send: (packet, sending) => {
      side.sent.push({ packet, sending });
      carry(packet);
    },
    print: (command, text, exitCode) => side.printed.push({ command, text, exitCode }),
  };
  return Object.assign(side, { programs: programsOf(stack) });
}

/** The fields of the outermost header of this name. */
export function fieldsOf<Name extends LayerName>(
  packet: Uint8Array,
  name: Name,
): LayerFields[Name] {
  const { layers } = decode(core, packet, { link: "ip" });
  const found = layers.find(({ layer }) => layer === name);
  if (found === undefined) throw new Error(`no ${name} in ${layers.map(({ layer }) => layer)}`);
  return found.fields as LayerFields[Name];
}
