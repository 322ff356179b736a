// A packet as the stack hands it to its programs: headers by name, what they carry as bytes.
import {
  type Core,
  type DecodedLayer,
  type DecodedPacket,
  decode,
  encode,
  type Ipv4Fields,
  type LayerInit,
} from "../../core/index.ts";
import { viewOf } from "../packet/bytes.ts";
import type { Delivery, HopRef } from "../stack.ts";

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** What a program reads: the header behind IPv4. */
export type Transport = Extract<DecodedLayer, { readonly layer: "icmp" | "tcp" | "udp" }>;

export interface Arrival {
  readonly packet: Uint8Array;
  readonly at: HopRef;
  readonly ip: Ipv4Fields;
  readonly body: Transport;
  /** What the header carries. */
  readonly data: Uint8Array;
  /** Of an ICMP error: the packet that it is about. */
  readonly quote: Quote | null;
}

/** The beginning of a packet, which is what an ICMP error says of it. */
export interface Quote {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly len: number;
  /** The first two words behind the IPv4 header: ports, or an echo's identifier and number. */
  readonly words: readonly [number, number];
}

/** A packet that nobody can read, or that no program of Linux hears of. */
export interface Unread {
  readonly ip: Ipv4Fields | null;
  readonly delivery: Delivery;
}

const UNREADABLE: Delivery = { verdict: "drop-malformed", values: {} };
const QUOTED_LEN_MIN = 8; // of what follows the header (RFC 792)
const ERRORS: readonly number[] = [3, 4, 5, 11, 12];

/** Reads a packet that begins with a valid IPv4 header. */
export function readArrival(core: Core, packet: Uint8Array, at: HopRef): Arrival | Unread {
  const decoded = decode(core, packet, { link: "ip" });
  const [first] = decoded.layers;
  if (first?.layer !== "ipv4") return { ip: null, delivery: UNREADABLE };
  const ip = first.fields;
  const body = decoded.layers.find(isTransport);
  if (body === undefined) return { ip, delivery: unheard(ip) };
  const data = packet.subarray(body.offset + body.headerLen, body.offset + body.len);
  if (body.status === "BadChecksum") {
    return { ip, delivery: { verdict: "drop-csum", values: sumsOf(core, ip, body, data) } };
  }
  const isError = body.layer === "icmp" && ERRORS.includes(body.fields.type);
  return { packet, at, ip, body, data, quote: isError ? quoteIn(decoded, packet, 1) : null };
}

/** A packet by what an ICMP error would say of it; null where it is none. */
export function readQuote(core: Core, packet: Uint8Array): Quote | null {
  return quoteIn(decode(core, packet, { link: "ip" }), packet, 0);
}

// What a packet quotes lies one deeper than its own header, and may be cut behind its own.
function quoteIn({ layers }: DecodedPacket, packet: Uint8Array, depth: number): Quote | null {
  const ip = layers.find((layer) => layer.depth === depth && layer.layer === "ipv4");
  if (ip?.layer !== "ipv4") return null;
  const rest = packet.subarray(ip.offset + ip.headerLen);
  if (rest.length < QUOTED_LEN_MIN) return null;
  const { src, dst, protocol, totalLength: len } = ip.fields;
  const view = viewOf(rest);
  // An echo has its type and checksum where others have their ports.
  const at = protocol === PROTOCOL.icmp ? 4 : 0;
  return { src, dst, protocol, len, words: [view.getUint16(at), view.getUint16(at + 2)] };
}

function isTransport(layer: DecodedLayer): layer is Transport {
  return layer.depth === 0 && Object.hasOwn(PROTOCOL, layer.layer);
}

function unheard(ip: Ipv4Fields): Delivery {
  const isKnown = Object.values<number>(PROTOCOL).includes(ip.protocol);
  if (isKnown) return UNREADABLE;
  return { verdict: "drop-port", values: { proto: "IP", port: ip.protocol, ttl: ip.ttl } };
}

// The sum that is written, and the one that the bytes add up to.
function sumsOf(
  core: Core,
  ip: Ipv4Fields,
  body: Transport,
  data: Uint8Array,
): Record<string, string> {
  const { checksum: written, ...fields } = body.fields;
  const layers = [
    { layer: "ipv4", fields: { src: ip.src, dst: ip.dst } },
    { layer: body.layer, fields },
    { layer: "payload", fields: { data } },
  ] as LayerInit[];
  const right = decode(core, encode(layers), { link: "ip" }).layers.find(isTransport);
  const hex = (sum: number): string => `0x${sum.toString(16).padStart(4, "0")}`;
  const layer = body.layer.toUpperCase();
  return { layer, a: hex(written), b: hex(right?.fields.checksum ?? 0) };
}
