// A command line as its tool reads it: word by word, from left to right, nothing twice.
import { incomplete } from "./refusal.ts";

/** `inet`: `ip -4` asked for it; errors then name it. */
export type Family = "any valid" | "inet";

export class Cursor {
  readonly #words: readonly string[];
  #at = 0;
  family: Family;

  constructor(words: readonly string[], family: Family = "any valid") {
    this.#words = words;
    this.family = family;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }

  /** The next word, which stays the next; "" at the end. */
  peek(): string {
    return this.#words[this.#at] ?? "";
  }

  /** The next word; iproute2's complaint where there is none. */
  next(): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw incomplete();
    this.#at++;
    return word;
  }

  /** Whether the next word is this one; then it is read. */
  take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }
}

/** Whether iproute2 takes `word` for `full`: any beginning will do. */
export function isShort(word: string, full: string): boolean {
  return word !== "" && full.startsWith(word);
}

/** The first of `all` that iproute2 takes `word` for: its order decides between several. */
export function pick<T extends string>(word: string, all: readonly T[]): T | undefined {
  return all.find((full) => isShort(word, full));
}

const QUOTED = /["'\\]/;
const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
const PART = /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"'\\]+)/g;

/**
 * A line as a shell splits it: quotes hold words together, a backslash is for one character. In
 * double quotes it is for an apostrophe, too, as iptables prints it.
 */
export function splitWords(line: string): string[] {
  if (!QUOTED.test(line)) return line.split(/\s+/).filter((word) => word !== "");
  return (line.match(WORD) ?? []).map((word) =>
    word.replace(PART, (_, one, double, single, plain) => {
      if (double !== undefined) return double.replace(/\\(["'\\$`])/g, "$1");
      return one ?? single ?? plain;
    }),
  );
}
