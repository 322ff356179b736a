// Addresses as people write them: of the kinds that code treats differently, and any.
import fc from "fast-check";

const octet = fc.nat(255);

/** Any IPv4 address. */
export const anyIpv4: fc.Arbitrary<string> = fc
  .tuple(octet, octet, octet, octet)
  .map((octets) => octets.join("."));

const notable: fc.Arbitrary<string> = fc.constantFrom(
  "0.0.0.0",
  "0.0.0.1",
  "127.0.0.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.254",
  "255.255.255.255",
);

/** One of `known` for the most part, so that look-ups hit; else notable, else any. */
export function ipv4Of(...known: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...known), weight: 6 },
    { arbitrary: notable, weight: 1 },
    { arbitrary: anyIpv4, weight: 1 },
  );
}

/** A prefix without host bits, "10.42.0.0/16". */
export const prefix: fc.Arbitrary<string> = fc
  .tuple(anyIpv4, fc.nat(32))
  .map(([address, len]) => prefixOf(address, len));

/** The prefix of `len` bits that covers `address`. */
export function prefixOf(address: string, len: number): string {
  const bits = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - len);
  const start = Math.floor(bits / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".")}/${len}`;
}

/** Any MAC: of a station, of a group, or none at all. */
export const anyMac: fc.Arbitrary<string> = fc
  .tuple(octet, octet, octet, octet, octet, octet)
  .map((octets) => octets.map((byte) => byte.toString(16).padStart(2, "0")).join(":"));

const notableMac: fc.Arbitrary<string> = fc.constantFrom(
  "00:00:00:00:00:00",
  "ff:ff:ff:ff:ff:ff",
  "01:00:5e:00:00:01",
  "33:33:00:00:00:01",
);

/** One of `known` for the most part. */
export function macOf(...known: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...known), weight: 6 },
    { arbitrary: notableMac, weight: 2 },
    { arbitrary: anyMac, weight: 1 },
  );
}
