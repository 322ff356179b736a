// JSON as Go's encoding/json sees it when it fills a struct: members in their order, none lost to
// another of the same name, numbers as they are written. `JSON.parse` decides what is JSON at all;
// what it forgets is read beside it, out of text that is known to be right.
import { HeddleError } from "../core/index.ts";

/** Characters that a text of the store may have: a hundred times what any config needs. */
export const TEXT_LEN_MAX = 65536;

/** Levels of arrays and objects. */
const DEPTH_MAX = 64;

const SHOWN_LEN = 80;

export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** A value in a text: what it is, how it is written, and an object's members in their order. */
export interface JsonNode {
  readonly kind: JsonKind;
  readonly text: string;
  readonly members: readonly (readonly [key: string, value: JsonNode])[];
}

/** Reads a text whole. Throws HeddleError of `code` when it is no JSON, too long, or too deep. */
export function readJson(text: string, code: "BadConfig" | "BadLease"): JsonNode {
  if (text.length > TEXT_LEN_MAX) {
    throw new HeddleError(code, excerpt(text), `JSON of at most ${TEXT_LEN_MAX} characters`);
  }
  try {
    JSON.parse(text);
  } catch (error) {
    throw new HeddleError(code, excerpt(text), `JSON (${(error as Error).message})`);
  }
  const root = new Reader(text).read();
  if (root === undefined) {
    throw new HeddleError(code, excerpt(text), `JSON of at most ${DEPTH_MAX} levels`);
  }
  return root;
}

/** A text as an error shows it: its beginning. */
export function excerpt(text: string): string {
  return text.length > SHOWN_LEN ? `${text.slice(0, SHOWN_LEN)}...` : text;
}

// No state is kept in the expression but where it goes on.
const TOKEN = /[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/g;

interface Open {
  readonly kind: "object" | "array";
  readonly at: number;
  readonly members: [string, JsonNode][];
  key: string | undefined;
}

// Goes through a text that is JSON, without recursion.
class Reader {
  readonly #text: string;
  readonly #open: Open[] = [];
  #root: JsonNode | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  // Undefined when it is too deep.
  read(): JsonNode | undefined {
    for (const { 0: token, index: at } of this.#text.matchAll(TOKEN)) {
      if (token === "{" || token === "[") {
        if (this.#open.length === DEPTH_MAX) return undefined;
        this.#open.push({
          kind: token === "{" ? "object" : "array",
          at,
          members: [],
          key: undefined,
        });
      } else if (token === "}" || token === "]") {
        this.#close(at + 1);
      } else {
        this.#take(token);
      }
    }
    return this.#root;
  }

  #close(end: number): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    const { kind, members } = open;
    this.#put({ kind, members, text: this.#text.slice(open.at, end) });
  }

  // A string where an object has no key yet is the key.
  #take(token: string): void {
    const open = this.#open.at(-1);
    if (open?.kind === "object" && open.key === undefined) {
      open.key = JSON.parse(token) as string;
    } else {
      this.#put({ kind: kindOf(token), text: token, members: [] });
    }
  }

  #put(value: JsonNode): void {
    const open = this.#open.at(-1);
    if (open === undefined) {
      this.#root = value;
    } else if (open.kind === "object") {
      open.members.push([open.key ?? "", value]);
      open.key = undefined;
    }
  }
}

function kindOf(token: string): JsonKind {
  if (token.startsWith('"')) return "string";
  if (token === "null") return "null";
  return token === "true" || token === "false" ? "boolean" : "number";
}
