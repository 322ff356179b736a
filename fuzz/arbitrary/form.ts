// What a codec's generators are made of: fields that agree with each other, what can be said of a
// header that does not agree, and the slow builder that makes bytes of either.
import fc from "fast-check";
import { noise } from "./noise.ts";

type Bytes = fc.Arbitrary<Uint8Array>;

const NOISE_MAX = 128;

/** Bytes of one codec in three qualities. All are complete packets, from the first header on. */
export interface Codec {
  /** What the bytes begin with: an Ethernet or an IPv4 header. */
  readonly link: "ethernet" | "ip";
  /** Every header is whole, and each length and checksum is right. */
  readonly legal: Bytes;
  /** Legal but for one field of this codec's header, or cut off within it. */
  readonly nearly: Bytes;
  /** Anything, up to 128 bytes. */
  readonly noise: Bytes;
  /** Six parts legal, three nearly, one noise. */
  readonly any: Bytes;
}

export interface Form<F> {
  readonly link: Codec["link"];
  readonly fields: fc.Arbitrary<F>;
  /** Each of them contradicts the rest of the packet. None: the header can only be cut off. */
  readonly lies?: fc.Arbitrary<Partial<F>>;
  build(fields: F): Uint8Array;
  /** A packet that ends in front of this byte is no longer whole. Infinity: none may be missing. */
  readonly wholeLen: number;
}

export function codecOf<F>(form: Form<F>): Codec {
  const { link, fields, lies, build, wholeLen } = form;
  const legal = fields.map((all) => build(all));
  const cut = fc.tuple(legal, fc.nat()).map(([bytes, at]) => {
    return bytes.slice(0, at % Math.max(1, Math.min(bytes.length, wholeLen)));
  });
  const nearly = lies === undefined ? cut : fc.oneof(lied(form, lies), cut);
  const any = fc.oneof(
    { arbitrary: legal, weight: 6 },
    { arbitrary: nearly, weight: 3 },
    { arbitrary: noise(NOISE_MAX), weight: 1 },
  );
  return { link, legal, nearly, noise: noise(NOISE_MAX), any };
}

function lied<F>({ fields, build }: Form<F>, lies: fc.Arbitrary<Partial<F>>): Bytes {
  return fc.tuple(fields, lies).map(([all, lie]) => build({ ...all, ...lie }));
}
