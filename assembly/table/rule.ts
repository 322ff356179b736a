// The rules of address translation. A new flow asks those of its hook in the order of their
// indexes, and the first that matches decides; a Skip leads on to a later one, so that chains which
// call each other can be written flat.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { Hop, HopKind, hopAt } from "./hop";
import { routeFind } from "./lookup";
import { isPortAddress, portAt, usePort } from "./port";
import {
  addTo,
  giveRow,
  isRow,
  layRows,
  MARK,
  NONE,
  rowAt,
  rowCapacity,
  rowFree,
  rowNext,
  rowPtr,
  shapeOf,
  takeRow,
} from "./rows";
import { Tuple } from "./tuple";

/** A rule record, 64 bytes. */
export const enum RuleAt {
  Index = 0, // u16; 0xffff takes a free one
  Action = 2, // u16, RuleAction
  Flags = 4, // u16, RuleFlag
  Hook = 6, // u8, RuleHook
  Protocol = 7, // u8; 0 means any
  Port = 8, // u16, or 0xffff
  Next = 10, // u16, of a Skip
  Source = 12, // u32
  Target = 16, // u32
  SourceLen = 20, // u8
  TargetLen = 21, // u8
  FirstPort = 22, // u16, of the target
  LastPort = 24, // u16; 0 means any
  ToPort = 26, // u16; 0 lets it be
  ToAddress = 28, // u32
  Hits = 32, // u32, read: new flows that it matched
  End = 64,
}

export const enum RuleHook {
  Prerouting = 1,
  Output = 2,
  Postrouting = 3,
}

export const enum RuleAction {
  Accept = 1,
  Skip = 2,
  Dnat = 3,
  Snat = 4, // the first that changes the source
  Masquerade = 5,
}

export const enum RuleFlag {
  NotSource = 1,
  NotTarget = 2,
  NotPort = 4,
  TargetLocal = 8,
  RandomPort = 16,
}

const RULE_LEN: u32 = RuleAt.End;
const INPUT_LEN: u32 = RuleAt.Hits; // what a set may change
const NAMED_LEN: u32 = INPUT_LEN + 4;

if (RuleAt.Action != MARK) ERROR("rule: the action marks a row");

/** A rule lying in its table. */
@unmanaged
@final
export class Rule {
  static at(ptr: usize): Rule {
    return changetype<Rule>(ptr);
  }

  get action(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.Action);
  }
  get flags(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.Flags);
  }
  get hook(): u32 {
    return load<u8>(changetype<usize>(this), RuleAt.Hook);
  }
  get protocol(): u32 {
    return load<u8>(changetype<usize>(this), RuleAt.Protocol);
  }
  get port(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.Port);
  }
  get next(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.Next);
  }
  get firstPort(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.FirstPort);
  }
  get lastPort(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.LastPort);
  }
  get toPort(): u32 {
    return load<u16>(changetype<usize>(this), RuleAt.ToPort);
  }
  get toAddress(): u32 {
    return load<u32>(changetype<usize>(this), RuleAt.ToAddress);
  }

  coversSource(address: u32): bool {
    const self = changetype<usize>(this);
    return covers(load<u32>(self, RuleAt.Source), load<u8>(self, RuleAt.SourceLen), address);
  }
  coversTarget(address: u32): bool {
    const self = changetype<usize>(this);
    return covers(load<u32>(self, RuleAt.Target), load<u8>(self, RuleAt.TargetLen), address);
  }
}

function covers(prefix: u32, len: u32, address: u32): bool {
  return len == 0 || (prefix ^ address) >> (32 - len) == 0;
}

/** Returns: the first address behind the table. */
export function layRules(node: usize, base: usize, rules: u32): usize {
  return layRows(node + nodeAt.RULE, base, rules, shapeOf(RULE_LEN, NAMED_LEN, RuleAt.End));
}

/** Makes or replaces a rule. Requires: a legal record. Returns: its index, NotFound or NoRoom. */
export function ruleSet(node: usize, rec: usize): i32 {
  const rows = node + nodeAt.RULE;
  const port: u32 = load<u16>(rec, RuleAt.Port);
  if (port != NONE && portAt(node, port) == 0) return Status.NotFound;
  let index: i32 = load<u16>(rec, RuleAt.Index);
  if (index == NONE) index = rowFree(rows);
  if (index < 0 || <u32>index >= rowCapacity(rows)) return Status.NoRoom;
  const row = rowPtr(rows, index);
  usePort(node, port, 1);
  if (isRow(row)) usePort(node, Rule.at(row).port, -1);
  else takeRow(rows);
  memory.copy(row, rec, INPUT_LEN);
  return index;
}

/** Returns: Ok or NotFound. */
export function ruleRemove(node: usize, index: u32): Status {
  const row = rowAt(node + nodeAt.RULE, index);
  if (row == 0) return Status.NotFound;
  usePort(node, Rule.at(row).port, -1);
  giveRow(node + nodeAt.RULE, index);
  return Status.Ok;
}

/**
 * What the rules of `hook` say of a new flow. `port` is where it came in, or goes out; NONE of the
 * node's own. Returns: the index of the rule that changes it, or NotFound.
 */
export function ruleFind(node: usize, hook: u32, protocol: u32, t: Tuple, port: u32): i32 {
  const rows = node + nodeAt.RULE;
  let index = rowNext(rows, -1);
  while (index >= 0) {
    const rule = ruleAt(node, index);
    let after = index;
    if (rule.hook == hook && matches(node, rule, protocol, t, port)) {
      addTo(rows, index, RuleAt.Hits, 1);
      if (rule.action > <u32>RuleAction.Skip) return index;
      if (rule.action == RuleAction.Accept) return Status.NotFound;
      after = rule.next - 1; // behind this one, so there is an end
    }
    index = rowNext(rows, after);
  }
  return index;
}

/** The rule at an index that ruleFind gave. */
export function ruleAt(node: usize, index: u32): Rule {
  return Rule.at(rowPtr(node + nodeAt.RULE, index));
}

function matches(node: usize, rule: Rule, protocol: u32, t: Tuple, port: u32): bool {
  const flags = rule.flags;
  if (rule.protocol != 0 && rule.protocol != protocol) return false;
  if (rule.port != NONE && (rule.port == port) == isSet(flags, RuleFlag.NotPort)) return false;
  if (rule.coversSource(t.src) == isSet(flags, RuleFlag.NotSource)) return false;
  if (rule.coversTarget(t.dst) == isSet(flags, RuleFlag.NotTarget)) return false;
  const last = rule.lastPort;
  if (last != 0 && (t.dstPort < rule.firstPort || t.dstPort > last)) return false;
  return !isSet(flags, RuleFlag.TargetLocal) || isLocal(node, t.dst);
}

function isSet(flags: u32, flag: u32): bool {
  return (flags & flag) != 0;
}

// True for the address of a port, and for each that a route calls local.
function isLocal(node: usize, address: u32): bool {
  const hop = Hop.at(hopAt(node, routeFind(node, address)));
  if (changetype<usize>(hop) != 0 && hop.kind == HopKind.Local) return true;
  return isPortAddress(node, address);
}
