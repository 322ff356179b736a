// Packets between a device and a socket, a burst at a time, in one thread: read or received into
// the core's arena, one call of the core, written or sent from where the core left them. A burst is
// over, and its room is free again, before the next begins.
import {
  applyJournal,
  type Burst,
  BurstAt,
  BurstFlag,
  type Caps,
  DescAt,
  DescFlag,
  type HeddleNode,
  type JournalEntry,
  type JournalResult,
  PieceAt,
  statusName,
} from "../core/index.ts";
import { VIRTIO_HEADER_LEN } from "./device.ts";
import { Egress } from "./egress.ts";
import { Intake } from "./intake.ts";
import { Listings } from "./listing.ts";
import { ReceiveRing } from "./messages.ts";
import { NativeMemory } from "./native.ts";
import type { PumpOffload } from "./offload.ts";
import { PathMtus } from "./path-mtu.ts";
import { DEVICE_PORT, TUNNEL_PORT } from "./ports.ts";
import type { Backend } from "./pump.ts";
import { RECEIVE_HEADROOM_LEN, Reception } from "./reception.ts";
import { Tally } from "./tally.ts";
import { Taps } from "./tap.ts";

const BURST = 64; // packets that are taken in before the core is called
const ROWS = 16; // messages that are received at once where each may hold 64 datagrams
const FRAME_LEN = 18; // an Ethernet header with a tag, on top of the MTU
const SUPER_LEN = 65535 + FRAME_LEN; // longest packet that a device leaves to us to cut
const DATAGRAM_LEN = 65535; // longest payload of a datagram, and of a row of them
const RECEIVED_LEN_MIN = 2048; // of peers whose MTU is more than ours
const HEADER_LEN = 8; // of VXLAN, in front of a frame
const SLOT_STRIDE = 2048;
const AGE_MS = 1000;
const AGE_BUDGET = 1024; // buckets of the FDB that one look for expired entries takes in

// What comes out of a burst: with offloads up to 64 datagrams of each row, or as many segments as
// the intake holds. A flooded frame takes a descriptor for each remote.
const PLAIN_ROOM: Room = { outs: 512, pieces: 64, spareLen: 64 << 10 };
const OFFLOAD_ROOM: Room = { outs: 1024, pieces: 8192, spareLen: 256 << 10 };

interface Room {
  readonly outs: number;
  readonly pieces: number;
  readonly spareLen: number;
}

type Element = (node: number, burst: number) => number;

export interface DatapathOptions {
  backend: Backend;
  deviceFd: number;
  /** What packets are received from. */
  socketFd: number;
  /** What they are sent through, by flow. */
  laneFds: readonly number[];
  /** The tunnel's own port, and its peers' where a remote does not say otherwise. */
  udpPort: number;
  mtu: number;
  /** The socket refuses what is too long for the path, and hears what routers say about it. */
  pathMtu: boolean;
  offload: PumpOffload;
  caps: Partial<Caps>;
}

export type DatapathCaps = Partial<Caps> & Pick<Caps, "slots" | "slotStride" | "scratch">;

/** The capacities of a node that has room for a datapath. */
export function datapathCaps(options: DatapathOptions): DatapathCaps {
  const { caps, laneFds } = options;
  const { outs, pieces, spareLen } = roomFor(options);
  const { intakeLen, rows, rowLen } = sizesFor(options);
  const burst = BurstAt.End + (BURST + outs) * DescAt.End + pieces * PieceAt.End;
  const scratch = 2 * burst + ReceiveRing.bytes(rows) + Egress.bytes(laneFds.length) + 64;
  const slots = slotsFor(intakeLen) + slotsFor(rows * rowLen) + 2 * slotsFor(spareLen);
  return {
    remotes: 1024,
    ...caps,
    slotStride: SLOT_STRIDE,
    slots,
    scratch: scratch + (caps.scratch ?? 0),
  };
}

function roomFor({ offload }: DatapathOptions): Room {
  return offload.device === undefined && !offload.gro ? PLAIN_ROOM : OFFLOAD_ROOM;
}

