import {
  byte,
  field,
  index,
  ipv4,
  type NameOf,
  NONE,
  oneOf,
  orNone,
  readOnly,
  short,
  u8,
  u16,
  u32,
  word,
} from "../field.ts";
import { ConnAt, ConnState, Status } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { accept } from "../status.ts";
import { checkTime } from "./bulk.ts";
import type { Room } from "./room.ts";

export type ConnStateName = NameOf<typeof ConnState>;

/**
 * A packet of a flow: of either way, before, between or behind its translations. An echo has its
 * identifier as the port of the end that asks; whatever has no ports has zeros.
 */
export interface ConnKey {
  /** Of IPv4. */
  readonly protocol: number;
  readonly source: string;
  readonly target: string;
  readonly sourcePort: number;
  readonly targetPort: number;
}

/** A flow: what its first packet said, and what those that come back say. */
export interface Conn extends ConnKey {
  readonly replySource: string;
  readonly replyTarget: string;
  readonly replySourcePort: number;
  readonly replyTargetPort: number;
  readonly state: ConnStateName;
  /** True once the rules behind routing were asked. */
  readonly isSourceChosen: boolean;
  /** The rule that changed the source, and the one that changed the target. */
  readonly sourceRule: number | null;
  readonly targetRule: number | null;
  /** Seconds of `nowMs` when the last packet came. */
  readonly seenS: number;
  /** Seconds of silence that are left. */
  readonly leftS: number;
}

const yes = { parse: Number, print: (value: number): boolean => value !== 0 };

export const connLayout: RecordLayout<ConnKey, Conn> = new RecordLayout(
  { name: "conns", len: ConnAt.End },
  {
    protocol: field(u8(ConnAt.Protocol), byte),
    source: field(u32(ConnAt.Source), ipv4),
    target: field(u32(ConnAt.Target), ipv4),
    sourcePort: field(u16(ConnAt.SourcePort), short),
    targetPort: field(u16(ConnAt.TargetPort), short),
    replySource: readOnly(u32(ConnAt.ReplySource), ipv4),
    replyTarget: readOnly(u32(ConnAt.ReplyTarget), ipv4),
    replySourcePort: readOnly(u16(ConnAt.ReplySourcePort), short),
    replyTargetPort: readOnly(u16(ConnAt.ReplyTargetPort), short),
    state: readOnly(u8(ConnAt.State), oneOf(ConnState)),
    isSourceChosen: readOnly(u16(ConnAt.Flags), yes),
    sourceRule: readOnly(u16(ConnAt.SourceRule), orNone(index, NONE)),
    targetRule: readOnly(u16(ConnAt.TargetRule), orNone(index, NONE)),
    seenS: readOnly(u32(ConnAt.SeenS), word),
    leftS: readOnly(u32(ConnAt.LeftS), word),
  },
);

const keyLayout = connLayout.key("protocol", "source", "target", "sourcePort", "targetPort");

/** The flows that `nat_burst` follows. */
export class Conns implements Iterable<Conn> {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /** The flow that a packet belongs to. */
  get(key: ConnKey, nowMs: number): Conn | undefined {
    const { address, exports, records, view } = this.#room;
    checkTime(nowMs);
    this.#put(key);
    const status = exports.conn_get(address, records, nowMs);
    if (status === Status.NotFound) return undefined;
    accept(status, key, "conns: a key");
    return connLayout.read(view, records);
  }

  /** Forgets the flow that a packet belongs to. Returns false when there was none. */
  remove(key: ConnKey): boolean {
    const { address, exports, records } = this.#room;
    this.#put(key);
    const status = exports.conn_remove(address, records);
    if (status === Status.NotFound) return false;
    accept(status, key, "conns: a key");
    return true;
  }

  /** Removes flows that have timed out; looks at `budget` and goes on there the next time. */
  age(budget: number, nowMs: number): number {
    const { address, exports } = this.#room;
    word.parse(budget, "conns.age: budget");
    return accept(exports.conn_age(address, budget, checkTime(nowMs)), budget, "conns: a budget");
  }

  /** In no order. What changes on the way is seen or not; the rest is seen once. */
  *[Symbol.iterator](): Iterator<Conn> {
    const { address, exports, records, view } = this.#room;
    for (let cursor = 0; ; ) {
      cursor = accept(exports.conn_next(address, cursor, records), cursor, "conns: a cursor");
      if (cursor === 0) return;
      yield connLayout.read(view, records);
    }
  }

  #put(key: ConnKey): void {
    this.#room.bytes.set(keyLayout.encodeOne(key), this.#room.records);
  }
}
