// A field of a record: where a number lies, and what that number means to a host. Records are lists
// of fields (record.ts); every place comes from layout.ts, so from the binary itself.
import {
  type Prefix,
  parseIpv4,
  parseMac,
  parsePrefix,
  printIpv4,
  printMac,
  printPrefix,
  VNI_MAX,
} from "./address.ts";
import { HeddleError } from "./status.ts";

/** An index that names nothing. */
export const NONE = 0xffff;

/** One property of a record. */
export interface Field<T> {
  read(view: DataView, ptr: number): T;
  /** Throws HeddleError when `value` cannot stand here; `undefined` is what was left out. */
  write(view: DataView, ptr: number, value: unknown, name: string): void;
}

/** Where and how a number lies. */
export interface Place {
  get(view: DataView, ptr: number): number;
  set(view: DataView, ptr: number, value: number): void;
}

/** A number in the words of a host. */
export interface Meaning<T> {
  parse(value: unknown, name: string): number;
  print(value: number): T;
}

export function u8(at: number): Place {
  return {
    get: (view, ptr) => view.getUint8(ptr + at),
    set: (view, ptr, value) => view.setUint8(ptr + at, value),
  };
}

export function u16(at: number): Place {
  return {
    get: (view, ptr) => view.getUint16(ptr + at, true),
    set: (view, ptr, value) => view.setUint16(ptr + at, value, true),
  };
}

export function i16(at: number): Place {
  return {
    get: (view, ptr) => view.getInt16(ptr + at, true),
    set: (view, ptr, value) => view.setInt16(ptr + at, value, true),
  };
}

export function u32(at: number): Place {
  return {
    get: (view, ptr) => view.getUint32(ptr + at, true),
    set: (view, ptr, value) => view.setUint32(ptr + at, value, true),
  };
}

/** Six bytes as in a packet. */
export function u8x6(at: number): Place {
  return {
    get: (view, ptr) =>
      view.getUint32(ptr + at, true) + view.getUint16(ptr + at + 4, true) * 2 ** 32,
    set: (view, ptr, value) => {
      view.setUint32(ptr + at, value % 2 ** 32, true);
      view.setUint16(ptr + at + 4, value / 2 ** 32, true);
    },
  };
}

/** Sixteen bytes as in a packet, an IPv4 address in the first four. */
export function u8x16(at: number): Place {
  return {
    get: (view, ptr) => view.getUint32(ptr + at),
    set: (view, ptr, value) => view.setUint32(ptr + at, value),
  };
}

/** A field whose absence means `fallback`; without one it may not be absent. */
export function field<T>(place: Place, meaning: Meaning<T>, fallback?: T | null): Field<T> {
  return {
    read: (view, ptr) => meaning.print(place.get(view, ptr)),
    write: (view, ptr, value, name) => {
      place.set(view, ptr, meaning.parse(value === undefined ? fallback : value, name));
    },
  };
}

/** A field that only the core writes. What a host puts there is passed over. */
export function readOnly<T>(place: Place, meaning: Meaning<T>): Field<T> {
  return { read: (view, ptr) => meaning.print(place.get(view, ptr)), write: () => {} };
}

/** The same field, whose absence means `fallback`. */
export function withFallback<T>({ read, write }: Field<T>, fallback: T): Field<T> {
  return {
    read,
    write: (view, ptr, value, name) =>
      write(view, ptr, value === undefined ? fallback : value, name),
  };
}

/** A prefix takes two places. */
export function prefix(len: Place, address: Place): Field<string> {
  return {
    read: (view, ptr) => printPrefix({ address: address.get(view, ptr), len: len.get(view, ptr) }),
    write: (view, ptr, value, name) => {
      const { address: bits, len: count } = prefixOf(value, name);
      address.set(view, ptr, bits);
      len.set(view, ptr, count);
    },
  };
}

function prefixOf(value: unknown, name: string): Prefix {
  if (typeof value === "string") return parsePrefix(value);
  throw new HeddleError("BadPrefix", value, `${name}: an IPv4 prefix as "10.42.0.0/16"`);
}

/** A whole number from 0 to `max`. */
export function whole(max: number): Meaning<number> {
  return {
    parse: (value, name) => {
      if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) {
        return value as number;
      }
      throw new HeddleError("BadValue", value, `${name}: a whole number from 0 to ${max}`);
    },
    print: (value) => value,
  };
}

export const byte: Meaning<number> = whole(0xff);
export const short: Meaning<number> = whole(0xffff);
export const word: Meaning<number> = whole(0xffffffff);
export const index: Meaning<number> = whole(NONE - 1);

/** An index; null lets the core choose one. */
export const indexOrAny: Meaning<number> = {
  parse: (value, name) => (value === null ? NONE : index.parse(value, name)),
  print: (value) => value,
};

export const vni: Meaning<number> = {
  parse: (value, name) => {
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= VNI_MAX) {
      return value as number;
    }
    throw new HeddleError("BadVni", value, `${name}: a whole number from 0 to ${VNI_MAX}`);
  },
  print: (value) => value,
};

export const ipv4: Meaning<string> = {
  parse: (value, name) => {
    if (typeof value === "string") return parseIpv4(value);
    throw new HeddleError("BadAddress", value, `${name}: an IPv4 address as "192.0.2.1"`);
  },
  print: printIpv4,
};

export const mac: Meaning<string> = {
  parse: (value, name) => {
    if (typeof value === "string") return parseMac(value);
    throw new HeddleError("BadMac", value, `${name}: a MAC as "02:42:ac:11:00:02"`);
  },
  print: printMac,
};

/** Like `meaning`, but null where the number is `none`. */
export function orNone<T>(meaning: Meaning<T>, none: number): Meaning<T | null> {
  return {
    parse: (value, name) => (value === null ? none : meaning.parse(value, name)),
    print: (value) => (value === none ? null : meaning.print(value)),
  };
}

/** What the members of an enum are called by a host: `LinuxMode` is "linuxMode". */
export type NameOf<Enum> = Uncapitalize<keyof Enum & string>;

/** The members of an enum by these names. */
export function byName<Enum extends Record<string, number>>(
  members: Enum,
): Map<NameOf<Enum>, number> {
  const pairs = Object.entries(members).map(([name, value]): [NameOf<Enum>, number] => [
    (name.charAt(0).toLowerCase() + name.slice(1)) as NameOf<Enum>,
    value,
  ]);
  return new Map(pairs);
}

/** One of some numbers that have names. */
export function named<Name extends string>(numbers: ReadonlyMap<Name, number>): Meaning<Name> {
  const names = new Map([...numbers].map(([name, value]) => [value, name]));
  return {
    parse: (value, name) => {
      const number = numbers.get(value as Name);
      if (number !== undefined) return number;
      throw new HeddleError("BadValue", value, `${name}: one of ${[...numbers.keys()].join(", ")}`);
    },
    print: (value) => names.get(value) ?? (String(value) as Name),
  };
}

/** One member of an enum. */
export function oneOf<Enum extends Record<string, number>>(members: Enum): Meaning<NameOf<Enum>> {
  return named(byName(members));
}

/** Any members of an enum of bits. */
export function anyOf<Enum extends Record<string, number>>(
  members: Enum,
): Meaning<readonly NameOf<Enum>[]> {
  const one = oneOf(members);
  const bits = Object.values(members);
  return {
    parse: (value, name) => {
      if (Array.isArray(value)) {
        return value.reduce((sum: number, part) => sum | one.parse(part, name), 0);
      }
      throw new HeddleError("BadValue", value, `${name}: an array of names`);
    },
    print: (value) => bits.filter((bit) => value & bit).map(one.print),
  };
}
