// What a host or router tells the sender of a packet that it did not take (RFC 1122, 3.2.2).
import { type Core, decode, encode, type Ipv4Fields } from "../../core/index.ts";

export interface IcmpErrorInit {
  readonly type: number;
  readonly code: number;
  /** Of the next hop, where fragmentation was needed. */
  readonly mtu?: number;
  /** Who says so. */
  readonly src: string;
  /** Of the IPv4 header. */
  readonly id: number;
}

const ERROR_LEN_MAX = 576; // RFC 1812, section 4.3.2.3, and Linux
const HEADERS_LEN = 28;
const TOS_BITS = 0x1e;
const INTERNETWORK_CONTROL = 0xc0; // the precedence that Linux gives to its errors
const ERRORS: readonly number[] = [3, 4, 5, 11, 12];

/**
 * The whole packet, or null where nothing may be said: about ICMP errors, later fragments, and what
 * came from or went to no single station.
 */
export function encodeIcmpError(
  core: Core,
  about: Uint8Array,
  init: IcmpErrorInit,
): Uint8Array | null {
  const [first, second] = decode(core, about, { link: "ip" }).layers;
  if (first?.layer !== "ipv4" || !isAnswerable(first.fields)) return null;
  if (second?.layer === "icmp" && ERRORS.includes(second.fields.type)) return null;
  const { src: dst, tos, totalLength } = first.fields;
  const { type, code, mtu, src, id } = init;
  const quoteLen = Math.min(totalLength, ERROR_LEN_MAX - HEADERS_LEN);
  const rest = mtu === undefined ? {} : { nextHopMtu: mtu };
  return encode([
    {
      layer: "ipv4",
      fields: { src, dst, id, protocol: 1, tos: (tos & TOS_BITS) | INTERNETWORK_CONTROL },
    },
    { layer: "icmp", fields: { type, code, ...rest } },
    { layer: "payload", fields: { data: about.subarray(0, quoteLen) } },
  ]);
}

function isAnswerable(ip: Ipv4Fields): boolean {
  return ip.fragmentOffset === 0 && isStation(ip.src) && isStation(ip.dst);
}

// 0.0.0.0/8 is nobody, and from 224 on there are groups.
function isStation(address: string): boolean {
  const first = Number.parseInt(address, 10);
  return first > 0 && first < 224;
}
