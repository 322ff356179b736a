import {
  anyOf,
  byte,
  field,
  index,
  indexOrAny,
  ipv4,
  type NameOf,
  NONE,
  oneOf,
  orNone,
  prefix,
  readOnly,
  short,
  u8,
  u16,
  u32,
  withFallback,
  word,
} from "../field.ts";
import { RuleAction, RuleAt, RuleFlag, RuleHook } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { IndexedTable } from "./indexed.ts";
import type { Room } from "./room.ts";

export type RuleActionName = NameOf<typeof RuleAction>;
export type RuleFlagName = NameOf<typeof RuleFlag>;
export type RuleHookName = NameOf<typeof RuleHook>;

/** What new flows are asked for, and what becomes of those of which all is true. */
export interface RuleInit {
  /** The rules of a hook are asked in this order. null, or left out: a free one. */
  readonly index?: number | null;
  readonly hook: RuleHookName;
  readonly action: RuleActionName;
  /** Where `skip` goes on: behind this rule. */
  readonly next?: number;
  /** Of IPv4; 0, or left out: any. */
  readonly protocol?: number;
  /** Where it came in, behind routing where it goes out. null, or left out: any. */
  readonly port?: number | null;
  readonly source?: string;
  readonly target?: string;
  /** The target's ports of TCP and UDP, from the first to the last; a last of 0: any. */
  readonly firstPort?: number;
  readonly lastPort?: number;
  /** What `dnat` makes the target, and `snat` the source. */
  readonly toAddress?: string | null;
  /** 0, or left out: the port that it has, or a free one. */
  readonly toPort?: number;
  readonly flags?: readonly RuleFlagName[];
}

export interface Rule extends Required<RuleInit> {
  readonly index: number;
  /** New flows of which all was true. */
  readonly hits: number;
}

const ANY = "0.0.0.0/0";

export const ruleLayout: RecordLayout<RuleInit, Rule> = new RecordLayout(
  { name: "rules", len: RuleAt.End },
  {
    index: field(u16(RuleAt.Index), indexOrAny, null),
    hook: field(u8(RuleAt.Hook), oneOf(RuleHook)),
    action: field(u16(RuleAt.Action), oneOf(RuleAction)),
    next: field(u16(RuleAt.Next), index, 0),
    protocol: field(u8(RuleAt.Protocol), byte, 0),
    port: field(u16(RuleAt.Port), orNone(index, NONE), null),
    source: withFallback(prefix(u8(RuleAt.SourceLen), u32(RuleAt.Source)), ANY),
    target: withFallback(prefix(u8(RuleAt.TargetLen), u32(RuleAt.Target)), ANY),
    firstPort: field(u16(RuleAt.FirstPort), short, 0),
    lastPort: field(u16(RuleAt.LastPort), short, 0),
    toAddress: field(u32(RuleAt.ToAddress), orNone(ipv4, 0), null),
    toPort: field(u16(RuleAt.ToPort), short, 0),
    flags: field(u16(RuleAt.Flags), anyOf(RuleFlag), []),
    hits: readOnly(u32(RuleAt.Hits), word),
  },
);

/** By index. Flows that a rule has decided go on when it is removed. */
export class Rules extends IndexedTable<RuleInit, Rule> {
  constructor(room: Room) {
    const { rule_set: set, rule_get: get, rule_remove: remove, rule_next: next } = room.exports;
    super(room, ruleLayout, { set, get, remove, next });
  }
}
