// A shell script line by line: what is quoted, how a namespace is named, what is said on the way.
import { splitWords } from "../words/cursor.ts";

const SAFE = /^[\w@%+=:,./-]+$/;

/** A word that a POSIX shell takes as it is. */
export function quote(word: string): string {
  return SAFE.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words of a spec, each quoted anew. */
export function words(text: string): string {
  return splitWords(text).map(quote).join(" ");
}

/** A namespace's name in the script: several networks live side by side under different `P`. */
export function netns(name: string): string {
  return `"$P"${quote(name)}`;
}

/** `ip` in a namespace. */
export function ip(namespace: string, command: string): string {
  return `ip -n ${netns(namespace)} ${command}`;
}

/** Any other program in a namespace. */
export function inside(namespace: string, command: string): string {
  return `ip netns exec ${netns(namespace)} ${command}`;
}

/** Words for whoever runs the script. */
export function tell(text: string): string {
  return `echo ${quote(text)} >&2`;
}

/** A setting of a namespace; a kernel without it is told of, and goes on. */
export function setting(namespace: string, name: string, value: number): string {
  return `setting ${netns(namespace)} ${quote(settingPath(name))} ${value}`;
}

/** A command whose complaints would tell nothing. */
export function quietly(command: string): string {
  return `${command} 2>/dev/null`;
}

/** Names of devices may have dots of their own: "net.ipv4.conf.flannel.1.rp_filter". */
function settingPath(name: string): string {
  const parts = name.split(".");
  const isOfDevice = parts[0] === "net" && parts[2] === "conf" && parts.length > 5;
  if (!isOfDevice) return parts.join("/");
  const [net, family, conf, ...rest] = parts;
  return [net, family, conf, rest.slice(0, -1).join("."), rest.at(-1)].join("/");
}
