// Command lines in the form of Go's flag package, which flannel's are in: one dash or two,
// `-name value` or `-name=value`, a switch alone or with `=`. They are rewritten to the one form
// that commander reads without guessing: `--name=value`.
import { UP_FLAGS } from "../agent/flags.ts";

const COMMANDS: ReadonlySet<string> = new Set(["up", "down"]);

const SWITCHES: ReadonlySet<string> = new Set([
  ...UP_FLAGS.filter(({ kind }) => kind === "switch").map(({ name }) => name),
  "kube-subnet-mgr",
  "set-node-network-unavailable",
]);

const VALUED: ReadonlySet<string> = new Set(
  UP_FLAGS.map(({ name }) => name).filter((name) => !SWITCHES.has(name)),
);

/** The words behind `heddle`; those of other commands than the agent's stay as they are. */
export function fromGo(words: readonly string[]): string[] {
  const [command = "", ...rest] = words;
  return COMMANDS.has(command) ? [command, ...rewritten(rest)] : [...words];
}

function rewritten(words: readonly string[]): string[] {
  const result: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, name = "", value] = /^--?([^-=][^=]*)(=.*)?$/s.exec(word) ?? [];
    // Go's flags end where something else begins, which no command here takes.
    if (name === "") return [...result, ...words.slice(at)];
    if (name === "h" || name === "help") result.push("--help");
    else if (value !== undefined) result.push(`--${name}${value}`);
    else if (SWITCHES.has(name)) result.push(`--${name}=true`);
    else if (VALUED.has(name) && at + 1 < words.length) {
      at += 1;
      result.push(`--${name}=${words[at]}`);
    } else result.push(`--${name}`);
  }
  return result;
}
