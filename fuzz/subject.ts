// A node in both builds that a suite works on, its records passed through its scratch.
import { type Caps, NodeInfoAt, type StatusName, statusName } from "../bindings/core/index.ts";
import type { RecordLayout } from "../bindings/core/record.ts";
import type { FunctionName, Twins } from "./twins.ts";

/** Small tables, so that they fill up, and few bytes to compare. */
export const SMALL: Caps = {
  routes: 24,
  routePoolBytes: 0,
  hops: 9,
  fdb: 12,
  neighbors: 8,
  remotes: 16,
  ports: 6,
  domains: 4,
  flood: 8,
  conns: 6,
  rules: 5,
  scratch: 4096,
  slots: 12,
  slotStride: 2048,
};

const INFO_LEN = NodeInfoAt.End;

export class Subject {
  readonly twins: Twins;
  readonly node: number;
  readonly len: number;
  readonly counters: number;
  readonly scratch: number;
  readonly scratchLen: number;
  readonly arena: number;
  readonly slotCount: number;
  readonly slotStride: number;

  constructor(twins: Twins, caps: Caps, seed: bigint) {
    this.twins = twins;
    const len = twins.nodeSize(caps);
    this.node = expectOk(twins.openNode(caps, seed));
    // A node ends with its arena, and there is no packet in it yet.
    const info = this.node + len - INFO_LEN;
    expectOk(twins.call("node_info", this.node, info));
    const read = (at: number): number => twins.view.getUint32(info + at, true);
    this.len = read(NodeInfoAt.Bytes);
    this.counters = read(NodeInfoAt.Counters);
    this.scratch = read(NodeInfoAt.Scratch);
    this.scratchLen = read(NodeInfoAt.ScratchLen);
    this.arena = read(NodeInfoAt.Arena);
    this.slotCount = read(NodeInfoAt.SlotCount);
    this.slotStride = read(NodeInfoAt.SlotStride);
  }

  get end(): number {
    return this.node + this.len;
  }

  /** Where slot `at` begins. */
  slot(at: number): number {
    return this.arena + at * this.slotStride;
  }

  /** Calls a function that takes one record. Returns what it answered. */
  one<Init extends object>(
    name: FunctionName,
    layout: RecordLayout<Init, object>,
    record: Init,
    ...more: number[]
  ): number {
    this.twins.write(this.scratch, layout.encode([record]));
    return this.twins.call(name, this.node, this.scratch, ...more);
  }

  /** Calls a function that takes many records. Returns the status of each. */
  many<Init extends object>(
    name: FunctionName,
    layout: RecordLayout<Init, object>,
    statusAt: number,
    records: readonly Init[],
    ...more: number[]
  ): StatusName[] {
    this.twins.write(this.scratch, layout.encode(records));
    const done = this.twins.call(name, this.node, this.scratch, records.length, ...more);
    const statuses = records.map((_, at) => {
      const place = this.scratch + at * layout.len + statusAt;
      return statusName(this.twins.view.getInt16(place, true));
    });
    const succeeded = statuses.filter((status) => status === "Ok").length;
    if (done === succeeded) return statuses;
    throw new Error(`${name} answered ${done}, and wrote ${statuses.join(" ")}`);
  }

  /** The record that the last call left at the beginning of scratch. */
  told<Full extends object>(layout: RecordLayout<never, Full>): Full {
    return layout.read(this.twins.view, this.scratch);
  }

  /** What was counted of a status. */
  counted(status: number): bigint {
    return this.twins.view.getBigUint64(this.counters - status * 8, true);
  }
}

/** Throws for a status. */
export function expectOk(answer: number): number {
  if (answer < 0) throw new Error(`the core answered ${statusName(answer)}`);
  return answer;
}

/** What a call answered, a status by its name. */
export function named(answer: number): number | StatusName {
  return answer < 0 ? statusName(answer) : answer;
}
