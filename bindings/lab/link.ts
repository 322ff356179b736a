import type { Clock } from "./clock.ts";
import type { Device } from "./device.ts";

export interface Arrival {
  readonly bytes: Uint8Array;
  readonly delayNs: number;
}

/** What a link makes of a packet: one arrival, none (loss), or several. */
export type Fate = (bytes: Uint8Array) => readonly Arrival[];

/** A perfect cable. */
export function delayed(delayNs: number): Fate {
  return (bytes) => [{ bytes, delayNs }];
}

/** Joins two devices, as a cable or a veth pair does. */
export function link(clock: Clock, a: Device, b: Device, fate: Fate): void {
  a.out = carry(clock, b, fate);
  b.out = carry(clock, a, fate);
}

function carry(clock: Clock, to: Device, fate: Fate): (bytes: Uint8Array) => void {
  return (bytes) => {
    for (const arrival of fate(bytes)) {
      clock.after(arrival.delayNs, () => to.receive(arrival.bytes));
    }
  };
}
