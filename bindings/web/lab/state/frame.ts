// A packet at one moment as the page shows it: shells around shells, each with rows of fields.
import type { DecodedLayer, DecodedPacket, LayerName } from "../../../core/index.ts";
import { type FieldPlace, fieldPlaces, layerPath } from "../../../lab/trace/field-path.ts";
import type { FieldPath, Range } from "../../../lab/trace/trace.ts";
import { ROWS, type RowForm } from "./row-form.ts";

/** Which family of headers it is of: its colour. */
export type Hue = "eth" | "ip" | "l4" | "tun" | "pay";

/** What `decode` of the core does, for bytes that begin with such a header. */
export type Decode = (bytes: Uint8Array, link: "ethernet" | "ipv4") => DecodedPacket;

export interface Frame {
  readonly bytes: Uint8Array;
  readonly link: "ethernet" | "ipv4";
  /** Outermost first. */
  readonly shells: readonly Shell[];
}

/** A header; the last shell has what it carries as well. */
export interface Shell {
  readonly layer: LayerName;
  /** "ip", "outer.ip": the path of its fields without their names. */
  readonly path: string;
  readonly letter: string;
  readonly hue: Hue;
  readonly at: number;
  /** Bytes of its own. */
  readonly len: number;
  /** What an ICMP message says by its type, "echo request"; else null. */
  readonly says: string | null;
  readonly rows: readonly FieldRow[];
}

/** A line of the field list: one field, or some that share their bytes. */
export interface FieldRow {
  /** Of its first field. */
  readonly path: FieldPath;
  readonly paths: readonly FieldPath[];
  /** What the copy calls it: "ipv4.ttl". */
  readonly name: string;
  readonly at: Range;
  readonly value: string;
  /** ".1.. .... = DF" for fields of a few bits; else null. */
  readonly bits: string | null;
}

const LOOKS: Readonly<Record<LayerName, readonly [letter: string, hue: Hue]>> = {
  ethernet: ["E", "eth"],
  vlan: ["Q", "eth"],
  arp: ["A", "l4"],
  ipv4: ["I", "ip"],
  icmp: ["C", "l4"],
  igmp: ["G", "l4"],
  udp: ["U", "l4"],
  tcp: ["T", "l4"],
  vxlan: ["V", "tun"],
  payload: ["", "pay"],
  padding: ["", "pay"],
};

const ICMP_SAYS: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "unreachable",
  5: "redirect",
  8: "echo request",
  11: "time exceeded",
  12: "parameter problem",
};

/** Takes bytes apart. */
export function frameOf(
  bytes: Uint8Array,
  link: "ethernet" | "ipv4",
  packet: DecodedPacket,
): Frame {
  const places = fieldPlaces(packet);
  const shells = packet.layers.map((layer, at) => shellOf(packet, layer, at, places));
  const rest = packet.error;
  const unread = rest === undefined ? [] : [unreadShell(bytes, rest.offset)];
  return { bytes, link, shells: [...withData(shells), ...unread] };
}

function shellOf(
  packet: DecodedPacket,
  { layer, offset, headerLen, len, fields }: DecodedLayer,
  index: number,
  places: readonly FieldPlace[],
): Shell {
  const own = places.filter((place) => place.layer === index);
  const [letter, hue] = LOOKS[layer];
  const says =
    layer === "icmp" && "type" in fields ? (ICMP_SAYS[Number(fields.type)] ?? null) : null;
  const rows = ROWS[layer].flatMap((form) => rowOf(layer, form, own, fields));
  const ownLen = headerLen === 0 ? len : headerLen;
  return {
    layer,
    path: layerPath(packet, index),
    letter,
    hue,
    at: offset,
    len: ownLen,
    says,
    rows,
  };
}

function rowOf(
  layer: LayerName,
  form: RowForm,
  places: readonly FieldPlace[],
  fields: object,
): FieldRow[] {
  const own = places.filter(({ name }) => form.fields.includes(name));
  const [first] = own;
  if (first === undefined) return [];
  const start = Math.min(...own.map(({ at }) => at.at));
  const end = Math.max(...own.map(({ at }) => at.at + at.len));
  const values = fields as Readonly<Record<string, unknown>>;
  return [
    {
      path: first.path,
      paths: own.map(({ path }) => path),
      name: `${layer}.${form.fields[0]}`,
      at: { at: start, len: end - start },
      value: form.print(values),
      bits: form.bits?.(values) ?? null,
    },
  ];
}

// An ICMP message and what it carries are one thing to the reader.
function withData(shells: readonly Shell[]): Shell[] {
  const [icmp, data] = shells.slice(-2);
  if (icmp?.layer !== "icmp" || data?.layer !== "payload") return [...shells];
  const whole: Shell = {
    ...icmp,
    hue: "pay",
    len: icmp.len + data.len,
    rows: [...icmp.rows, ...data.rows],
  };
  return [...shells.slice(0, -2), whole];
}

function unreadShell(bytes: Uint8Array, at: number): Shell {
  const [letter, hue] = LOOKS.payload;
  const len = bytes.length - at;
  return { layer: "payload", path: "payload", letter, hue, at, len, says: null, rows: [] };
}

/** The row that has a field. */
export function rowAt(frame: Frame, path: FieldPath): FieldRow | undefined {
  for (const { rows } of frame.shells) {
    const row = rows.find(({ paths }) => paths.includes(path));
    if (row !== undefined) return row;
  }
  return undefined;
}

/** The shell that has a byte. */
export function shellAt(frame: Frame, at: number): number {
  return frame.shells.findIndex((shell) => at >= shell.at && at < shell.at + shell.len);
}

/** The row that has a byte; a byte of two rows has the first. */
export function rowOfByte(frame: Frame, at: number): FieldRow | undefined {
  const { rows } = frame.shells[shellAt(frame, at)] ?? { rows: [] };
  return rows.find((row) => at >= row.at.at && at < row.at.at + row.at.len);
}
