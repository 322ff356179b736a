// Layers back into bytes: the other half of decode.ts. Pure; it needs no core.
import { checksum } from "./checksum.ts";
import type { Field } from "./field.ts";
import { parseHex } from "./hex.ts";
import type { LayerInit, LayerName } from "./layers/fields.ts";
import { type FieldMap, FORMS } from "./layers/forms.ts";
import { HeddleError } from "./status.ts";

/** A layer in its place. */
interface Part {
  readonly name: LayerName;
  /** Its name in errors. */
  readonly label: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly depth: number;
  readonly tail: Uint8Array;
  readonly offset: number;
  readonly headerLen: number;
}

/** What is being made. */
interface Packet {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly parts: readonly Part[];
}

const OPTIONS_MAX = 40;
const WORD_LEN = 4;
const ETHER_TYPES: Partial<Record<LayerName, number>> = { vlan: 0x8100, arp: 0x0806, ipv4: 0x0800 };
const PROTOCOLS: Partial<Record<LayerName, number>> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
};
const CARRIERS: readonly LayerName[] = ["ipv4", "icmp", "udp"]; // of a packet in a packet
const ADDRESSES_AT = 12; // of an IPv4 header
const ADDRESSES_LEN = 8;

/**
 * The bytes of a packet, its layers given in their order, as `decode` gives them. Lengths and
 * checksums, EtherTypes and protocols are taken as they are, right or wrong, and found out where
 * they are left out: what a header carries reaches up to the next padding that is no deeper.
 * Throws HeddleError for a layer or field that there is not, and for a value that its field cannot
 * hold, or that is needed and missing.
 */
export function encode(layers: readonly LayerInit[]): Uint8Array<ArrayBuffer> {
  const parts = partsOf(layers);
  const last = parts.at(-1);
  const bytes = new Uint8Array(last === undefined ? 0 : last.offset + last.headerLen);
  const packet = { bytes, view: new DataView(bytes.buffer), parts };
  for (const part of parts) write(packet, part);
  for (let at = parts.length - 1; at >= 0; at--) complete(packet, at); // checksums cover what is in
  return bytes;
}

function partsOf(layers: readonly LayerInit[]): Part[] {
  const parts: Part[] = [];
  let offset = 0;
  for (const { layer: name, fields, depth } of layers) {
    const label = `layers[${parts.length}].${name}`;
    const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
    if (form === undefined) {
      throw new HeddleError("BadValue", name, `one of ${Object.keys(FORMS).join(", ")}`);
    }
    if (typeof fields !== "object" || fields === null) {
      throw new HeddleError("BadValue", fields, `${label}.fields: an object`);
    }
    const given = fields as Readonly<Record<string, unknown>>;
    const tail = tailOf(form.tail, given, label);
    const headerLen = form.len + tail.length;
    const last = parts.at(-1);
    parts.push({
      name,
      label,
      given,
      depth: depth ?? depthOf(name, last),
      tail,
      offset,
      headerLen,
    });
    offset += headerLen;
  }
  return parts;
}

function depthOf(name: LayerName, last: Part | undefined): number {
  if (last === undefined || name === "padding") return 0;
  const isNested =
    (name === "ethernet" && last.name === "vxlan") ||
    (name === "ipv4" && CARRIERS.includes(last.name));
  return isNested ? last.depth + 1 : last.depth;
}

function tailOf(tail: string | undefined, given: Part["given"], label: string): Uint8Array {
  if (tail === undefined) return new Uint8Array();
  const name = `${label}.${tail}`;
  const value = given[tail] ?? (tail === "options" ? "" : undefined);
  const bytes = value instanceof Uint8Array ? value : parseHex(textOf(value, name));
  if (tail === "data" || (bytes.length <= OPTIONS_MAX && bytes.length % WORD_LEN === 0)) {
    return bytes;
  }
  throw new HeddleError("BadValue", value, `${name}: whole words, at most ${OPTIONS_MAX} bytes`);
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new HeddleError("BadValue", value, `${name}: hex digits, or bytes`);
}

