// The ping of iputils.
import { MILLISECOND, SECOND } from "../clock.ts";
import { viewOf } from "../packet/bytes.ts";
import type { PingAction } from "../scenario.ts";
import { type PingBooks, printMs } from "./ping-books.ts";
import type { EchoError, EchoReply, PingStyle } from "./ping-style.ts";

const LINGER_NS = 10 * SECOND;
const STAMP_LEN = 16; // seconds and microseconds, eight bytes each
const HEADERS_LEN = 28;

export const IPUTILS_PING: PingStyle = {
  firstSequence: 1,
  stampLen: STAMP_LEN,
  failureCode: 2,
  command: printCommand,
  banner: (name, address, dataLen) =>
    `PING ${name} (${address}) ${dataLen}(${dataLen + HEADERS_LEN}) bytes of data.`,
  unknownName: (name) => `ping: ${name}: Name or service not known`,
  unroutable: () => "ping: connect: Network is unreachable",
  unsent: () => "ping: sendmsg: Network is unreachable",
  tooBig: (mtu) => `ping: local error: message too long, mtu=${mtu}`,
  data: stamped,
  reply: printReply,
  error: printError,
  statistics: printStatistics,
  lastWaitNs: waitOf,
};

function printCommand(action: PingAction): string {
  const { to, count = 1, intervalMs, dataLen, isDontFragment, ttl } = action;
  const words = ["ping", `-c ${count}`];
  if (intervalMs !== undefined) words.push(`-i ${intervalMs / 1000}`);
  if (dataLen !== undefined) words.push(`-s ${dataLen}`);
  if (isDontFragment !== undefined) words.push(`-M ${isDontFragment ? "do" : "dont"}`);
  if (ttl !== undefined) words.push(`-t ${ttl}`);
  return [...words, to].join(" ");
}

// The time, and bytes that count upwards.
function stamped(len: number, nowNs: number): Uint8Array {
  const data = Uint8Array.from({ length: len }, (_, at) => at);
  if (len < STAMP_LEN) return data;
  viewOf(data).setBigUint64(0, BigInt(Math.floor(nowNs / SECOND)), true);
  viewOf(data).setBigUint64(8, BigInt(Math.floor((nowNs % SECOND) / 1000)), true);
  return data;
}

function printReply({ len, from, sequence, ttl, rttUs, isRepeat }: EchoReply): string {
  const time = rttUs === null ? "" : ` time=${printTime(rttUs)} ms`;
  const again = isRepeat ? " (DUP!)" : "";
  return `${len} bytes from ${from}: icmp_seq=${sequence} ttl=${ttl}${time}${again}`;
}

// Three digits that count, more or less.
function printTime(us: number): string {
  if (us >= 99_950) return String(Math.floor((us + 500) / 1000));
  if (us >= 9_995) return (Math.floor((us + 50) / 100) / 10).toFixed(1);
  if (us >= 1_000) return (Math.floor((us + 5) / 10) / 100).toFixed(2);
  return printMs(us);
}

const UNREACHABLE: readonly string[] = [
  ...["Destination Net Unreachable", "Destination Host Unreachable"],
  ...["Destination Protocol Unreachable", "Destination Port Unreachable"],
  ...["Frag needed and DF set", "Source Route Failed"],
  ...["Destination Net Unknown", "Destination Host Unknown", "Source Host Isolated"],
  ...["Destination Net Prohibited", "Destination Host Prohibited"],
  "Destination Net Unreachable for Type of Service",
  "Destination Host Unreachable for Type of Service",
  "Packet filtered",
];

function printError(error: EchoError): string {
  return `From ${error.from} icmp_seq=${error.sequence} ${wordsOf(error)}`;
}

function wordsOf({ type, code, mtu, gateway }: EchoError): string {
  if (type === 3 && code === 4) return `${UNREACHABLE[code]} (mtu = ${mtu})`;
  if (type === 3) return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
  if (type === 11) return code === 0 ? "Time to live exceeded" : "Frag reassembly time exceeded";
  if (type === 5) return `Redirect ${code === 0 ? "Network" : "Host"}(New nexthop: ${gateway})`;
  return type === 4 ? "Source Quench" : "Parameter problem";
}

function printStatistics(name: string, books: PingBooks): string {
  const { sent, received, repeats, errors } = books;
  const counts = [`${sent} packets transmitted`, `${received} received`];
  if (repeats > 0) counts.push(`+${repeats} duplicates`);
  if (errors > 0) counts.push(`+${errors} errors`);
  if (sent > 0) {
    counts.push(`${printShare(((sent - received) * 100) / sent)}% packet loss`);
    counts.push(`time ${Math.round((books.lastNs - books.firstNs) / MILLISECOND)}ms`);
  }
  const tail: string[] = [];
  if (books.rttsUs.length > 0) {
    const { minUs, averageUs, maxUs, deviationUs } = books;
    const times = [minUs, averageUs, maxUs, deviationUs].map(printMs).join("/");
    tail.push(`rtt min/avg/max/mdev = ${times} ms`);
  }
  if (books.pipe > 1) tail.push(`pipe ${books.pipe}`);
  return ["", `--- ${name} ping statistics ---`, counts.join(", "), tail.join(", ")].join("\n");
}

// As C's %g: six digits, and no zeros behind them.
function printShare(percent: number): string {
  return String(Number(percent.toPrecision(6)));
}

function waitOf(books: PingBooks, intervalNs: number): number {
  if (books.rttsUs.length === 0) return LINGER_NS;
  return Math.max(2 * books.maxUs * 1000, intervalNs);
}
