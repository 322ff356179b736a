// A line of iptables, read option by option, and what iptables says where it cannot.
import { Refusal } from "./refusal.ts";

/** As it begins what it says. */
export const TOOL = "iptables v1.8.9 (nf_tables)";
const TRY = "Try `iptables -h' or 'iptables --help' for more information.";

export interface RuleCursor {
  readonly isAtEnd: boolean;
  /** Whether the next word is this one; then it is read. */
  take(word: string): boolean;
  /** The next word, which has to be an option. */
  option(): string;
  /** The word behind an option. */
  value(option: string): string;
  /** The word behind an option that can do without: null where another option follows. */
  maybe(): string | null;
}

export function readerOf(words: readonly string[]): RuleCursor {
  let at = 0;
  return {
    get isAtEnd() {
      return at === words.length;
    },
    take(word) {
      if (words[at] !== word) return false;
      at++;
      return true;
    },
    option() {
      const word = words[at++] ?? "";
      if (word.startsWith("-") && word.length > 1) return word;
      throw new Refusal(`Bad argument \`${word}'\n${TRY}`, 2);
    },
    value(option) {
      const word = words[at++];
      if (word === undefined) throw complain(`option "${option}" requires an argument`);
      return word;
    },
    maybe() {
      const word = words[at];
      if (word === undefined || word.startsWith("-") || word === "!") return null;
      at++;
      return word;
    },
  };
}

/** A line that iptables itself cannot read. */
export function complain(words: string): Refusal {
  return new Refusal(`${TOOL}: ${words}\n${TRY}`, 2);
}

/** A line that it can read, and the kernel's tables do not take. */
export function decline(words: string, exitCode = 1): Refusal {
  return new Refusal(`iptables: ${words}.`, exitCode);
}
