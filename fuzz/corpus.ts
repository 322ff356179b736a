// What once failed, shrunk: one file an input, run before anything new is drawn.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseData, printData } from "./data.ts";
import type { Desk } from "./session.ts";

// Both from dist/fuzz.
const folder = fileURLToPath(new URL("../../fuzz/corpus/", import.meta.url));
const sources = fileURLToPath(new URL("../../fuzz/suites.ts", import.meta.url));

export interface Kept {
  readonly file: string;
  /** "fdb/commands". */
  readonly law: string;
  readonly input: unknown;
}

/** A desk that says all on standard output, and keeps what breaks a law in the corpus. */
export function openDesk(command: string): Desk {
  return { command, say: (line) => console.log(line), keep };
}

interface Written {
  readonly law: string;
  readonly input: unknown;
  /** What went wrong then. */
  readonly found: string;
}

/** Every input that is kept for `law`. */
export function readCorpus(law: string): Kept[] {
  return files().flatMap((file) => {
    const written = parseData(readFileSync(folder + file, "utf8")) as Written;
    return written.law === law ? [{ file, law, input: written.input }] : [];
  });
}

// Undefined in a package, which is not ours to write to.
function keep(law: string, input: unknown, found: string): string | undefined {
  if (!existsSync(sources)) return undefined;
  const text = printData({ law, found, input } satisfies Written);
  const hash = createHash("sha256").update(printData(input)).digest("hex").slice(0, 8);
  const file = `${law.replace(/[/ ]/g, "-")}-${hash}.json`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + file, `${text}\n`);
  return `fuzz/corpus/${basename(file)}`;
}

function files(): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .sort();
  } catch {
    return []; // a package without its sources
  }
}
