// busybox's ping.
import { SECOND } from "../clock.ts";
import { viewOf } from "../packet/bytes.ts";
import type { PingAction } from "../scenario.ts";
import { type PingBooks, printMs } from "./ping-books.ts";
import type { EchoReply, PingStyle } from "./ping-style.ts";

const WAIT_NS = 10 * SECOND;
const STAMP_LEN = 4;

export const BUSYBOX_PING: PingStyle = {
  firstSequence: 0,
  stampLen: STAMP_LEN,
  failureCode: 1,
  command: printCommand,
  banner: (name, address, dataLen) => `PING ${name} (${address}): ${dataLen} data bytes`,
  unknownName: (name) => `ping: bad address '${name}'`,
  unroutable: (banner) => `${banner}\nping: sendto: Network is unreachable`,
  unsent: () => null,
  tooBig: () => "ping: sendto: Message too long",
  data: stamped,
  reply: printReply,
  error: () => "", // it has no ear for errors
  statistics: printStatistics,
  lastWaitNs: waitOf,
};

function printCommand({ to, count = 1, intervalMs, dataLen, ttl }: PingAction): string {
  const words = ["ping", `-c ${count}`];
  if (intervalMs !== undefined) words.push(`-i ${intervalMs / 1000}`);
  if (dataLen !== undefined) words.push(`-s ${dataLen}`);
  if (ttl !== undefined) words.push(`-t ${ttl}`);
  return [...words, to].join(" ");
}

// Microseconds of its own clock as the machine has them, and zeros.
function stamped(len: number, nowNs: number): Uint8Array {
  const data = new Uint8Array(len);
  if (len >= STAMP_LEN) viewOf(data).setUint32(0, Math.floor(nowNs / 1000) % 2 ** 32, true);
  return data;
}

function printReply({ len, from, sequence, ttl, rttUs, isRepeat }: EchoReply): string {
  const time = rttUs === null ? "" : ` time=${printMs(rttUs)} ms`;
  return `${len} bytes from ${from}: seq=${sequence} ttl=${ttl}${time}${isRepeat ? " (DUP!)" : ""}`;
}

function printStatistics(name: string, books: PingBooks): string {
  const { sent, received, repeats } = books;
  const loss = sent === 0 ? 0 : Math.floor(((sent - received) * 100) / sent);
  const again = repeats > 0 ? `${repeats} duplicates, ` : "";
  const counts = `${sent} packets transmitted, ${received} packets received, ${again}${loss}%`;
  const lines = ["", `--- ${name} ping statistics ---`, `${counts} packet loss`];
  if (books.rttsUs.length > 0) {
    const times = [books.minUs, books.averageUs, books.maxUs].map(printMs).join("/");
    lines.push(`round-trip min/avg/max = ${times} ms`);
  }
  return lines.join("\n");
}

function waitOf(books: PingBooks): number {
  if (books.received === 0) return WAIT_NS;
  return Math.max(1, Math.floor(books.maxUs / (512 * 1024))) * SECOND;
}
