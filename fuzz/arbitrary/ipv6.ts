// IPv6 addresses as people write them, RFC 4291's ways and RFC 5952's one.
import fc from "fast-check";
import { ipv6Text } from "../../test/model/ipv6.ts";

const group = fc.oneof(
  { arbitrary: fc.constant(0), weight: 2 },
  { arbitrary: fc.nat(0xffff), weight: 2 },
  { arbitrary: fc.constantFrom(1, 0xf, 0xffff), weight: 1 },
);
const groups = fc.array(group, { minLength: 8, maxLength: 8 });

/** Any address, as RFC 5952 writes it: from one to seven groups may be zero. */
export const anyIpv6: fc.Arbitrary<string> = groups.map((all) => ipv6Text(numberOf(all)));

/** Any address, in one of the ways that RFC 4291 allows. */
export const writtenIpv6: fc.Arbitrary<string> = fc
  .record({ all: groups, from: fc.nat(8), count: fc.nat(8), dice: fc.nat(), dotted: fc.boolean() })
  .map(({ all, from, count, dice, dotted }) => {
    const hex = all.map((one, at) => hexOf(one, (dice >> at) & 1, (dice >> (at + 8)) & 1));
    if (dotted) hex.splice(6, 2, dottedOf(all[6] ?? 0, all[7] ?? 0));
    const end = Math.min(from + count, dotted ? 6 : 8);
    const isZero = from < end && all.slice(from, end).every((one) => one === 0);
    if (!isZero) return hex.join(":");
    return `${hex.slice(0, from).join(":")}::${hex.slice(end).join(":")}`;
  });

function numberOf(all: readonly number[]): bigint {
  return all.reduce((sum, one) => sum * 65536n + BigInt(one), 0n);
}

function hexOf(value: number, isUpper: number, isPadded: number): string {
  const hex = value.toString(16).padStart(isPadded === 1 ? 4 : 1, "0");
  return isUpper === 1 ? hex.toUpperCase() : hex;
}

function dottedOf(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
