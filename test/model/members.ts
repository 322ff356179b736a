// Members of JSON as Go reads them into a struct: each key is looked for in all of them, each value
// has to be right, the last counts, and null changes nothing.
import { ipv6Number, ipv6Text } from "./ipv6.ts";

/** A member of JSON: its value is text, or members in turn. */
export interface ModelMember {
  readonly key: string;
  readonly value: string | readonly ModelMember[];
}

export class Bad extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** How addresses of a family are read and written, and how many bits they have. */
export interface Family {
  readonly bits: number;
  readonly lenMax: number;
  readonly lenUsual: number;
  read(text: string): bigint | undefined;
  write(address: bigint): string;
}

export const IPV4: Family = {
  bits: 32,
  lenMax: 30,
  lenUsual: 24,
  read: (text) => {
    const octets = text.split(".");
    const isOctet = (one: string): boolean => /^\d+$/.test(one) && String(+one) === one;
    if (octets.length !== 4 || !octets.every((one) => isOctet(one) && +one < 256)) return undefined;
    return octets.reduce((sum, one) => sum * 256n + BigInt(one), 0n);
  },
  write: (address) => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join("."),
};

export const IPV6: Family = {
  bits: 128,
  lenMax: 126,
  lenUsual: 64,
  read: ipv6Number,
  write: ipv6Text,
};

/** A range as it is written. */
export interface Given {
  network: readonly [address: bigint, len: number] | undefined;
  subnetLen: bigint;
  subnetMin: bigint;
  subnetMax: bigint;
}

function plain(value: ModelMember["value"]): unknown {
  if (typeof value === "string") return JSON.parse(value);
  return Object.fromEntries(value.map((one) => [one.key, plain(one.value)]));
}

export class Members {
  readonly members: readonly ModelMember[];
  readonly code: string;

  constructor(members: readonly ModelMember[], code: string) {
    this.members = members;
    this.code = code;
  }

  /** Of a value that has to be an object, or null. */
  static of(value: ModelMember["value"], code: string): Members {
    if (typeof value !== "string") return new Members(value, code);
    if (value !== "null" && !value.startsWith("{")) throw new Bad(code);
    const plain = Object.entries((JSON.parse(value) ?? {}) as object);
    const list = plain.map(([key, one]) => ({ key, value: JSON.stringify(one) }));
    return new Members(list, code);
  }

  // Letters as Unicode folds them: S has a long form, and K is also the sign for kelvin.
  all(key: string): ModelMember["value"][] {
    const letters = [...key].map((one) => {
      const fold = { s: "\u017f", k: "\u212a" }[one.toLowerCase()] ?? "";
      return one === "-" ? one : `[${one.toLowerCase()}${one.toUpperCase()}${fold}]`;
    });
    const name = new RegExp(`^${letters.join("")}$`);
    return this.members.filter((one) => name.test(one.key)).map(({ value }) => value);
  }

  boolean(key: string, otherwise: boolean): boolean {
    return this.#last(key, otherwise, (text) =>
      text === "true" || text === "false" ? text === "true" : undefined,
    );
  }

  number(key: string, otherwise: number, min: number, max: number): number {
    return Number(this.#whole(key, BigInt(otherwise), BigInt(min), BigInt(max)));
  }

  string(key: string): string {
    return this.#last(key, "", (text) => (text.startsWith('"') ? JSON.parse(text) : undefined));
  }

  /** An address, or undefined where the last one is null, or there is none. */
  ipv6(key: string): bigint | undefined {
    const isNone = (this.all(key).at(-1) ?? "null") === "null";
    const address = this.address(key, IPV6);
    return isNone ? undefined : address;
  }

  /** Whatever stands there, as the value of `name`. */
  data(key: string, name: string): Record<string, unknown> {
    const value = this.all(key).at(-1);
    return value === undefined ? {} : { [name]: plain(value) };
  }

  range(prefix: string, family: Family): Given {
    return {
      network: this.#network(`${prefix}Network`, family),
      subnetLen: this.#whole(`${prefix}SubnetLen`, 0n, 0n, 2n ** 64n - 1n),
      subnetMin: this.address(`${prefix}SubnetMin`, family),
      subnetMax: this.address(`${prefix}SubnetMax`, family),
    };
  }

  #whole(key: string, otherwise: bigint, min: bigint, max: bigint): bigint {
    return this.#last(key, otherwise, (text) => {
      if (!/^-?\d+$/.test(text) || text === "-0") return undefined;
      return BigInt(text) >= min && BigInt(text) <= max ? BigInt(text) : undefined;
    });
  }

  #network(key: string, family: Family): Given["network"] {
    let found: Given["network"];
    for (const value of this.all(key)) {
      const [address = "", len = "", ...rest] = this.#quoted(value).split("/");
      const isForeign = family === IPV6 && IPV4.read(address) !== undefined;
      const number = isForeign ? 0n : family.read(address);
      const isLen = /^\d+$/.test(len) && +len <= (isForeign ? 32 : family.bits);
      if (number === undefined || !isLen || rest.length > 0) throw new Bad(this.code);
      const start = number - (number % 2n ** BigInt(family.bits - +len));
      found = isForeign ? undefined : [start, +len];
    }
    return found;
  }

  address(key: string, family: Family): bigint {
    let found = 0n;
    for (const value of this.all(key)) {
      const isNone = family === IPV6 && value === "null";
      const text = isNone ? "::" : this.#quoted(value);
      const ipv4 = family === IPV6 ? IPV4.read(text) : undefined;
      const number = ipv4 === undefined ? family.read(text) : ipv4 + 0xffff00000000n;
      if (number === undefined) throw new Bad(this.code);
      found = number;
    }
    return found;
  }

  // Between the quotes, as it is written.
  #quoted(value: ModelMember["value"]): string {
    if (typeof value !== "string" || !/^".*"$/s.test(value)) throw new Bad(this.code);
    return value.slice(1, -1);
  }

  #last<T>(key: string, otherwise: T, read: (text: string) => T | undefined): T {
    let found = otherwise;
    for (const value of this.all(key)) {
      if (value === "null") continue;
      const one = typeof value === "string" ? read(value) : undefined;
      if (one === undefined) throw new Bad(this.code);
      found = one;
    }
    return found;
  }
}