interface Sizes {
  /** Longest packet of the device. */
  readonly lenMax: number;
  readonly intakeLen: number;
  /** Messages of the socket that one call takes, and bytes for each. */
  readonly rows: number;
  readonly rowLen: number;
}

function sizesFor({ mtu, offload }: DatapathOptions): Sizes {
  const isSuper = offload.device === "tcp" || offload.device === "udp";
  const lenMax = isSuper ? SUPER_LEN : FRAME_LEN + mtu;
  const receivedLen = offload.gro ? DATAGRAM_LEN : Math.max(RECEIVED_LEN_MIN, lenMax + HEADER_LEN);
  const rowLen = Math.ceil((RECEIVE_HEADROOM_LEN + receivedLen + 1) / 64) * 64;
  return {
    lenMax,
    intakeLen: Intake.bytes(lenMax, BURST),
    rows: offload.gro ? ROWS : BURST,
    rowLen,
  };
}

function slotsFor(bytes: number): number {
  return Math.ceil(bytes / SLOT_STRIDE);
}

export class Datapath {
  readonly tally: Tally = new Tally();
  readonly listings: Listings;
  readonly taps: Taps;
  readonly #node: HeddleNode;
  readonly #view: DataView;
  readonly #intake: Intake;
  readonly #reception: Reception;
  readonly #egress: Egress;
  readonly #pathMtus: PathMtus | undefined;
  readonly #encap: Burst;
  readonly #decap: Burst;
  readonly #encapBurst: Element;
  readonly #decapBurst: Element;
  #agedMs = 0;
  #nowMs = 0; // of the burst that runs

