// A node: one network namespace, with its tables, counters, scratch and packet slots.
import type { Abi } from "./abi.ts";
import { Burst, type BurstOptions } from "./burst.ts";
import { RECORDS_LEN } from "./caps.ts";
import type { Core } from "./core.ts";
import { type Field, field, u32, word } from "./field.ts";
import { NodeInfoAt, Status } from "./layout.ts";
import { RecordLayout } from "./record.ts";
import { accept, HeddleError, type StatusName } from "./status.ts";
import { Conns } from "./tables/conns.ts";
import { Domains } from "./tables/domains.ts";
import { Fdb } from "./tables/fdb.ts";
import { Flood } from "./tables/flood.ts";
import { Hops } from "./tables/hops.ts";
import { Neighbors } from "./tables/neighbors.ts";
import { Ports } from "./tables/ports.ts";
import { Remotes } from "./tables/remotes.ts";
import type { Room } from "./tables/room.ts";
import { Routes } from "./tables/routes.ts";
import { Rules } from "./tables/rules.ts";

const COUNTER_LEN = 8;
const SCRATCH_ALIGN = 8;

/** Where a node's parts lie, and how many of each table's records are in use. */
export interface NodeInfo {
  readonly arena: number;
  readonly slotStride: number;
  readonly slotCount: number;
  /** Address of u64[256], indexed by a status without its sign. */
  readonly counters: number;
  readonly scratch: number;
  readonly scratchLen: number;
  /** The whole node. */
  readonly bytes: number;
  readonly routes: number;
  readonly routePoolBytes: number;
  readonly hops: number;
  readonly fdb: number;
  readonly neighbors: number;
  readonly remotes: number;
  readonly ports: number;
  readonly domains: number;
  readonly flood: number;
  readonly conns: number;
  readonly rules: number;
}

const infoLayout = new RecordLayout<NodeInfo, NodeInfo>(
  { name: "info", len: NodeInfoAt.End },
  {
    arena: number(NodeInfoAt.Arena),
    slotStride: number(NodeInfoAt.SlotStride),
    slotCount: number(NodeInfoAt.SlotCount),
    counters: number(NodeInfoAt.Counters),
    scratch: number(NodeInfoAt.Scratch),
    scratchLen: number(NodeInfoAt.ScratchLen),
    bytes: number(NodeInfoAt.Bytes),
    routes: number(NodeInfoAt.Routes),
    routePoolBytes: number(NodeInfoAt.RoutePoolBytes),
    hops: number(NodeInfoAt.Hops),
    fdb: number(NodeInfoAt.Fdb),
    neighbors: number(NodeInfoAt.Neighbors),
    remotes: number(NodeInfoAt.Remotes),
    ports: number(NodeInfoAt.Ports),
    domains: number(NodeInfoAt.Domains),
    flood: number(NodeInfoAt.Flood),
    conns: number(NodeInfoAt.Conns),
    rules: number(NodeInfoAt.Rules),
  },
);

function number(at: number): Field<number> {
  return field(u32(at), word);
}

/** One network namespace: its tables, and the room for bursts. */
export class HeddleNode implements Room {
  readonly core: Core;
  readonly exports: Abi;
  /** Over the whole memory; never detaches. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** What the functions of the core know it by. */
  readonly address: number;

  readonly arena: number;
  readonly slotCount: number;
  readonly slotStride: number;
  readonly records: number;
  readonly recordsLen: number = RECORDS_LEN;

  readonly ports: Ports;
  readonly domains: Domains;
  readonly remotes: Remotes;
  readonly fdb: Fdb;
  readonly flood: Flood;
  readonly hops: Hops;
  readonly routes: Routes;
  readonly neighbors: Neighbors;
  readonly rules: Rules;
  readonly conns: Conns;

  readonly #counters: number;
  readonly #scratchEnd: number;
  #scratch: number; // its first free byte
  #slots = 0; // how many are taken, from the front

