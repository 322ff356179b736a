// Packets of two runs made comparable: whatever a sender is free to choose is replaced by the order
// in which it turned up, and everything else stays. A checksum that holds follows from the rest and
// is struck out; one that does not is pointed at, as it says something.
import { foldedSum } from "./checksum.ts";

/** A packet as somebody saw it at one place. */
export interface Seen {
  readonly bytes: Uint8Array;
  readonly link: "ethernet" | "ipv4";
}

const IPV4 = 0x0800;
const ARP = 0x0806;
const ICMP = 1;
const IGMP = 2;
const IPIP = 4;
const TCP = 6;
const UDP = 17;
const VXLAN_PORTS = [8472, 4789];
const FLANNEL_PORT = 8285;
/** Where Linux takes the ports of its own from. */
const EPHEMERAL: readonly [number, number] = [32768, 60999];
const OPTION = { end: 0, nop: 1, windowShift: 3, stamps: 8 } as const;
const CHOSEN_OPTIONS: readonly number[] = [OPTION.windowShift, OPTION.stamps];
const ECHO = [8, 0];
const QUOTING = [3, 4, 5, 11, 12];
const TIMESTAMP_LEN = 16; // iputils writes a timeval in front of its pattern

/** The packets of one place in hex, without other families, group joins and repeated questions. */
export function comparable(packets: readonly Seen[]): string[] {
  const choices = new Choices();
  const kept = withoutRepetition(packets.filter((packet) => !isNoise(packet)));
  return kept.map(({ bytes, link }) => settle(Uint8Array.from(bytes), link, choices));
}

/** Numbers that senders choose, by the order in which they turn up. */
class Choices {
  readonly #known = new Map<string, number>();
  readonly #firsts = new Map<string, number>();

  first(side: string, value: number): number {
    const first = this.#firsts.get(side) ?? value;
    this.#firsts.set(side, first);
    return first;
  }

  of(kind: string, value: number): number {
    const key = `${kind} ${value}`;
    const number = this.#known.get(key) ?? this.#known.size + 1;
    this.#known.set(key, number);
    return number;
  }
}

function isNoise({ bytes, link }: Seen): boolean {
  if (link === "ipv4") return bytes.length < 20 || (bytes[0] ?? 0) >> 4 !== 4 || bytes[9] === IGMP;
  const type = word(bytes, 12);
  return (type !== IPV4 && type !== ARP) || (type === IPV4 && bytes[23] === IGMP);
}

/**
 * A neighbor is asked again, by a unicast question, after some seconds of real time; and a question
 * may be asked three times. What was already seen of an ARP conversation says nothing new.
 */
function withoutRepetition(packets: readonly Seen[]): Seen[] {
  const seen = new Set<string>();
  const probed = new Set<string>();
  return packets.filter(({ bytes, link }) => {
    if (link !== "ethernet" || word(bytes, 12) !== ARP) return true;
    const isProbe = word(bytes, 20) === 1 && (bytes[0] ?? 0) % 2 === 0;
    if (isProbe) probed.add(hex(bytes.subarray(38, 42)) + hex(bytes.subarray(28, 32)));
    const answers = hex(bytes.subarray(28, 32)) + hex(bytes.subarray(38, 42));
    const isAnswer = word(bytes, 20) === 2 && probed.delete(answers);
    const text = hex(bytes);
    const isOld = seen.has(text);
    if (!isProbe && !isAnswer) seen.add(text);
    return !isProbe && !isAnswer && !isOld;
  });
}

function settle(bytes: Uint8Array, link: Seen["link"], choices: Choices): string {
  const faults: string[] = [];
  if (link === "ipv4") settleIpv4(bytes, choices, faults);
  else settleFrame(bytes, choices, faults);
  return [hex(bytes), ...faults].join(" ");
}

function settleFrame(frame: Uint8Array, choices: Choices, faults: string[]): void {
  if (word(frame, 12) === IPV4) settleIpv4(frame.subarray(14), choices, faults);
}

function settleIpv4(packet: Uint8Array, choices: Choices, faults: string[], isQuote = false): void {
  const headerLen = 4 * ((packet[0] ?? 0) & 15);
  const header = packet.subarray(0, headerLen);
  if (foldedSum(header) === 0xffff) put(packet, 10, 0);
  else faults.push("bad IP checksum");
  put(packet, 4, 0);
  const payload = isQuote
    ? packet.subarray(headerLen)
    : packet.subarray(headerLen, word(packet, 2));
  const isFirst = (word(packet, 6) & 0x1fff) === 0;
  if (!isFirst) return;
  const whole = { packet, payload, choices, faults, isQuote };
  const protocol = packet[9];
  if (protocol === ICMP) settleIcmp(whole);
  else if (protocol === UDP) settleUdp(whole);
  else if (protocol === TCP) settleTcp(whole);
  else if (protocol === IPIP) settleIpv4(payload, choices, faults, isQuote);
}

