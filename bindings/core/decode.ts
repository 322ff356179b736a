// A packet as the layers that the core finds in it. The core says where each header lies and what
// is wrong; what a header says is read here.
import { checkBytes } from "./check.ts";
import type { Core } from "./core.ts";
import { byName, type NameOf } from "./field.ts";
import { printHex } from "./hex.ts";
import type { LayerFields, LayerName } from "./layers/fields.ts";
import { type FieldMap, FORMS } from "./layers/forms.ts";
import { LayerAt, LayerKind } from "./layout.ts";
import { accept, HeddleError, type StatusName, statusName } from "./status.ts";

/** What a packet begins with. */
export type Link = "ethernet" | "ip";

export interface DecodeOptions {
  /** Left out: "ethernet". */
  readonly link?: Link;
}

/** One header, or bytes that have none. */
export type DecodedLayer = {
  readonly [Name in LayerName]: {
    readonly layer: Name;
    /** How many packets it lies in. */
    readonly depth: number;
    /** In bytes from the packet's first. */
    readonly offset: number;
    /** In bytes, options included; 0 for payload and padding. */
    readonly headerLen: number;
    /** Bytes of the header and all that it carries. */
    readonly len: number;
    /** Where something is wrong, but does not keep the rest from being read. */
    readonly status?: "BadChecksum" | "BadOption";
    readonly fields: LayerFields[Name];
  };
}[LayerName];

/** A header that cannot be read. */
export interface DecodeError {
  readonly layer: LayerName;
  readonly offset: number;
  /** The bytes that the header needs or claims. */
  readonly needed: number;
  /** The bytes that were there. */
  readonly had: number;
  readonly reason: StatusName;
}

/** A packet taken apart. With an error, the bytes from its offset on are in no layer. */
export interface DecodedPacket {
  readonly layers: readonly DecodedLayer[];
  readonly error?: DecodeError;
}

const ROOM = 32; // layers; more than packets have
const MAX_PER_BYTE = 1 / 4; // a VLAN tag is the shortest header
const KINDS: ReadonlyMap<number, NameOf<typeof LayerKind>> = new Map(
  [...byName(LayerKind)].map(([name, kind]) => [kind, name]),
);
const PASSABLE: readonly StatusName[] = ["BadChecksum", "BadOption"];

/**
 * The layers of a packet, innermost last, each with its fields: IEEE 802.3 and 802.1Q, ARP, IPv4,
 * ICMP, IGMP, UDP, TCP, VXLAN, and what VXLAN, flannel's UDP backend, IPIP and ICMP errors carry.
 * ABI.md says which ports and types announce what. No bytes are an exception: what cannot be read
 * is the `error`. Throws HeddleError for bytes that are no Uint8Array, for another link, and when
 * the core has no memory left for the packet.
 */
export function decode(
  core: Core,
  bytes: Uint8Array,
  { link = "ethernet" }: DecodeOptions = {},
): DecodedPacket {
  checkBytes(bytes, "bytes");
  const start = startOf(link);
  let records = layerRecords(core, bytes, start, ROOM);
  if (records.byteLength === ROOM * LayerAt.End) {
    const most = Math.ceil(bytes.length * MAX_PER_BYTE) + ROOM;
    records = layerRecords(core, bytes, start, most);
  }
  return packetOf(bytes, records);
}

function startOf(link: Link): number {
  if (link === "ethernet") return LayerKind.Ethernet;
  if (link === "ip") return LayerKind.Ipv4;
  throw new HeddleError("BadValue", link, "link: one of ethernet, ip");
}

// The records that the core writes for a packet, in memory that no node has.
function layerRecords(core: Core, bytes: Uint8Array, start: number, cap: number): DataView {
  const outLen = cap * LayerAt.End;
  return core.borrow(outLen + bytes.length, (out) => {
    const ptr = out + outLen;
    core.bytes.set(bytes, ptr);
    const answer = core.exports.packet_decode(ptr, bytes.length, start, out, cap);
    const count = accept(answer, bytes.length, "a packet");
    return new DataView(core.bytes.slice(out, out + count * LayerAt.End).buffer);
  });
}

function packetOf(bytes: Uint8Array, records: DataView): DecodedPacket {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layers: DecodedLayer[] = [];
  for (let at = 0; at < records.byteLength; at += LayerAt.End) {
    const layer = KINDS.get(records.getUint8(at + LayerAt.Kind)) ?? "payload";
    const offset = records.getUint32(at + LayerAt.Offset, true);
    const headerLen = records.getUint32(at + LayerAt.HeaderLen, true);
    const len = records.getUint32(at + LayerAt.Len, true);
    const status = statusName(records.getInt16(at + LayerAt.Status, true));
    if (status !== "Ok" && !PASSABLE.includes(status)) {
      return { layers, error: { layer, offset, needed: headerLen, had: len, reason: status } };
    }
    const depth = records.getUint8(at + LayerAt.Depth);
    const fields = fieldsOf(layer, view, offset, headerLen === 0 ? len : headerLen);
    const wrong = status === "Ok" ? {} : { status };
    layers.push({ layer, depth, offset, headerLen, len, ...wrong, fields } as DecodedLayer);
  }
  return { layers };
}

function fieldsOf(name: LayerName, view: DataView, offset: number, len: number): object {
  const form = FORMS[name];
  const fields: FieldMap = { ...form.fields, ...form.more?.(view, offset) };
  const read = Object.entries(fields).map(([each, { read }]) => [each, read(view, offset)]);
  if (form.tail !== undefined) {
    const start = view.byteOffset + offset + form.len;
    read.push([form.tail, printHex(new Uint8Array(view.buffer, start, len - form.len))]);
  }
  return Object.fromEntries(read);
}
