// Packets between a device and a socket, a burst at a time, in one thread: read or received into
// slots of the core's arena, one call of the core, written or sent from where the core left them.
// A burst is over, and its slots are free again, before the next begins.
import {
  applyJournal,
  type Burst,
  BurstAt,
  type Caps,
  DescAt,
  DescFlag,
  HEADROOM_LEN,
  type HeddleNode,
  type JournalEntry,
  type JournalResult,
  NONE,
  PieceAt,
  Status,
  statusName,
} from "../core/index.ts";
import { Egress } from "./egress.ts";
import {
  CallError,
  EAGAIN,
  EINTR,
  errno,
  errnoName,
  libc,
  MSG_DONTWAIT,
  MSG_TRUNC,
} from "./libc.ts";
import { Listings } from "./listing.ts";
import { ReceiveRing } from "./messages.ts";
import { NativeMemory } from "./native.ts";
import { PathMtus } from "./path-mtu.ts";
import { type Backend, DEVICE_PORT, type Flow, TUNNEL_PORT } from "./pump.ts";
import { Tally } from "./tally.ts";
import { Taps } from "./tap.ts";

const BURST = 64; // packets that are taken in before the core is called
const OUT_CAP = 512; // descriptors that come out: a flooded frame takes one for each remote
const PIECE_CAP = 64;
const SPARE_LEN = 65536; // what the core makes out of a burst: 64 ICMP errors of 576 bytes, copies
const FRAME_LEN = 18; // an Ethernet header with a tag, on top of the MTU
const SLOT_STRIDE_MIN = 2048;
const AGE_MS = 1000;
const AGE_BUDGET = 1024; // buckets of the FDB that one look for expired entries takes in

type Element = (node: number, burst: number) => number;

export interface DatapathOptions {
  backend: Backend;
  deviceFd: number;
  socketFd: number;
  /** The tunnel's own port, and its peers' where a remote does not say otherwise. */
  udpPort: number;
  mtu: number;
  /** The socket refuses what is too long for the path, and hears what routers say about it. */
  pathMtu: boolean;
  caps: Partial<Caps>;
}

export type DatapathCaps = Partial<Caps> & Pick<Caps, "slots" | "slotStride" | "scratch">;

/** The capacities of a node that has room for a datapath. */
export function datapathCaps({ mtu, caps }: DatapathOptions): DatapathCaps {
  const needed = HEADROOM_LEN + FRAME_LEN + mtu + 1; // one more byte gives a longer packet away
  const slotStride = Math.max(SLOT_STRIDE_MIN, Math.ceil(needed / 64) * 64);
  const slots = BURST + 2 * Math.ceil(SPARE_LEN / slotStride);
  const burst = BurstAt.End + (BURST + OUT_CAP) * DescAt.End + PIECE_CAP * PieceAt.End;
  const scratch = 2 * burst + ReceiveRing.bytes(BURST) + Egress.BYTES + 64;
  return { remotes: 1024, ...caps, slotStride, slots, scratch: scratch + (caps.scratch ?? 0) };
}

export class Datapath {
  readonly tally: Tally = new Tally();
  readonly listings: Listings;
  readonly taps: Taps;
  readonly #node: HeddleNode;
  readonly #view: DataView;
  readonly #native: NativeMemory;
  readonly #options: DatapathOptions;
  readonly #ring: ReceiveRing;
  readonly #egress: Egress;
  readonly #pathMtus: PathMtus | undefined;
  readonly #encap: Burst;
  readonly #decap: Burst;
  readonly #encapBurst: Element;
  readonly #decapBurst: Element;
  readonly #readLen: number;
  #reads = 1; // how many packets the device is asked for
  #agedMs = 0;
  #nowMs = 0; // of the burst that runs