function write({ bytes, view }: Packet, part: Part): void {
  const { name, label, given, offset, tail } = part;
  const form = FORMS[name];
  const put = (fields: FieldMap): void => {
    for (const [each, field] of Object.entries(fields)) {
      field.write(view, offset, given[each], `${label}.${each}`);
    }
  };
  bytes.set(form.constant ?? [], offset);
  put(form.fields);
  const more = form.more?.(view, offset) ?? {};
  put(more);
  bytes.set(tail, offset + form.len);
  const known = [...Object.keys(form.fields), ...Object.keys(more), form.tail];
  const unknown = Object.keys(given).find((each) => !known.includes(each));
  if (unknown === undefined) return;
  const expected = `${label}: one of ${known.filter((each) => each !== undefined).join(", ")}`;
  throw new HeddleError("BadValue", unknown, expected);
}

// Finds out what was left out, of a part whose contents are complete.
function complete(packet: Packet, at: number): void {
  const { parts, bytes } = packet;
  const part = parts[at] as Part;
  const { name, offset, headerLen } = part;
  const end = endOf(packet, at);
  const next = parts[at + 1]?.name ?? "payload";
  const fill = (each: string, value: () => number): void => {
    if (part.given[each] !== undefined) return;
    const field = FORMS[name].fields[each] as Field<unknown>;
    field.write(packet.view, offset, value(), `${part.label}.${each}`);
  };
  const own = bytes.subarray(offset, end);
  const typeOf = (types: Partial<Record<LayerName, number>>, each: string): number => {
    const type = types[next];
    if (type !== undefined) return type;
    throw new HeddleError("BadValue", undefined, `${part.label}.${each}: a number, before ${next}`);
  };
  switch (name) {
    case "ethernet":
    case "vlan":
      fill("etherType", () => typeOf(ETHER_TYPES, "etherType"));
      break;
    case "ipv4":
      fill("ihl", () => headerLen / WORD_LEN);
      fill("totalLength", () => own.length);
      fill("protocol", () => typeOf(PROTOCOLS, "protocol"));
      fill("checksum", () => checksum(bytes.subarray(offset, offset + headerLen)));
      break;
    case "icmp":
    case "igmp":
      fill("checksum", () => checksum(own));
      break;
    case "udp":
      fill("length", () => own.length);
      // A sum of zero is sent as all ones: zero says that there is none (RFC 768).
      fill("checksum", () => checksum(own, pseudo(packet, at, lengthAt(packet, offset))) || 0xffff);
      break;
    case "tcp":
      fill("dataOffset", () => headerLen / WORD_LEN);
      fill("checksum", () => checksum(own, pseudo(packet, at, own.length)));
      break;
  }
}

function lengthAt({ view }: Packet, offset: number): number {
  return view.getUint16(offset + UDP_LENGTH_AT);
}

const UDP_LENGTH_AT = 4;

// Where the part and what it carries ends: padding that is no deeper belongs to a header outside.
function endOf({ bytes, parts }: Packet, at: number): number {
  const depth = parts[at]?.depth ?? 0;
  const isOutside = (part: Part): boolean => part.name === "padding" && part.depth <= depth;
  return parts.slice(at + 1).find(isOutside)?.offset ?? bytes.length;
}

// The sum over the pseudo header (RFC 768; RFC 9293, section 3.1).
function pseudo({ bytes, parts }: Packet, at: number, length: number): number {
  const part = parts[at] as Part;
  const ip = parts.slice(0, at).findLast(({ name }) => name === "ipv4");
  if (ip === undefined) {
    throw new HeddleError("BadValue", undefined, `${part.label}.checksum: a number, without ipv4`);
  }
  const addresses = ip.offset + ADDRESSES_AT;
  const sum = ~checksum(bytes.subarray(addresses, addresses + ADDRESSES_LEN)) & 0xffff;
  return sum + (PROTOCOLS[part.name] ?? 0) + length;
}
