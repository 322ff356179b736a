// The flows that a namespace follows, as `conntrack -L` lists them.
import type { Conn, ConnKey, HeddleNode } from "../../../core/index.ts";
import { viewOf } from "../../packet/bytes.ts";
import type { Row } from "../../trace/trace.ts";
import {
  dstOf,
  fragmentName,
  headerLenOf,
  isFragment,
  isLaterFragment,
  protocolOf,
  srcOf,
} from "../frame.ts";
import type { Ledger } from "../ledger.ts";

const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp" };
const ICMP = 1;
const ECHO_REQUEST = 8;
const ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const ICMP_LEN = 8;
const IPV4_HEADER_LEN_MIN = 20;
const PORTS_LEN = 4;

export class FlowTable {
  readonly #node: HeddleNode;
  readonly #ledger: Ledger;
  readonly #nowMs: () => number;
  /** What first fragments have said for those that follow. */
  readonly #fragments = new Map<string, ConnKey>();

  constructor(node: HeddleNode, ledger: Ledger, nowMs: () => number) {
    this.#node = node;
    this.#ledger = ledger;
    this.#nowMs = nowMs;
  }

  /** The flow of an IP packet; of a later fragment that of its first, where that has been seen. */
  find(packet: Uint8Array): Conn | undefined {
    const key = this.#keyOf(packet);
    return key === null ? undefined : this.#node.conns.get(key, this.#nowMs());
  }

  // Only the first fragment has ports. Linux puts the fragments together before it asks.
  #keyOf(packet: Uint8Array): ConnKey | null {
    if (!isFragment(packet)) return keyOf(packet);
    const name = fragmentName(packet);
    if (isLaterFragment(packet)) return this.#fragments.get(name) ?? null;
    const key = keyOf(packet);
    if (key !== null) this.#fragments.set(name, key);
    return key;
  }

  row(packet: Uint8Array): Row | null {
    const conn = this.find(packet);
    return conn === undefined ? null : rowOf(conn);
  }

  /** Writes down what has become of a packet's flow. */
  refresh(packet: Uint8Array): void {
    const conn = this.find(packet);
    if (conn === undefined) return;
    this.#ledger.put(nameOf(conn), rowOf(conn));
  }
}

/** What tells a flow from all others. */
export function nameOf({ protocol, source, target, sourcePort, targetPort }: Conn): string {
  return `${protocol} ${source} ${sourcePort} ${target} ${targetPort}`;
}

/** What a packet's flow is found by; null for what belongs to none of its own. */
export function keyOf(packet: Uint8Array): ConnKey | null {
  const headerLen = headerLenOf(packet);
  if (headerLen < IPV4_HEADER_LEN_MIN || packet.length < headerLen + PORTS_LEN) return null;
  const protocol = protocolOf(packet);
  const ends = { protocol, source: srcOf(packet), target: dstOf(packet) };
  const view = viewOf(packet.subarray(headerLen));
  const name = PROTOCOLS[protocol];
  if (name === undefined) return { ...ends, sourcePort: 0, targetPort: 0 };
  if (protocol !== ICMP) {
    return { ...ends, sourcePort: view.getUint16(0), targetPort: view.getUint16(2) };
  }
  const type = view.getUint8(0);
  if (ERRORS.has(type) || view.byteLength < ICMP_LEN) return null;
  const id = view.getUint16(4);
  return { ...ends, ...(type === ECHO_REQUEST ? asking(id) : answering(id)) };
}

/** True for a packet that comes back, as it came in. */
export function isReplyOf(conn: Conn, packet: Uint8Array): boolean {
  if (isLaterFragment(packet)) return srcOf(packet) === conn.replySource;
  const key = keyOf(packet);
  if (key === null) return false;
  const { replySource, replyTarget, replySourcePort, replyTargetPort } = conn;
  return (
    key.source === replySource &&
    key.target === replyTarget &&
    key.sourcePort === replySourcePort &&
    key.targetPort === replyTargetPort
  );
}

/** Of an ICMP error: the packet that it quotes. */
export function quoteOf(packet: Uint8Array): Uint8Array | null {
  const at = headerLenOf(packet);
  if (protocolOf(packet) !== ICMP || !ERRORS.has(packet[at] ?? 0)) return null;
  return packet.subarray(at + ICMP_LEN);
}

function asking(id: number): Pick<ConnKey, "sourcePort" | "targetPort"> {
  return { sourcePort: id, targetPort: 0 };
}

function answering(id: number): Pick<ConnKey, "sourcePort" | "targetPort"> {
  return { sourcePort: 0, targetPort: id };
}

function rowOf(conn: Conn): Row {
  const { protocol, source, target, state } = conn;
  const name = PROTOCOLS[protocol] ?? "unknown";
  const reply = { source: conn.replySource, target: conn.replyTarget };
  const parts = [
    `${name} ${protocol}`,
    `src=${source} dst=${target}`,
    portsOf(conn, false),
    state === "new" && "[UNREPLIED]",
    `src=${reply.source} dst=${reply.target}`,
    portsOf(conn, true),
    state === "assured" && "[ASSURED]",
  ];
  return parts.filter((part) => part !== false && part !== "").join(" ");
}

function portsOf(conn: Conn, isReply: boolean): string {
  const { protocol, sourcePort, targetPort, replySourcePort, replyTargetPort } = conn;
  if (PROTOCOLS[protocol] === undefined) return "";
  if (protocol === ICMP) {
    const id = isReply ? replyTargetPort : sourcePort;
    return `type=${isReply ? 0 : ECHO_REQUEST} code=0 id=${id}`;
  }
  if (isReply) return `sport=${replySourcePort} dport=${replyTargetPort}`;
  return `sport=${sourcePort} dport=${targetPort}`;
}
