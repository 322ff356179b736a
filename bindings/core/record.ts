// A record: plain objects to bytes and back. Bytes are made on the host's side first, so a wrong
// value is refused before the core's memory has seen any of them.
import type { Field } from "./field.ts";
import { HeddleError } from "./status.ts";

export type Fields<Full> = { readonly [Name in keyof Full]-?: Field<Full[Name]> };

/** Where a record lies, and what else it says. */
export interface RecordForm {
  readonly name: string;
  /** Bytes. */
  readonly len: number;
  /** The place of the address family, where the record has one. */
  readonly familyAt?: number;
}

/** `Init` is what a host gives, `Full` what it gets back. */
export class RecordLayout<Init extends object, Full extends object> {
  readonly name: string;
  readonly len: number;
  readonly #form: RecordForm;
  readonly #fields: readonly [string, Field<unknown>][];
  readonly #names: ReadonlySet<string> | undefined; // undefined: other names are passed over
  readonly #one: Uint8Array;
  readonly #oneView: DataView;

  constructor(form: RecordForm, fields: Fields<Full>, isKey = false) {
    this.name = form.name;
    this.len = form.len;
    this.#form = form;
    this.#fields = Object.entries<Field<unknown>>(fields);
    this.#names = isKey ? undefined : new Set(Object.keys(fields));
    this.#one = new Uint8Array(form.len);
    this.#oneView = new DataView(this.#one.buffer);
  }

  /** The same record with these fields only. It takes whole records too. */
  key<Name extends keyof Full & string>(
    ...names: readonly Name[]
  ): RecordLayout<Pick<Full, Name>, Pick<Full, Name>> {
    const fields = Object.fromEntries(
      this.#fields.filter(([name]) => names.includes(name as Name)),
    );
    return new RecordLayout(this.#form, fields as Fields<Pick<Full, Name>>, true);
  }

  read(view: DataView, ptr: number): Full {
    const full: Record<string, unknown> = {};
    for (const [name, { read }] of this.#fields) full[name] = read(view, ptr);
    return full as Full;
  }

  /** The bytes of these records, behind one another. */
  encode(records: readonly Init[]): Uint8Array {
    const bytes = new Uint8Array(records.length * this.len);
    const view = new DataView(bytes.buffer);
    records.forEach((record, at) => {
      this.#write(view, at * this.len, record);
    });
    return bytes;
  }

  /** The bytes of one record, which the next call writes anew: whoever wants them copies them. */
  encodeOne(record: Init): Uint8Array {
    this.#one.fill(0);
    this.#write(this.#oneView, 0, record);
    return this.#one;
  }

  #write(view: DataView, ptr: number, record: Init): void {
    this.#checkNames(record);
    for (const [name, { write }] of this.#fields) {
      write(view, ptr, record[name as keyof Init], `${this.name}.${name}`);
    }
    const { familyAt } = this.#form;
    if (familyAt !== undefined) view.setUint16(ptr + familyAt, FAMILY_IPV4, true);
  }

  #checkNames(record: Init): void {
    if (typeof record !== "object" || record === null) {
      throw new HeddleError("BadValue", record, `${this.name}: an object`);
    }
    if (this.#names === undefined) return;
    for (const name of Object.keys(record)) {
      if (this.#names.has(name)) continue;
      const expected = `${this.name}: one of ${[...this.#names].join(", ")}`;
      throw new HeddleError("BadValue", name, expected);
    }
  }
}

const FAMILY_IPV4 = 4;
