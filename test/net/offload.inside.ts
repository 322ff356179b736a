// What offload.test.ts does inside its namespace: two TUN devices, and the core between them.
import { type Burst, type BurstFlagName, openCore } from "../../bindings/core/index.ts";
import { type Device, openDevice, VIRTIO_HEADER_LEN } from "../../bindings/node/device.ts";
import {
  AF_INET,
  addressOf,
  libc,
  must,
  SOCK_DGRAM,
  SOL_UDP,
  UDP_SEGMENT,
} from "../../bindings/node/libc.ts";

const ROOM_LEN = 1 << 17;
const ROUND_MAX = 64; // packets, before somebody else has a turn

export interface Relayed {
  /** Packets that the kernel handed over, and how many of them were super-packets. */
  read: number;
  superRead: number;
  /** What these became between the devices. */
  segments: number;
  written: number;
  superWritten: number;
  /** Packets that the core or the kernel refused. */
  lost: number;
}

const devices = new Map<string, Device>();
const room = new Uint8Array(new ArrayBuffer(ROOM_LEN));
let relaying: { isOver: boolean; readonly told: Relayed } | undefined;

export function open(name: string, hasOffload: boolean): string {
  const device = openDevice("tun", name, { hasOffload });
  devices.set(name, device);
  return device.offload ?? "nothing";
}

export function close(name: string): void {
  devices.get(name)?.close();
  devices.delete(name);
}

/** One datagram socket sends `bytes`, to be cut after each `segmentLen` of them. */
export function sendSegmented(
  target: readonly number[],
  bytes: Uint8Array,
  segmentLen: number,
): void {
  const fd = must(libc.socket(AF_INET, SOCK_DGRAM, 0), "socket UDP");
  try {
    const own = Uint8Array.of(AF_INET, 0, 0x13, 0x88, 0, 0, 0, 0, ...new Uint8Array(8));
    must(libc.bind(fd, own, own.length), "bind");
    const value = Int32Array.of(segmentLen);
    must(libc.setsockopt(fd, SOL_UDP, UDP_SEGMENT, value, 4), "UDP_SEGMENT");
    const peer = Uint8Array.of(AF_INET, 0, 0, 9, ...target, ...new Uint8Array(8));
    must(libc.sendto(fd, bytes, bytes.length, 0, peer, peer.length), "sendto");
  } finally {
    libc.close(fd);
  }
}

/** All that waits in a device. */
export function readAll(name: string): Uint8Array[] {
  const device = devices.get(name) as Device;
  const packets: Uint8Array[] = [];
  for (let len = readOne(device); len > 0; len = readOne(device)) packets.push(room.slice(0, len));
  return packets;
}

/** What the core makes of one packet of a device. */
export async function cutAlone(header: Uint8Array, packet: Uint8Array): Promise<Uint8Array[]> {
  return cut((await openBursts()).cutter, header, packet);
}

/** Hands packets from each of two devices to the other, cut and joined on the way. */
export async function relay(names: readonly [string, string]): Promise<void> {
  const [a, b] = names.map((name) => devices.get(name) as Device) as [Device, Device];
  const { cutter, joiner } = await openBursts();
  const told = { read: 0, superRead: 0, segments: 0, written: 0, superWritten: 0, lost: 0 };
  const task = { isOver: false, told };
  relaying = task;
  const turn = (): void => {
    if (task.isOver) return;
    const moved = move(a, b, cutter, joiner, told) + move(b, a, cutter, joiner, told);
    if (moved > 0) setImmediate(turn);
    else setTimeout(turn, 1);
  };
  turn();
}

async function openBursts(): Promise<{ cutter: Burst; joiner: Burst }> {
  const core = await openCore({ memoryBytes: 8 << 20 });
  const node = core.openNode({ seed: 1n, slots: 8, slotStride: 1 << 17, scratch: 1 << 17 });
  const options = { capacity: 1, outCapacity: 128, pieces: 1024, spareBytes: 1 << 16 };
  return { cutter: node.openBurst(options), joiner: node.openBurst(options) };
}

export function endRelay(): Relayed {
  if (relaying === undefined) throw new Error("nothing is relayed");
  relaying.isOver = true;
  return relaying.told;
}

function move(from: Device, to: Device, cutter: Burst, joiner: Burst, told: Relayed): number {
  let moved = 0;
  for (let len = 0; moved < ROUND_MAX; moved++) {
    len = readOne(from);
    if (len <= 0) break;
    const header = room.slice(0, VIRTIO_HEADER_LEN);
    const packet = room.slice(VIRTIO_HEADER_LEN, len);
    told.read += 1;
    if ((header[1] ?? 0) !== 0) told.superRead += 1;
    const segments = cut(cutter, header, packet);
    if (segments.length === 0) told.lost += 1;
    told.segments += segments.length;
    for (const joined of join(joiner, segments)) write(to, joined, told);
  }
  return moved;
}

function cut(burst: Burst, header: Uint8Array, packet: Uint8Array): Uint8Array[] {
  burst.clear();
  burst.push({ bytes: packet, flags: ["l3"] });
  burst.node.bytes.set(header, burst.inAt(0).ptr - header.length);
  return run(burst, "segment_burst", ["virtio"]);
}

// As they would come out of a socket with UDP_GRO: all but the last of one length.
function join(burst: Burst, segments: readonly Uint8Array[]): Uint8Array[] {
  if (segments.length === 0) return [];
  burst.clear();
  const range = Buffer.concat(segments);
  const gsoSize = segments[0]?.length ?? 0;
  burst.push({ bytes: range, flags: ["l3", "udpGro"], gsoSize });
  return run(burst, "coalesce_burst", ["virtio", "udpL4"]);
}

function run(
  burst: Burst,
  element: "segment_burst" | "coalesce_burst",
  flags: readonly BurstFlagName[],
): Uint8Array[] {
  const count = burst.run(element, performance.now(), 0, 0, flags);
  return Array.from({ length: count }, (_, at) => burst.outBytes(at));
}

function write(to: Device, bytes: Uint8Array, told: Relayed): void {
  const own = new Uint8Array(new ArrayBuffer(bytes.length));
  own.set(bytes);
  told.written += 1;
  if ((own[1] ?? 0) !== 0) told.superWritten += 1;
  if (libc.write(to.fd, addressOf(own), own.length) !== own.length) told.lost += 1;
}

function readOne(device: Device): number {
  return libc.read(device.fd, addressOf(room), room.length);
}
