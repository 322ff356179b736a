// Ranges of ports, as iptables has them: "80" for a match, "1000:2000", "1000-2000" for a target.
import { numberOf } from "./address.ts";
import { complain } from "./rule-cursor.ts";

/** Both ends belong to it. */
export type Ports = readonly [min: number, max: number];

export function portsOf(word: string, separator = ":"): Ports {
  const [low = "", high = low, ...more] = word.split(separator);
  const min = numberOf(low === "" ? "0" : low, 0xffff);
  const max = numberOf(high === "" ? "65535" : high, 0xffff);
  if (min !== null && max !== null && word !== "" && more.length === 0) return [min, max];
  throw complain(`invalid port/service \`${min === null ? low : high}' specified`);
}

export function printPorts([min, max]: Ports, separator = ":"): string {
  return min === max ? String(min) : `${min}${separator}${max}`;
}