  /** Requires: a node with `datapathCaps`, and no other burst in it. */
  constructor(node: HeddleNode, options: DatapathOptions) {
    this.#node = node;
    this.#view = node.view;
    this.listings = new Listings(node);
    const headerLen = options.offload.device === undefined ? 0 : VIRTIO_HEADER_LEN;
    this.taps = new Taps(node, headerLen);
    const native = new NativeMemory(node.core.memory);
    this.#encap = layBurst(node, options, 0);
    this.#decap = layBurst(node, options, flagsOut(options.offload));
    this.#intake = layIntake(node, native, this.#encap, this.tally, options);
    this.#reception = layReception(node, native, this.#decap, this.tally, options);
    const sockets = [...new Set([options.socketFd, ...options.laneFds])];
    const pathMtus = options.pathMtu ? new PathMtus(node, sockets, this.tally) : undefined;
    const onTrouble = pathMtus && ((): void => pathMtus.hear(this.#nowMs));
    this.#pathMtus = pathMtus;
    const egressAt = node.takeScratch(Egress.bytes(options.laneFds.length));
    this.#egress = new Egress(native, egressAt, this.tally, options, onTrouble);
    const { exports } = node;
    const isUdp = options.backend === "udp";
    this.#encapBurst = isUdp ? exports.udp_encap_burst : exports.vxlan_encap_burst;
    this.#decapBurst = isUdp ? exports.udp_decap_burst : exports.vxlan_decap_burst;
  }

  /** Changes the tables. To be called between bursts. */
  apply(entries: readonly JournalEntry[], nowMs: number): JournalResult[] {
    const results = applyJournal(this.#node, entries, nowMs);
    entries.forEach((entry, i) => {
      const result = results[i];
      if (entry.table !== "remotes" || result?.code !== "Ok") return;
      const isSet = entry.op === "set";
      const remote = isSet ? result.value : entry.record.index;
      this.#egress.setRemotePort(remote, isSet ? (entry.record.udpPort ?? 0) : 0);
    });
    return results;
  }

  /** Forgets what is too old, now and then. */
  age(nowMs: number): void {
    if (nowMs - this.#agedMs < AGE_MS) return;
    this.#agedMs = nowMs;
    this.#node.fdb.age(AGE_BUDGET, nowMs);
    this.#pathMtus?.expire(nowMs);
  }

  /** One burst from the device into the tunnel. Throws CallError when the device is gone. */
  fromDevice(nowMs: number): void {
    const count = this.#intake.take();
    if (count === 0) return;
    const outCount = this.#run(this.#encapBurst, this.#encap, count, nowMs);
    const { taps } = this;
    const end = this.#encap.out + outCount * DescAt.End;
    for (let desc = this.#encap.out; desc < end; desc += DescAt.End) {
      const flags = this.#view.getUint16(desc + DescAt.Flags, true);
      const isAnswer = (flags & DescFlag.Originated) !== 0; // to who sent the packet
      if (taps.isOpen) taps.leave(desc, isAnswer ? "device" : "tunnel", nowMs);
      if (isAnswer) this.#egress.write(desc);
      else this.#egress.send(desc);
    }
    this.#egress.flush();
  }

  /** Takes in what the sockets have heard about packets that did not arrive. */
  hearErrors(nowMs: number): void {
    this.#pathMtus?.hear(nowMs);
  }

  /** One burst from the tunnel to the device. */
  fromTunnel(nowMs: number): void {
    const count = this.#reception.take();
    if (count === 0) return;
    const outCount = this.#run(this.#decapBurst, this.#decap, count, nowMs);
    const end = this.#decap.out + outCount * DescAt.End;
    for (let desc = this.#decap.out; desc < end; desc += DescAt.End) {
      if (this.taps.isOpen) this.taps.leave(desc, "device", nowMs);
      this.#egress.write(desc);
    }
    this.#egress.flush();
  }

  #run(element: Element, burst: Burst, count: number, nowMs: number): number {
    this.#nowMs = nowMs;
    this.#view.setUint32(burst.address + BurstAt.InCount, count, true);
    this.#view.setFloat64(burst.address + BurstAt.NowMs, nowMs, true);
    this.tally.bursts += 1;
    const isTapped = this.taps.isOpen;
    const place = burst === this.#encap ? "device" : "tunnel";
    if (isTapped) this.taps.arrive(burst, count, place, nowMs);
    const outCount = element(this.#node.address, burst.address);
    if (isTapped) this.taps.judge();
    if (outCount >= 0) return outCount;
    this.tally.lose("core", statusName(outCount), count);
    return 0;
  }
}

/** A burst that works for the tunnel, the same in all its runs but for what goes in. */
function layBurst(node: HeddleNode, options: DatapathOptions, flags: number): Burst {
  const { outs, pieces, spareLen } = roomFor(options);
  const burst = node.openBurst({
    capacity: BURST,
    outCapacity: outs,
    pieces,
    spareBytes: spareLen,
    slots: 0,
  });
  node.view.setUint32(burst.address + BurstAt.Port, TUNNEL_PORT, true);
  const virtio = options.offload.device === undefined ? 0 : BurstFlag.Virtio;
  node.view.setUint32(burst.address + BurstAt.Flags, virtio | flags, true);
  return burst;
}

function flagsOut({ deviceTakesUdp }: PumpOffload): number {
  return deviceTakesUdp ? BurstFlag.UdpL4 : 0;
}

function layIntake(
  node: HeddleNode,
  native: NativeMemory,
  burst: Burst,
  tally: Tally,
  options: DatapathOptions,
): Intake {
  const { backend, deviceFd: fd, offload } = options;
  const { lenMax, intakeLen } = sizesFor(options);
  const at = node.slot(node.takeSlots(slotsFor(intakeLen)));
  const flags = backend === "udp" ? DescFlag.L3 : 0;
  const hasHeader = offload.device !== undefined;
  const settings = { fd, hasHeader, lenMax, port: DEVICE_PORT, flags };
  return new Intake(native, [at, intakeLen], burst, tally, settings);
}

function layReception(
  node: HeddleNode,
  native: NativeMemory,
  burst: Burst,
  tally: Tally,
  options: DatapathOptions,
): Reception {
  const { rows, rowLen } = sizesFor(options);
  const first = node.slot(node.takeSlots(slotsFor(rows * rowLen)));
  const packets = Array.from({ length: rows }, (_, i) => first + i * rowLen + RECEIVE_HEADROOM_LEN);
  const at = node.takeScratch(ReceiveRing.bytes(rows));
  return new Reception(native, at, burst, tally, {
    fd: options.socketFd,
    packets,
    roomLen: rowLen - RECEIVE_HEADROOM_LEN,
    port: TUNNEL_PORT,
  });
}