interface Whole {
  readonly packet: Uint8Array;
  readonly payload: Uint8Array;
  readonly choices: Choices;
  readonly faults: string[];
  /** Part of an ICMP error: it may be cut, and then its checksum cannot be known. */
  readonly isQuote: boolean;
}

function settleIcmp({ payload, choices, faults, isQuote }: Whole): void {
  if (isQuote || foldedSum(payload) === 0xffff) put(payload, 2, 0);
  else faults.push("bad ICMP checksum");
  const type = payload[0] ?? 0;
  if (ECHO.includes(type)) {
    put(payload, 4, choices.of("echo", word(payload, 4)));
    if (payload.length >= 8 + TIMESTAMP_LEN) payload.fill(0, 8, 8 + TIMESTAMP_LEN);
  }
  if (QUOTING.includes(type) && !isQuote) settleIpv4(payload.subarray(8), choices, faults, true);
}

function settleUdp(whole: Whole): void {
  const { payload, choices, faults, isQuote } = whole;
  const hasSum = word(payload, 6) !== 0;
  if (hasSum && !isQuote && !isTransportSum(whole)) faults.push("bad UDP checksum");
  else if (hasSum) put(payload, 6, 0xffff); // that there is one is no choice
  const port = word(payload, 2);
  if (VXLAN_PORTS.includes(port)) {
    put(payload, 0, 0);
    if (!isQuote) settleFrame(payload.subarray(16), choices, faults);
    return;
  }
  settlePorts(payload, choices);
  if (port === FLANNEL_PORT && !isQuote) settleIpv4(payload.subarray(8), choices, faults);
}

/** A window is a matter of memory. */
function settleTcp(whole: Whole): void {
  const { packet, payload, choices, faults, isQuote } = whole;
  if (isQuote || isTransportSum(whole)) put(payload, 16, 0);
  else faults.push("bad TCP checksum");
  const [src, dst] = [hex(packet.subarray(12, 16)), hex(packet.subarray(16, 20))];
  const ports = [word(payload, 0), word(payload, 2)];
  const isAck = ((payload[13] ?? 0) & 0x10) !== 0;
  rebase(payload, 4, choices, `${src}:${ports[0]} ${dst}:${ports[1]}`);
  if (isAck) rebase(payload, 8, choices, `${dst}:${ports[1]} ${src}:${ports[0]}`);
  put(payload, 14, 0);
  settleOptions(payload.subarray(20, 4 * ((payload[12] ?? 0) >> 4)));
  settlePorts(payload, choices);
}

/** Which options there are is no choice; a clock's stamps and the shift of a window are. */
function settleOptions(options: Uint8Array): void {
  for (let at = 0; at < options.length; ) {
    const kind = options[at] ?? 0;
    if (kind === OPTION.end) return;
    const len = kind === OPTION.nop ? 1 : Math.max(2, options[at + 1] ?? 0);
    if (CHOSEN_OPTIONS.includes(kind)) options.fill(0, at + 2, at + len);
    at += len;
  }
}

/** Sequence numbers are counted from the first that turned up of a side. */
function rebase(payload: Uint8Array, at: number, choices: Choices, side: string): void {
  const number = word(payload, at) * 65536 + word(payload, at + 2);
  const since = (number - choices.first(side, number)) >>> 0;
  put(payload, at, since >>> 16);
  put(payload, at + 2, since & 0xffff);
}

function settlePorts(payload: Uint8Array, choices: Choices): void {
  for (const at of [0, 2]) {
    const port = word(payload, at);
    const isChosen = port >= EPHEMERAL[0] && port <= EPHEMERAL[1];
    if (isChosen) put(payload, at, choices.of("port", port));
  }
}

function isTransportSum({ packet, payload }: Whole): boolean {
  const pseudo = new Uint8Array(12 + payload.length);
  pseudo.set(packet.subarray(12, 20));
  pseudo[9] = packet[9] ?? 0;
  put(pseudo, 10, payload.length);
  pseudo.set(payload, 12);
  return foldedSum(pseudo) === 0xffff;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

function put(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 255;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
