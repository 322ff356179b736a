// Items in words: those of `npm run bench:peers`, where it has the same one.
import type { Item, Kind } from "./item.ts";

const TITLES: Readonly<Record<Kind, (size: number) => string>> = {
  encapDatagram: (size) => `encap, datagram, ${size} bytes`,
  encapFrame: (size) => `encap, frame, ${size} bytes`,
  decapDatagram: (size) => `decap, datagram, ${size} bytes`,
  decapFrame: (size) => `decap, frame, ${size} bytes`,
  fdb: (size) => `FDB look-up, ${size} stations`,
  route: (size) => `routes, ${size}, addresses in prefixes`,
  decode: (size) => `decode, a frame of ${size} bytes in VXLAN`,
  checksum: (size) => `internet checksum, ${size} bytes, a call each`,
};

export function titleOf({ kind, size }: Pick<Item, "kind" | "size">): string {
  return TITLES[kind](size);
}
