// The members of a JSON object as Go fills a struct with them: letter case does not count, what
// nobody asks for is ignored, the last of several wins, and null leaves a value as it was. Each
// error says the object, the key and what was expected.
import { HeddleError, parseIpv4, parseNetwork, printIpv4, printPrefix } from "../core/index.ts";
import { parseIpv6, parseIpv6Network, printIpv6, printIpv6Prefix } from "./ipv6.ts";
import { excerpt, type JsonNode } from "./json.ts";

export type FieldsCode = "BadConfig" | "BadBackend" | "BadLease";

/** The least and the most that a number may be. */
export interface Bounds {
  readonly min: number;
  readonly max: number | bigint;
}

export class Fields {
  readonly #code: FieldsCode;
  readonly #path: string;
  readonly #members: Map<string, JsonNode[]> = new Map();

  /** `path` goes before each key in errors: "Backend.", or nothing. A null has no members. */
  constructor(node: JsonNode, code: FieldsCode, path = "") {
    this.#code = code;
    this.#path = path;
    if (node.kind !== "object" && node.kind !== "null") {
      throw new HeddleError(code, excerpt(node.text), `${path.slice(0, -1) || "JSON"}: an object`);
    }
    for (const [key, value] of node.members) {
      const name = folded(key);
      const known = this.#members.get(name);
      if (known === undefined) this.#members.set(name, [value]);
      else known.push(value);
    }
  }

  /** The last value of a key, null or not; undefined where there is none. */
  raw(key: string): JsonNode | undefined {
    return this.#members.get(folded(key))?.at(-1);
  }

  boolean(key: string, otherwise: boolean): boolean {
    return this.#last(key, otherwise, "true or false", ({ kind, text }) =>
      kind === "boolean" ? text === "true" : undefined,
    );
  }

  string(key: string, otherwise: string): string {
    return this.#last(key, otherwise, "a string", ({ kind, text }) =>
      kind === "string" ? (JSON.parse(text) as string) : undefined,
    );
  }

  /** A whole number in digits: Go takes neither 24.0 nor 1e1 for one. */
  integer(key: string, otherwise: number, { min, max }: Bounds): number {
    const range = typeof max === "bigint" ? `${min} or more` : `from ${min} to ${max}`;
    return this.#last(key, otherwise, `a whole number, ${range}`, ({ text }) => {
      if (!/^(0|-?[1-9]\d{0,19})$/.test(text)) return undefined;
      const value = BigInt(text);
      return value >= min && value <= max ? Number(value) : undefined;
    });
  }

  /** Dotted IPv4. Null is none, and an error: Go's reader of addresses sees the word. */
  ipv4(key: string, otherwise: string): string {
    return this.#text(key, otherwise, "an IPv4 address", printedIpv4);
  }

  /** An IPv4 prefix; host bits go. */
  ipv4Network(key: string): string | undefined {
    return this.#text(key, undefined, "an IPv4 prefix", printedIpv4Network);
  }

  /** An IPv6 address, RFC 5952, or null. One of IPv4 becomes the mapped one, as it does in Go. */
  ipv6(key: string): string | null {
    let value: string | null = null;
    for (const node of this.#nodes(key)) {
      value = node.kind === "null" ? null : this.#address(key, node, IPV6, printedIpv6);
    }
    return value;
  }

  /** An IPv6 prefix; host bits go. One of IPv4 is taken as Go does, and stays what it is. */
  ipv6Network(key: string): string | undefined {
    return this.#text(key, undefined, "an IPv6 prefix", (text) =>
      text.includes(":") ? printedIpv6Network(text) : printedIpv4Network(text),
    );
  }

  #nodes(key: string): readonly JsonNode[] {
    return this.#members.get(folded(key)) ?? [];
  }

  // Every value is looked at, not only the last: Go refuses the object for any of them.
  #last<T>(
    key: string,
    otherwise: T,
    expected: string,
    read: (node: JsonNode) => T | undefined,
  ): T {
    let value = otherwise;
    for (const node of this.#nodes(key)) {
      if (node.kind === "null") continue;
      value = read(node) ?? this.#refuse(key, node, expected);
    }
    return value;
  }

  #text<T extends string | undefined>(
    key: string,
    otherwise: T,
    expected: string,
    read: (text: string) => string,
  ): T | string {
    return this.#nodes(key).reduce<T | string>(
      (_, node) => this.#address(key, node, expected, read),
      otherwise,
    );
  }

  // Addresses are read as they are written, between their quotes: an escape is no part of one.
  #address(key: string, node: JsonNode, expected: string, read: (text: string) => string): string {
    if (node.kind !== "string") return this.#refuse(key, node, expected);
    try {
      return read(node.text.slice(1, -1));
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      return this.#refuse(key, node, expected);
    }
  }

  #refuse(key: string, node: JsonNode, expected: string): never {
    const value = node.kind === "string" ? (JSON.parse(node.text) as string) : node.text;
    throw new HeddleError(this.#code, excerpt(value), `${this.#path}${key}: ${expected}`);
  }
}

const IPV4_MAPPED = 0xffff00000000n; // ::ffff:0:0/96, RFC 4291
const IPV6 = "an IPv6 address, or null";

function printedIpv4(text: string): string {
  return printIpv4(parseIpv4(text));
}

function printedIpv4Network(text: string): string {
  return printPrefix(parseNetwork(withoutZeros(text)));
}

function printedIpv6(text: string): string {
  return printIpv6(text.includes(":") ? parseIpv6(text) : IPV4_MAPPED | BigInt(parseIpv4(text)));
}

function printedIpv6Network(text: string): string {
  return printIpv6Prefix(parseIpv6Network(withoutZeros(text)));
}

// Go reads "/016" as 16.
function withoutZeros(text: string): string {
  return text.replace(/\/0+(?=\d)/, "/");
}

// The one letter that Unicode folds to an ASCII one and `toLowerCase` does not: a long s.
function folded(key: string): string {
  return key.toLowerCase().replaceAll("\u017f", "s");
}
