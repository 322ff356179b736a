// What the command line's values may be; each throws what commander shows with the option's name.
import { isIPv4 } from "node:net";
import { InvalidArgumentError, Option } from "commander";

/** An option that takes one of some words; the first unless said. */
export function choice(flags: string, description: string, values: [string, ...string[]]): Option {
  return new Option(flags, description).choices(values).default(values[0]);
}

export function named(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It must name a file.");
}

export function between(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

export function wholeBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Go's strconv.ParseBool. */
export function truth(text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new InvalidArgumentError("It must be true or false.");
}

export function ipv4(text: string): string {
  if (isIPv4(text)) return text;
  throw new InvalidArgumentError("It must be an IPv4 address.");
}

/** As `ipv4`, or nothing. */
export function ipv4OrNone(text: string): string {
  return text === "" ? "" : ipv4(text);
}

/** URLs of a store's servers, separated by commas. */
export function endpoints(text: string): string[] {
  const found = text.split(",").map((word) => word.trim());
  const wrong = found.find((word) => !isEndpoint(word));
  if (wrong === undefined) return found;
  throw new InvalidArgumentError(`"${wrong}" is no http:// or https:// URL of a server.`);
}

function isEndpoint(word: string): boolean {
  if (!URL.canParse(word)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(word);
  const isPlain = pathname === "/" && search === "" && hash === "";
  return (protocol === "http:" || protocol === "https:") && hostname !== "" && isPlain;
}
