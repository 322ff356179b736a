// What mixed.ts does inside its namespaces: streams whose bytes are hashed at both ends, and
// numbered datagrams.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface StreamEnd {
  readonly bytes: number;
  readonly hash: string;
}

export interface DatagramEnd {
  readonly count: number;
  /** Datagrams that came behind one that was sent later. */
  readonly late: number;
  /** Whose bytes are not those that were sent. */
  readonly bad: number;
}

const CHUNK_LEN = 1 << 18;
const DATAGRAM_LEN = 1390;
const PAUSE_MS = 5;
const DATAGRAMS = 20; // between two pauses
const SETTLE_MS = 500;

let server: Server | undefined;
const ends: Promise<StreamEnd>[] = [];

/** Takes in streams. Returns the port. */
export async function listen(address: string): Promise<number> {
  ends.length = 0;
  server = createServer((socket) => {
    const hash = createHash("sha256");
    let bytes = 0;
    socket.on("data", (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    ends.push(once(socket, "end").then(() => ({ bytes, hash: hash.digest("hex") })));
  });
  server.listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

/** What the streams were that came in. */
export async function streams(): Promise<StreamEnd[]> {
  const all = await Promise.all(ends);
  server?.close();
  return all;
}

/** Sends until time is up or all is sent; `seed` makes the bytes. */
export async function stream(
  to: { address: string; port: number },
  { seconds, bytes, seed }: { seconds: number; bytes: number; seed: number },
): Promise<StreamEnd> {
  const socket = connect(to.port, to.address);
  await once(socket, "connect");
  const hash = createHash("sha256");
  const endMs = performance.now() + seconds * 1000;
  let sent = 0;
  for (let round = 0; sent < bytes && performance.now() < endMs; round++) {
    const chunk = bytesOf(seed + round, Math.min(CHUNK_LEN, bytes - sent));
    hash.update(chunk);
    sent += chunk.length;
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  socket.end();
  await once(socket, "close");
  return { bytes: sent, hash: hash.digest("hex") };
}

let taken: DatagramEnd = { count: 0, late: 0, bad: 0 };
let sink: ReturnType<typeof createSocket> | undefined;

/** Takes in datagrams. Returns the port. */
export async function listenForDatagrams(address: string): Promise<number> {
  taken = { count: 0, late: 0, bad: 0 };
  let last = -1;
  sink = createSocket("udp4");
  sink.on("message", (message) => {
    const number = message.readUInt32BE(0);
    const isBad = !message.equals(datagram(number));
    const isLate = number <= last;
    last = Math.max(last, number);
    taken = {
      count: taken.count + 1,
      late: taken.late + Number(isLate),
      bad: taken.bad + Number(isBad),
    };
  });
  sink.bind(0, address);
  await once(sink, "listening");
  return sink.address().port;
}

export function datagrams(): DatagramEnd {
  sink?.close();
  return taken;
}

/** Sends numbered datagrams for so long. Returns how many. */
export async function sendDatagrams(
  to: { address: string; port: number },
  seconds: number,
): Promise<number> {
  const socket = createSocket("udp4");
  let number = 0;
  for (const endMs = performance.now() + seconds * 1000; performance.now() < endMs; ) {
    for (let i = 0; i < DATAGRAMS; i++) socket.send(datagram(number++), to.port, to.address);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  socket.close();
  return number;
}

/** What the kernel of this namespace has counted: `TcpInCsumErrors` and so on. */
export function counters(): Record<string, number> {
  return { ...countersOf("/proc/net/snmp"), ...countersOf("/proc/net/netstat") };
}

/** Resident memory of this process, bytes, when nothing is left that nobody needs. */
export function rss(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage.rss();
}

/** Each group has a line of names and a line of values. */
function countersOf(path: string): Record<string, number> {
  const lines = readFileSync(path, "latin1").trim().split("\n");
  const counted: Record<string, number> = {};
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [group = "", ...names] = (lines[at] ?? "").split(" ");
    const [, ...values] = (lines[at + 1] ?? "").split(" ");
    names.forEach((name, i) => {
      counted[`${group.slice(0, -1)}${name}`] = Number(values[i]);
    });
  }
  return counted;
}

function datagram(number: number): Buffer {
  const bytes = bytesOf(number, DATAGRAM_LEN);
  bytes.writeUInt32BE(number, 0);
  return bytes;
}

/** Bytes that no other number has at the same place. */
function bytesOf(number: number, len: number): Buffer {
  const bytes = Buffer.allocUnsafe(len);
  let state = (number + 1) * 0x9e3779b1;
  for (let at = 0; at + 4 <= len; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes.writeInt32LE(state, at);
  }
  bytes.fill(number & 0xff, len & ~3);
  return bytes;
}
