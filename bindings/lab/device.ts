import type { LinkType } from "./pcapng.ts";

export type Direction = "in" | "out";
export type Tap = (bytes: Uint8Array, direction: Direction) => void;

/**
 * A network device. What its owner transmits leaves by `out`: a wire, or a tunnel's mouth. What it
 * receives from there goes to the owner by `in`. Taps see both, as a capture on the device would.
 */
export class Device {
  readonly name: string;
  readonly linkType: LinkType;
  out: (bytes: Uint8Array) => void = drop;
  in: (bytes: Uint8Array) => void = drop;
  readonly #taps: Tap[] = [];

  constructor(name: string, linkType: LinkType = "ethernet") {
    this.name = name;
    this.linkType = linkType;
  }

  tap(tap: Tap): void {
    this.#taps.push(tap);
  }

  transmit(bytes: Uint8Array): void {
    for (const tap of this.#taps) tap(bytes, "out");
    this.out(bytes);
  }

  receive(bytes: Uint8Array): void {
    for (const tap of this.#taps) tap(bytes, "in");
    this.in(bytes);
  }
}

/** A device without a cable, or without an owner. */
function drop(): void {}