  /** `Core.openNode` makes these. Requires: `size`, what `node_size` said. */
  constructor(core: Core, address: number, size: number) {
    const infoAt = address + size - NodeInfoAt.End; // scratch or arena, and nothing is there yet
    this.core = core;
    this.exports = core.exports;
    this.bytes = core.bytes;
    this.view = core.view;
    this.address = address;
    accept(core.exports.node_info(address, infoAt), address, "the address of a node");
    const info = infoLayout.read(core.view, infoAt);
    this.arena = info.arena;
    this.slotCount = info.slotCount;
    this.slotStride = info.slotStride;
    this.#counters = info.counters;
    this.#scratch = info.scratch;
    this.#scratchEnd = info.scratch + info.scratchLen;
    this.records = this.takeScratch(RECORDS_LEN, 64);
    this.ports = new Ports(this);
    this.domains = new Domains(this);
    this.remotes = new Remotes(this);
    this.fdb = new Fdb(this);
    this.flood = new Flood(this);
    this.hops = new Hops(this);
    this.routes = new Routes(this);
    this.neighbors = new Neighbors(this);
    this.rules = new Rules(this);
    this.conns = new Conns(this);
  }

  /** Where the node's parts lie, as addresses, and how full its tables are. */
  info(): NodeInfo {
    accept(this.exports.node_info(this.address, this.records), this.address, "an open node");
    return infoLayout.read(this.view, this.records);
  }

  /** What was counted, by name, without zeros. `Ok` counts packets that went through. */
  counters(): Partial<Record<StatusName, bigint>> {
    const counted = (Object.keys(Status) as StatusName[]).map((name): [StatusName, bigint] => [
      name,
      this.view.getBigUint64(this.#counters - Status[name] * COUNTER_LEN, true),
    ]);
    return Object.fromEntries(counted.filter(([, count]) => count > 0n));
  }

  /** Tables, counters and time as after opening. Scratch and slots stay taken. */
  reset(): void {
    accept(this.exports.node_reset(this.address), this.address, "an open node");
  }

  /** Takes bytes of scratch for good. Returns their address. */
  takeScratch(len: number, align: number = SCRATCH_ALIGN): number {
    const address = this.#scratchFor(len, align);
    this.#scratch = address + len;
    return address;
  }

  /** Takes `count` packet slots for good. Returns the index of the first. */
  takeSlots(count: number): number {
    const first = this.#slotsFor(count);
    this.#slots = first + count;
    return first;
  }

  /** Throws what `takeScratch` and `takeSlots` would, and takes nothing. */
  checkRoom(scratchLen: number, slotCount: number): void {
    this.#scratchFor(scratchLen, SCRATCH_ALIGN);
    this.#slotsFor(slotCount);
  }

  #scratchFor(len: number, align: number): number {
    const address = Math.ceil(this.#scratch / align) * align;
    const left = Math.max(0, this.#scratchEnd - address);
    if (Number.isInteger(len) && len >= 0 && len <= left) return address;
    throw new HeddleError("NoRoom", len, `scratch: at most ${left} bytes: see Caps.scratch`);
  }

  #slotsFor(count: number): number {
    const left = this.slotCount - this.#slots;
    if (Number.isInteger(count) && count >= 0 && count <= left) return this.#slots;
    throw new HeddleError("NoRoom", count, `slots: at most ${left}: see Caps.slots`);
  }

  /** The address of slot `at`. */
  slot(at: number): number {
    if (Number.isInteger(at) && at >= 0 && at < this.slotCount) {
      return this.arena + at * this.slotStride;
    }
    throw new HeddleError("BadValue", at, `slot: a whole number below ${this.slotCount}`);
  }

  /** In the debug build, fills slots with 0xdd so that nobody reads them by mistake. */
  poisonSlots(first: number, count: number): void {
    const status = this.exports.slot_poison(this.address, first, count);
    accept(status, [first, count], `slots: a range of ${this.slotCount}`);
  }

  /** Takes scratch and slots for a burst, for good. */
  openBurst(options: BurstOptions = {}): Burst {
    return new Burst(this, options);
  }
}
