// Ping, as iputils does it: the message it sends, and the books it keeps.
import { HeddleError } from "../core/index.ts";
import { SECOND } from "./clock.ts";
import { viewOf } from "./packet/bytes.ts";
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, type Icmp, writeIcmp } from "./packet/icmp.ts";
import { IPV4_HEADER_LEN_MIN, PROTOCOL_ICMP } from "./packet/ipv4.ts";

export interface PingInit {
  readonly count?: number;
  readonly intervalNs?: number;
  /** Bytes of the whole IP packet; 84 is what ping sends when nobody asks for more. */
  readonly packetLen?: number;
  readonly ttl?: number;
}

/** What somebody on the way said of a request. */
export interface PingError {
  readonly from: string;
  readonly type: number;
  readonly code: number;
  /** Of the next hop, where fragmentation was needed; else zero. */
  readonly mtu: number;
}

const ECHO_HEADERS_LEN = IPV4_HEADER_LEN_MIN + 8;
const STAMP_LEN = 16; // seconds and microseconds, eight bytes each

/** The requests that one station sends to another. */
export class Ping {
  readonly to: string;
  readonly id: number;
  readonly ttl: number;
  readonly count: number;
  readonly intervalNs: number;
  readonly #dataLen: number;
  readonly #sentNs = new Map<number, number>();
  sent = 0;
  /** One for each request that was answered, in the order of the answers. */
  readonly rttsNs: number[] = [];
  readonly errors: PingError[] = [];

  constructor(to: string, id: number, init: PingInit = {}) {
    this.to = to;
    this.id = id;
    this.ttl = init.ttl ?? 64;
    this.count = init.count ?? 1;
    this.intervalNs = init.intervalNs ?? SECOND;
    this.#dataLen = (init.packetLen ?? 84) - ECHO_HEADERS_LEN;
    if (Number.isInteger(this.#dataLen) && this.#dataLen >= 0) return;
    throw new HeddleError("BadValue", init.packetLen, `packetLen: at least ${ECHO_HEADERS_LEN}`);
  }

  /** The next request: the time of sending, then bytes that count upwards. */
  request(nowNs: number): Uint8Array {
    const sequence = ++this.sent;
    this.#sentNs.set(sequence, nowNs);
    const body = Uint8Array.from({ length: this.#dataLen }, (_, at) => at);
    if (body.length >= STAMP_LEN) {
      const seconds = Math.floor(nowNs / SECOND);
      viewOf(body).setBigUint64(0, BigInt(seconds), true);
      viewOf(body).setBigUint64(8, BigInt(Math.floor((nowNs % SECOND) / 1000)), true);
    }
    const rest = ((this.id << 16) | (sequence & 0xffff)) >>> 0;
    return writeIcmp({ type: ICMP_ECHO_REQUEST, code: 0, rest, body });
  }

  hearReply(icmp: Icmp, nowNs: number): void {
    const sentNs = this.#sentNs.get(icmp.rest & 0xffff);
    if (sentNs === undefined) return; // a duplicate
    this.#sentNs.delete(icmp.rest & 0xffff);
    this.rttsNs.push(nowNs - sentNs);
  }

  hearError(icmp: Icmp, from: string): void {
    this.errors.push({ from, type: icmp.type, code: icmp.code, mtu: icmp.rest & 0xffff });
  }
}

/** The identifier of the echo that a message answers or complains about, or null. */
export function echoIdOf(icmp: Icmp): number | null {
  if (icmp.type === ICMP_ECHO_REPLY) return icmp.rest >>> 16;
  // An error quotes the head of what it is about, so no checksum holds: only the places count.
  const headerLen = ((icmp.body[0] ?? 0) & 0xf) * 4;
  const quoted = icmp.body.subarray(headerLen);
  const isEcho = icmp.body[9] === PROTOCOL_ICMP && quoted[0] === ICMP_ECHO_REQUEST;
  return isEcho && quoted.length >= 8 ? viewOf(quoted).getUint16(4) : null;
}
