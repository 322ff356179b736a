// Addresses as iproute2 reads them, which is more than the core takes: "10/8" is 10.0.0.0/8, 0x0a
// is ten, and a mask may stand where a length does. What comes out is always the one way in which
// they are printed.
import { printIpv4 } from "../../core/index.ts";
import type { Cursor } from "./cursor.ts";
import { Refusal } from "./refusal.ts";

const PRINTED_MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** An address as "10.1.15.2"; whoever reads none says of which family it had to be. */
export function readAddress(cursor: Cursor, family: string = cursor.family): string {
  const word = cursor.next();
  const address = ipv4Of(word);
  if (address === null) throw expected(family, "address", word);
  cursor.family = "inet";
  return printIpv4(address);
}

/** An address with a length, "10.1.15.2/32" where none is given; "default" is "0.0.0.0/0". */
export function readPrefix(cursor: Cursor): string {
  const word = cursor.next();
  if (word === "default" || word === "all" || word === "any") return "0.0.0.0/0";
  const [head = "", tail, ...more] = word.split("/");
  const address = ipv4Of(head);
  const len = tail === undefined ? 32 : (lengthOf(tail) ?? maskLengthOf(tail));
  if (address === null || len === null || more.length > 0) {
    throw expected(cursor.family, "prefix", word);
  }
  cursor.family = "inet";
  return `${printIpv4(address)}/${len}`;
}

/** A number as C reads one: decimal, 0x or octal; null where it is none, or above `max`. */
export function numberOf(word: string, max = 0xffffffff): number | null {
  if (!/^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(word)) return null;
  const isOctal = /^0[0-7]+$/.test(word);
  const number = isOctal ? Number.parseInt(word, 8) : Number(word);
  return number <= max ? number : null;
}

/** A MAC in the one way in which it is printed; parts of one digit are taken. */
export function macOf(word: string): string | null {
  if (PRINTED_MAC.test(word)) return word;
  const parts = word.split(":");
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return null;
  return parts.map((part) => part.toLowerCase().padStart(2, "0")).join(":");
}

/** Missing parts are zeros behind those that are there. */
export function ipv4Of(word: string): number | null {
  const parts = word.split(".").map((part) => numberOf(part, 255));
  if (parts.length > 4 || parts.includes(null)) return null;
  return [0, 1, 2, 3].reduce((address, at) => address * 256 + (parts[at] ?? 0), 0);
}

function lengthOf(word: string): number | null {
  return numberOf(word, 32);
}

function maskLengthOf(word: string): number | null {
  const mask = word.includes(".") ? ipv4Of(word) : null;
  if (mask === null) return null;
  const len = 32 - Math.log2(2 ** 32 - mask);
  return Number.isInteger(len) ? len : null;
}

function expected(family: string, what: string, word: string): Refusal {
  return new Refusal(`Error: ${family} ${what} is expected rather than "${word}".`, 1);
}
