// The packets of a journey taken apart, each once: what leaves a hop arrives at the next.
import { type Core, type DecodedPacket, decode } from "../../core/index.ts";
import { type FieldPlace, fieldPlaces } from "../trace/field-path.ts";
import type { Link } from "./journey.ts";

export interface Dissected {
  readonly packet: DecodedPacket;
  readonly places: readonly FieldPlace[];
}

export class Dissector {
  readonly #core: Core;
  readonly #known: Readonly<Record<Link, Map<Uint8Array, Dissected>>> = {
    ethernet: new Map(),
    ipv4: new Map(),
  };

  constructor(core: Core) {
    this.#core = core;
  }

  /** Requires: nobody changes `bytes` any more. */
  read(bytes: Uint8Array, link: Link): Dissected {
    const known = this.#known[link].get(bytes);
    if (known !== undefined) return known;
    const packet = decode(this.#core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" });
    const dissected = { packet, places: fieldPlaces(packet) };
    this.#known[link].set(bytes, dissected);
    return dissected;
  }
}
