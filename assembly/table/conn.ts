// A flow, and how its addresses are translated.
//
// It has an original tuple, that of its first packet, and a reply tuple, that of the packets which
// come back. Where a packet stands between its two translations, it has a third, the middle:
//
//                  comes in        target changed       source changed
//   original way   original        middle               reply, back
//   reply way      reply           middle, back         original, back
//
// The middle goes from the original source to the reply's.
import { Tuple, tupleAt } from "./tuple";

/** A conn record, 64 bytes. */
export const enum ConnAt {
  Protocol = 0, // u8
  State = 1, // u8, ConnState
  Flags = 2, // u16, ConnFlag
  Source = 4, // u32, of the original way, as the three that follow
  Target = 8, // u32
  SourcePort = 12, // u16
  TargetPort = 14, // u16
  ReplySource = 16, // u32, of the reply way, as the three that follow
  ReplyTarget = 20, // u32
  ReplySourcePort = 24, // u16
  ReplyTargetPort = 26, // u16
  SourceRule = 28, // u16, that changed the source, or 0xffff
  TargetRule = 30, // u16, that changed the target, or 0xffff
  SeenS = 32, // u32
  LeftS = 36, // u32, read
  End = 64,
}

export const enum ConnState {
  New = 1,
  Replied = 2,
  Assured = 3,
  Closing = 4,
  Closed = 5,
}

export const enum ConnFlag {
  SourceChosen = 1,
}

/** Which way a packet of a flow goes. */
export const enum Way {
  Original,
  Reply,
  Neither,
}

const PROTOCOL_ICMP: u32 = 1;
const PROTOCOL_TCP: u32 = 6;
const PROTOCOL_UDP: u32 = 17;

// Seconds of silence that a flow outlives, by protocol and state: Linux's (nf_conntrack-sysctl).
const STATES: u32 = ConnState.Closed;
const TCP_ROW: u32 = 0;
const UDP_ROW: u32 = 1;
const ICMP_ROW: u32 = 2;
const OTHER_ROW: u32 = 3;
const timeouts: usize = memory.data<u32>([
  120, 60, 432000, 120, 10, 30, 30, 120, 120, 120, 30, 30, 30, 30, 30, 600, 600, 600, 600, 600,
]);

const place: usize = memory.data(<i32>tupleAt.END, 8); // a tuple that is compared

/** A flow lying in its table. */
@unmanaged
@final
export class Conn {
  static at(ptr: usize): Conn {
    return changetype<Conn>(ptr);
  }

  get protocol(): u32 {
    return load<u8>(changetype<usize>(this), ConnAt.Protocol);
  }
  get state(): u32 {
    return load<u8>(changetype<usize>(this), ConnAt.State);
  }
  get isSourceChosen(): bool {
    return load<u16>(changetype<usize>(this), ConnAt.Flags) != 0;
  }
  get original(): Tuple {
    return Tuple.at(changetype<usize>(this) + ConnAt.Source);
  }
  get reply(): Tuple {
    return Tuple.at(changetype<usize>(this) + ConnAt.ReplySource);
  }
  get seenS(): u32 {
    return load<u32>(changetype<usize>(this), ConnAt.SeenS);
  }

  /** The middle: from the original source to the reply's. */
  get middleAddresses(): u64 {
    return ((<u64>this.reply.src) << 32) | this.original.src;
  }
  get middlePorts(): u32 {
    return (this.reply.srcPort << 16) | this.original.srcPort;
  }

  /** Writes what a packet of this way has as its tuple, before routing or behind it. */
  emitAt(way: Way, isBefore: bool, to: Tuple): void {
    const isReply = way == Way.Reply;
    if (isBefore) {
      const t = isReply ? this.reply : this.original;
      to.emit(t.addresses, t.ports);
    } else {
      to.emit(this.middleAddresses, this.middlePorts);
      if (isReply) to.emitBack(to);
    }
  }

  /** Which way a packet goes that has `t` there. */
  wayOf(t: Tuple, isBefore: bool): Way {
    for (let way: u32 = Way.Original; way < <u32>Way.Neither; way++) {
      this.emitAt(way, isBefore, Tuple.at(place));
      if (t.equals(Tuple.at(place))) return way;
    }
    return Way.Neither;
  }

  /** What a packet of this way turns into: the other tuple, seen from the other side. */
  answer(way: Way): Tuple {
    return way == Way.Original ? this.reply : this.original;
  }

  setState(state: u32): void {
    store<u8>(changetype<usize>(this), <u8>state, ConnAt.State);
  }
  setSeen(nowS: u32): void {
    store<u32>(changetype<usize>(this), nowS, ConnAt.SeenS);
  }
  setTargetRule(index: u32): void {
    store<u16>(changetype<usize>(this), <u16>index, ConnAt.TargetRule);
  }
  setSourceRule(index: u32): void {
    store<u16>(changetype<usize>(this), ConnFlag.SourceChosen, ConnAt.Flags);
    store<u16>(changetype<usize>(this), <u16>index, ConnAt.SourceRule);
  }

  /** Seconds of silence that the flow outlives. */
  get timeoutS(): u32 {
    const index = rowOf(this.protocol) * STATES + this.state - 1;
    return load<u32>(timeouts + (index << 2));
  }

  isExpired(nowS: u32): bool {
    return nowS - this.seenS >= this.timeoutS;
  }
}

function rowOf(protocol: u32): u32 {
  switch (protocol) {
    case PROTOCOL_TCP:
      return TCP_ROW;
    case PROTOCOL_UDP:
      return UDP_ROW;
    case PROTOCOL_ICMP:
      return ICMP_ROW;
    default:
      return OTHER_ROW;
  }
}
