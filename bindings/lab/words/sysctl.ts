// The words behind `sysctl -w`, and the `echo` into /proc/sys that people write in its place.
import { Refusal } from "./refusal.ts";

export interface SysctlWords {
  /** With dots: "net.ipv4.ip_forward". */
  readonly name: string;
  /** null: it is read. */
  readonly value: number | null;
}

const PROC = "/proc/sys/";

/** "net.ipv4.ip_forward=1", "net/ipv4/ip_forward = 1" or the name alone. */
export function parseSysctl(text: string): SysctlWords {
  const [left = "", right, ...more] = text.split("=").map((part) => part.trim());
  const name = left.replaceAll("/", ".");
  if (!/^\w[\w.-]*$/.test(name)) throw noSuch(name);
  if (right === undefined) return { name, value: null };
  const isInt = /^-?\d+$/.test(right) && Number(right) === (Number(right) | 0);
  if (!isInt || more.length > 0) {
    throw new Refusal(`sysctl: setting key "${name}": Invalid argument`, 1);
  }
  return { name, value: Number(right) };
}

/** As sysctl prints it: "net.ipv4.ip_forward = 1". */
export function printSysctl({ name, value }: SysctlWords): string {
  return value === null ? name : `${name} = ${value}`;
}

/** `echo 1 > /proc/sys/net/ipv4/ip_forward`; null where the words are another command. */
export function parseEcho(words: readonly string[]): SysctlWords | null {
  const [echo, ...rest] = words;
  const [, value = "", path = ""] = /^(\S+?)\s*>\s*(\S+)$/.exec(rest.join(" ")) ?? [];
  if (echo !== "echo" || !path.startsWith(PROC)) return null;
  return parseSysctl(`${path.slice(PROC.length)}=${value}`);
}

/** What sysctl says of a name that no file has. */
export function noSuch(name: string): Refusal {
  const path = PROC + name.replaceAll(".", "/");
  return new Refusal(`sysctl: cannot stat ${path}: No such file or directory`, 1);
}
