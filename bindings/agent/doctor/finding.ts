// One thing that is not as the leases imply.

/**
 * - `missing`: it should be there, and is not;
 * - `stale`: it is there, and no lease asks for it;
 * - `contradictory`: it says something else than the leases, the config, or a twin of it.
 */
export type FindingKind = "missing" | "stale" | "contradictory";

export interface Finding {
  /** What was found, in words that do not change: "route-missing". */
  readonly code: string;
  readonly kind: FindingKind;
  /** False: traffic flows, and may stop flowing. Only what is wrong makes the exit status 1. */
  readonly isWrong: boolean;
  /** What it is about: a subnet, a device, a file, a key of the store. */
  readonly subject: string;
  /** One sentence: what, where, and what was expected. */
  readonly message: string;
  /** Lines for a shell, in order; values that came from outside are quoted. */
  readonly commands: readonly string[];
}

/** Makes a finding that is wrong; the end of its code says of which kind it is. */
export function wrong(
  code: string,
  subject: string,
  message: string,
  ...commands: readonly string[]
): Finding {
  return { code, kind: kindOf(code), isWrong: true, subject, message, commands };
}

/** The same for what does no harm yet. */
export function warning(
  code: string,
  subject: string,
  message: string,
  ...commands: readonly string[]
): Finding {
  return { ...wrong(code, subject, message, ...commands), isWrong: false };
}

function kindOf(code: string): FindingKind {
  if (code.endsWith("-missing")) return "missing";
  return code.endsWith("-stale") ? "stale" : "contradictory";
}

/** A word as a shell takes it, whatever is in it. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
