// Addresses as text: what is printed parses to the same, and whatever else is said is refused with
// an error of ours.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import {
  HeddleError,
  parseIpv4,
  parseMac,
  parsePrefix,
  printIpv4,
  printMac,
  printPrefix,
} from "../bindings/core/index.ts";
import { anyIpv4, anyMac, prefix } from "./arbitrary/index.ts";
import { law, type Suite } from "./law.ts";

const ipv4Number = fc.oneof(
  fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.nat(0xffffffff),
);
const macNumber = fc.oneof(
  fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1),
  fc.maxSafeNat().map((any) => any % 2 ** 48),
);

// Text that looks like an address, with a character too many, too few, or another one.
function misspelt(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const character = fc.constantFrom(..."0123456789abcdefxX.:/- +", "\n", "\u0660", "");
  return fc
    .tuple(text, fc.nat(24), fc.nat(2), character)
    .map(([whole, at, gone, by]) => whole.slice(0, at) + by + whole.slice(at + gone));
}

export function openAddress(): Suite {
  return {
    name: "address",
    share: 0.5,
    laws: [
      law("ipv4", ipv4Number, (number) => strictEqual(parseIpv4(printIpv4(number)), number)),
      law("mac", macNumber, (number) => strictEqual(parseMac(printMac(number)), number)),
      law("prefix", prefix, (text) => strictEqual(printPrefix(parsePrefix(text)), text)),
      law("any ipv4", misspelt(anyIpv4), (text) => expectExact(text, parseIpv4, printIpv4)),
      law("any mac", misspelt(anyMac), (text) => {
        expectExact(text.toLowerCase(), parseMac, printMac);
      }),
      law("any prefix", misspelt(prefix), (text) => expectExact(text, parsePrefix, printPrefix)),
      law("any text", fc.string({ unit: "binary" }), (text) => {
        expectExact(text, parseIpv4, printIpv4);
        expectExact(text, parseMac, printMac);
        expectExact(text, parsePrefix, printPrefix);
      }),
    ],
  };
}

// What parses is printed as it was written: there is one way to write each.
function expectExact<T>(
  text: string,
  parse: (text: string) => T,
  print: (value: T) => string,
): void {
  let value: T;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof HeddleError) return;
    throw error;
  }
  strictEqual(print(value), text);
}