  /** Requires: a node with `datapathCaps`, and no other burst in it. */
  constructor(node: HeddleNode, options: DatapathOptions) {
    this.#node = node;
    this.listings = new Listings(node);
    this.taps = new Taps(node);
    this.#view = node.view;
    this.#native = new NativeMemory(node.core.memory);
    this.#options = options;
    const first = node.takeSlots(BURST);
    const slots = Array.from({ length: BURST }, (_, i) => node.slot(first + i));
    const ringAt = node.takeScratch(ReceiveRing.bytes(BURST));
    this.#ring = new ReceiveRing(this.#native, ringAt, slots, node.slotStride);
    this.#readLen = node.slotStride - HEADROOM_LEN;
    const { tally } = this;
    const pathMtus = options.pathMtu ? new PathMtus(node, options.socketFd, tally) : undefined;
    const onTrouble = pathMtus && ((): void => pathMtus.hear(this.#nowMs));
    this.#pathMtus = pathMtus;
    const egressAt = node.takeScratch(Egress.BYTES);
    this.#egress = new Egress(this.#native, egressAt, tally, options, onTrouble);
    const isUdp = options.backend === "udp";
    const packets = slots.map((slot) => slot + HEADROOM_LEN);
    this.#encap = layBurst(node, packets, DEVICE_PORT, isUdp ? DescFlag.L3 : 0);
    this.#decap = layBurst(node, slots, TUNNEL_PORT, 0);
    const { exports } = node;
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
    const count = this.#read();
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

  /** Takes in what the socket has heard about packets that did not arrive. */
  hearErrors(nowMs: number): void {
    this.#pathMtus?.hear(nowMs);
  }

  /** One burst from the tunnel to the device. */
  fromTunnel(nowMs: number): void {
    const count = this.#receive();
    if (count === 0) return;
    const outCount = this.#run(this.#decapBurst, this.#decap, count, nowMs);
    const end = this.#decap.out + outCount * DescAt.End;
    for (let desc = this.#decap.out; desc < end; desc += DescAt.End) {
      if (this.taps.isOpen) this.taps.leave(desc, "device", nowMs);
      this.#egress.write(desc);
    }
    this.#egress.flush();
  }

  // A device gives one packet a call, and says EAGAIN when there are no more. To save that call
  // where packets come one by one, no more are asked for than came the last time; whenever all of
  // them came, twice as many.
  #read(): number {
    const { deviceFd } = this.#options;
    let count = 0;
    while (count < this.#reads) {
      const desc = this.#encap.in + count * DescAt.End;
      const ptr = this.#view.getUint32(desc + DescAt.Ptr, true);
      const len = libc.read(deviceFd, this.#native.base + ptr, this.#readLen);
      if (len > 0) {
        this.#takeIn(desc, len, this.tally.deviceIn);
        if (len === this.#readLen) this.#refuse(desc, "read");
        count += 1;
      } else if (len === 0 || errno() === EAGAIN || (count > 0 && errno() !== EINTR)) {
        break; // what was read goes on first; the next read hears of an error again
      } else if (errno() !== EINTR) {
        throw new CallError("read from the device", errno());
      }
    }
    this.#reads = count === this.#reads ? Math.min(2 * count, BURST) : Math.max(count, 1);
    return count;
  }

  #receive(): number {
    const ring = this.#ring;
    const { socketFd } = this.#options;
    const count = libc.recvmmsg(socketFd, ring.address(0), ring.count, MSG_DONTWAIT, 0);
    if (count === -1) {
      const reason = errno();
      if (reason !== EAGAIN && reason !== EINTR) this.tally.lose("recvmmsg", errnoName(reason));
      return 0;
    }
    for (let i = 0; i < count; i++) {
      const desc = this.#decap.in + i * DescAt.End;
      this.#takeIn(desc, ring.len(i), this.tally.tunnelIn);
      this.#view.setUint32(desc + DescAt.Peer, ring.peer(i), true);
      this.#view.setUint8(desc + DescAt.Tos, ring.takeTos(i));
      if ((ring.flags(i) & MSG_TRUNC) !== 0) this.#refuse(desc, "recvmmsg");
    }
    return count;
  }

  #takeIn(desc: number, len: number, flow: Flow): void {
    this.#view.setUint32(desc + DescAt.Len, len, true);
    this.#view.setInt16(desc + DescAt.Verdict, Status.Ok, true);
    flow.packets += 1;
    flow.bytes += len;
  }

  // A packet that its slot could not hold: the core passes over what has a verdict.
  #refuse(desc: number, call: string): void {
    this.#view.setInt16(desc + DescAt.Verdict, Status.TooBig, true);
    this.tally.lose(call, "EMSGSIZE");
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

/** A burst of packets that always lie at the same places; only their lengths change. */
function layBurst(
  node: HeddleNode,
  packets: readonly number[],
  port: number,
  flags: number,
): Burst {
  const burst = node.openBurst({
    capacity: packets.length,
    outCapacity: OUT_CAP,
    pieces: PIECE_CAP,
    spareBytes: SPARE_LEN,
    slots: 0,
  });
  const { view } = node;
  view.setUint32(burst.address + BurstAt.Port, TUNNEL_PORT, true);
  node.bytes.fill(0, burst.in, burst.in + packets.length * DescAt.End);
  packets.forEach((ptr, i) => {
    const desc = burst.in + i * DescAt.End;
    view.setUint32(desc + DescAt.Ptr, ptr, true);
    view.setUint16(desc + DescAt.Port, port, true);
    view.setUint16(desc + DescAt.Remote, NONE, true);
    view.setUint16(desc + DescAt.Flags, flags, true);
  });
  return burst;
}
